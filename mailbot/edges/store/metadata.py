"""What all tables share: the naming of their keys."""

from typing import Any

from sqlalchemy import MetaData

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
NUMBERED: dict[str, Any] = {"sqlite_autoincrement": True}  # a ticket number is never given twice

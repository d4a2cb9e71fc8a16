"""The two things SQL spells differently or limits: ON CONFLICT and the number of values in one statement."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Item = TypeVar("Item")
Insert = postgresql.Insert | sqlite.Insert


def insert(conn: Connection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT on this connection's database."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def chunks(items: Sequence[Item], size: int = 500) -> Iterator[Sequence[Item]]:
    """Slices of at most `size`, for IN lists."""
    for start in range(0, len(items), size):
        yield items[start : start + size]

"""Bringing the schema up to date with Alembic, inside the caller's transaction."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from mailbot.edges.store.schema import HEAD
from mailbot.errors import StoreError

SCRIPTS = Path(__file__).parents[2] / "migrations"
_POSTGRES_LOCK = 0x6D61696C626F74  # "mailbot": two programs that start together migrate one after the other


def is_current(conn: Connection) -> bool:
    """True when nothing is to be done; cheap, Alembic is not even imported."""
    return _revision(conn) == HEAD


def upgrade(conn: Connection) -> None:
    """Run the missing migrations. Raises StoreError (French) when a newer program has written this
    database."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = conn
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    revision = _revision(conn)
    if revision is not None and revision not in known:
        raise StoreError(
            f"la base de données a été écrite par une version plus récente de mailbot (schéma {revision}, ce programme "
            f"connaît {HEAD}). Installez la version récente, ou restaurez une sauvegarde antérieure."
        )
    command.upgrade(config, "head")


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar()

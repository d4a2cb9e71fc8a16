"""What databases spell differently or limit: ON CONFLICT, waiting for one another, values in one statement."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql, sqlite

Item = TypeVar("Item")
Insert = postgresql.Insert | sqlite.Insert


def insert(conn: Connection, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT on this connection's database."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def one_at_a_time(conn: Connection, names: Iterable[str]) -> None:
    """Until the end of the transaction, nobody else gets past this call with one of these names.

    For what looks first and writes then. SQLite has a single writer anyway; on PostgreSQL these are advisory locks,
    taken in one order so that nobody waits in a circle."""
    if conn.dialect.name == "postgresql":
        keys = sorted({zlib.crc32(name.encode("utf-8", "replace")) for name in names})
        locks = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
        conn.execute(locks, {"keys": keys}).all()


def chunks(items: Sequence[Item], size: int = 500) -> Iterator[Sequence[Item]]:
    """Slices of at most `size`, for IN lists."""
    for start in range(0, len(items), size):
        yield items[start : start + size]

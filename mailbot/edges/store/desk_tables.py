"""Tables: what agents do on the page: who is on a case, notes, second approvals. The full-text index of the cases is
the database's own (see migration 0007): an FTS5 table kept by triggers on SQLite, a GIN index on PostgreSQL."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, text

from mailbot.edges.store.columns import BigId, CleanText, Instant, Key
from mailbot.edges.store.metadata import NUMBERED, metadata

_WAITS = text("waiting_since IS NOT NULL")

desk_cases = Table(
    "desk_cases",
    metadata,
    Column("case_id", BigId, primary_key=True, autoincrement=False),
    Column("holder", Key),
    Column("held_at", Instant),
    Column("waiting_since", Instant),
    Column("changed_at", Instant, nullable=False),
    Index(None, "holder"),
    Index(None, "changed_at"),
    Index("ix_desk_cases_waiting", "case_id", sqlite_where=_WAITS, postgresql_where=_WAITS),
)

viewers = Table(
    "viewers",
    metadata,
    Column("case_id", BigId, primary_key=True, autoincrement=False),
    Column("person", Key, primary_key=True),
    Column("seen_at", Instant, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("case_id", BigId, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Index(None, "case_id"),
    **NUMBERED,
)

second_opinions = Table(
    "second_opinions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("case_id", BigId, nullable=False),
    Column("reply_id", BigId, nullable=False),
    Column("version", Integer, nullable=False),
    Column("asked_by", CleanText, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("question", CleanText, nullable=False),
    Column("given_by", CleanText),
    Column("given_at", Instant),
    Column("granted", Boolean),
    Index(None, "case_id"),
    **NUMBERED,
)

"""Tables: which case was merged into which by whom, with what is needed to take it back."""

from sqlalchemy import Boolean, Column, Index, Table

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key
from mailbot.edges.store.metadata import NUMBERED, metadata

merges = Table(
    "merges",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("case_id", BigId, nullable=False),
    Column("into_case", BigId, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("state_before", Key, nullable=False),
    Column("thread_before", Key, nullable=False),
    Column("moved", Json, nullable=False),
    Column("followers", Json, nullable=False),
    Column("reply_before", Key),
    Column("ended_at", Instant),
    Column("ended_by", CleanText),
    Index(None, "case_id"),
    Index(None, "into_case"),
    **NUMBERED,
)

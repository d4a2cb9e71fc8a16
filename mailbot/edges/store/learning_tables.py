"""Tables: what agents corrected."""

from sqlalchemy import Boolean, Column, Index, Table

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key
from mailbot.edges.store.metadata import NUMBERED, metadata

corrections = Table(
    "corrections",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("case_id", BigId, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("intents_before", Json, nullable=False),
    Column("intents", Json, nullable=False),
    Column("remedy_before", Key),
    Column("remedy", Key),
    Column("order_before", Key),
    Column("order_id", Key),
    Column("customer_name", CleanText, nullable=False),
    Column("subject", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("used", Boolean, nullable=False),
    Index(None, "case_id"),
    Index(None, "used", "id"),
    **NUMBERED,
)

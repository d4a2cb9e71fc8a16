"""Tables: the agents: accounts, sessions, rights, and the audit log of what they saw and did."""

from sqlalchemy import Column, ForeignKey, Index, Table

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key
from mailbot.edges.store.metadata import NUMBERED, metadata

people = Table(
    "people",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("name", Key, nullable=False),
    Column("name_key", Key, nullable=False, unique=True),
    Column("role", Key, nullable=False),
    Column("accounts", Json),
    Column("password", CleanText),
    Column("totp_secret", CleanText),
    Column("totp_step", BigId),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    **NUMBERED,
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", Key, primary_key=True),
    Column("person_id", BigId, ForeignKey("people.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("digest", Key, nullable=False, unique=True),
    Column("person_id", BigId, ForeignKey("people.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("browser", CleanText, nullable=False),
    Column("address", Key, nullable=False),
    Index(None, "person_id"),
    **NUMBERED,
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("name_key", Key, nullable=False),
    Column("address", Key, nullable=False),
    Index(None, "name_key", "at"),
    Index(None, "address", "at"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("digest", Key, primary_key=True),
    Column("person_id", BigId, ForeignKey("people.id"), primary_key=True),
    Column("used_at", Instant),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("kind", Key, nullable=False),
    Column("case_id", BigId),
    Column("detail", CleanText, nullable=False),
    Column("previous", Key, nullable=False),
    Column("digest", Key, nullable=False),
    Index(None, "case_id"),
    **NUMBERED,
)

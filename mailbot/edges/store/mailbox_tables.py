"""Tables: drafts shown in the mailbox of the agents, what they sent from there, and addresses that send mail back."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, Table, UniqueConstraint

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key
from mailbot.edges.store.metadata import NUMBERED, metadata

mailbox_folders = Table(
    "mailbox_folders",
    metadata,
    Column("account", Key, primary_key=True),
    Column("kind", Key, primary_key=True),
    Column("folder", Key, nullable=False),
    Column("uidvalidity", BigId, nullable=False),
    Column("first_uid", BigId, nullable=False),
    Column("cutoff", Instant),
    Column("seen_at", Instant),
    Column("trouble", CleanText),
)

mailbox_drafts = Table(
    "mailbox_drafts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account", Key, nullable=False),
    Column("case_id", BigId, nullable=False),
    Column("reply_id", BigId, nullable=False),
    Column("version", BigId, nullable=False),
    Column("token", Key, nullable=False, unique=True),
    Column("message_id", Key, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("state", Key, nullable=False),
    Column("folder", Key, nullable=False),
    Column("uidvalidity", BigId, nullable=False),
    Column("floor", BigId, nullable=False),
    Column("uid", BigId),
    Column("planned_at", Instant, nullable=False),
    Column("moved_at", Instant, nullable=False),
    Column("missing_since", Instant),
    Column("reason", CleanText),
    Index(None, "account", "state"),
    Index(None, "case_id"),
    Index(None, "reply_id"),
    Index(None, "message_id"),
    **NUMBERED,
)

sent_mails = Table(
    "sent_mails",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account", Key, nullable=False),
    Column("folder", Key, nullable=False),
    Column("uidvalidity", BigId, nullable=False),
    Column("uid", BigId, nullable=False),
    Column("known_by", Key, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("noted_at", Instant, nullable=False),
    Column("kind", Key, nullable=False),
    Column("recipients", Json, nullable=False),
    UniqueConstraint("account", "folder", "uidvalidity", "uid"),
    Index(None, "known_by"),
    Index(None, "noted_at"),
    **NUMBERED,
)

sent_raws = Table(
    "sent_raws",
    metadata,
    Column("sent_id", BigId, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

sent_refs = Table(
    "sent_refs",
    metadata,
    Column("sent_id", BigId, primary_key=True, autoincrement=False),
    Column("message_id", Key, primary_key=True),
    Index(None, "message_id"),
)

sent_answers = Table(
    "sent_answers",
    metadata,
    Column("sent_id", BigId, primary_key=True, autoincrement=False),
    Column("case_id", BigId, primary_key=True, autoincrement=False),
    Column("reply_id", BigId),
    Column("answered", Boolean, nullable=False),
    Column("how", Key, nullable=False),
    Column("subject", CleanText, nullable=False),
    Column("text_before", CleanText),
    Column("text_after", CleanText),
    Column("changed", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "case_id"),
)

flagged_addresses = Table(
    "flagged_addresses",
    metadata,
    Column("address", Key, primary_key=True),
    Column("case_id", BigId, nullable=False),
    Column("flagged_at", Instant, nullable=False),
    Column("reason", CleanText, nullable=False),
)

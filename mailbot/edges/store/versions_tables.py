"""Tables: published versions of rules and templates, and how the replies written with them fared."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key
from mailbot.edges.store.metadata import NUMBERED, metadata

rule_blobs = Table(
    "rule_blobs",
    metadata,
    Column("digest", Key, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

rule_versions = Table(
    "rule_versions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("digest", Key, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("author", CleanText, nullable=False),
    Column("note", CleanText, nullable=False),
    Column("files", Json, nullable=False),
    UniqueConstraint("digest"),
    **NUMBERED,
)

# What the service wrote, kept when a person rewrites it.
reply_originals = Table(
    "reply_originals",
    metadata,
    Column("reply_id", BigId, ForeignKey("replies.id"), primary_key=True, autoincrement=False),
    Column("subject", CleanText, nullable=False),
    Column("text", CleanText, nullable=False),
)

reply_overrides = Table(
    "reply_overrides",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("reply_id", BigId, ForeignKey("replies.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", CleanText, nullable=False),
    Column("guard", Key, nullable=False),
    Column("told", CleanText, nullable=False),
    Column("reason", CleanText, nullable=False),
    Index(None, "reply_id"),
    **NUMBERED,
)

# Cases whose reply would have left without a person, had the merchant let it.
shadow_sends = Table(
    "shadow_sends",
    metadata,
    Column("case_id", BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("situation", Key, nullable=False),
    Column("text", CleanText, nullable=False),
)

# Each person's own copies of rule and template files, until they are published or thrown away.
rule_drafts = Table(
    "rule_drafts",
    metadata,
    Column("author", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("base", Key, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

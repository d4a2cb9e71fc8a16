"""Published versions of rules and templates, and how the replies written with them fared."""

from alembic import op
from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern, and the files that go along with a reply."""
    _versions()
    _replies()


def _versions() -> None:
    op.create_table(
        "rule_blobs",
        Column("digest", Key, nullable=False),
        Column("data", LargeBinary, nullable=False),
        PrimaryKeyConstraint("digest", name=op.f("pk_rule_blobs")),
    )
    op.create_table(
        "rule_versions",
        Column("id", BigId, nullable=False),
        Column("digest", Key, nullable=False),
        Column("published_at", Instant, nullable=False),
        Column("author", CleanText, nullable=False),
        Column("note", CleanText, nullable=False),
        Column("files", Json, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_rule_versions")),
        UniqueConstraint("digest", name=op.f("uq_rule_versions_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rule_drafts",
        Column("author", Key, nullable=False),
        Column("name", Key, nullable=False),
        Column("base", Key, nullable=False),
        Column("data", LargeBinary, nullable=False),
        Column("at", Instant, nullable=False),
        PrimaryKeyConstraint("author", "name", name=op.f("pk_rule_drafts")),
    )


def _replies() -> None:
    op.add_column("replies", Column("attachments", Json))
    op.create_table(
        "reply_originals",
        Column("reply_id", BigId, autoincrement=False, nullable=False),
        Column("subject", CleanText, nullable=False),
        Column("text", CleanText, nullable=False),
        ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_reply_originals_reply_id_replies")),
        PrimaryKeyConstraint("reply_id", name=op.f("pk_reply_originals")),
    )
    op.create_table(
        "reply_overrides",
        Column("id", BigId, nullable=False),
        Column("reply_id", BigId, nullable=False),
        Column("version", Integer, nullable=False),
        Column("at", Instant, nullable=False),
        Column("actor", CleanText, nullable=False),
        Column("guard", Key, nullable=False),
        Column("told", CleanText, nullable=False),
        Column("reason", CleanText, nullable=False),
        ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_reply_overrides_reply_id_replies")),
        PrimaryKeyConstraint("id", name=op.f("pk_reply_overrides")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reply_overrides_reply_id"), "reply_overrides", ["reply_id"])
    op.create_table(
        "shadow_sends",
        Column("case_id", BigId, autoincrement=False, nullable=False),
        Column("at", Instant, nullable=False),
        Column("situation", Key, nullable=False),
        Column("text", CleanText, nullable=False),
        ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_shadow_sends_case_id_cases")),
        PrimaryKeyConstraint("case_id", name=op.f("pk_shadow_sends")),
    )

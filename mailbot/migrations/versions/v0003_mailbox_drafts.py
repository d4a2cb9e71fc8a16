"""Drafts shown in the mailbox of the agents, what they sent from there, and addresses that send mail back."""

from alembic import op
from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, UniqueConstraint

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern."""
    _folders()
    _drafts()
    _sent()
    _answers()
    _flags()


def downgrade() -> None:
    """Drop them."""
    names = (
        "flagged_addresses",
        "sent_answers",
        "sent_refs",
        "sent_mails",
        "mailbox_drafts",
        "mailbox_folders",
    )
    for name in names:
        op.drop_table(name)


def _folders() -> None:
    op.create_table(
        "mailbox_folders",
        Column("account", Key, nullable=False),
        Column("kind", Key, nullable=False),
        Column("folder", Key, nullable=False),
        Column("uidvalidity", BigId, nullable=False),
        Column("first_uid", BigId, nullable=False),
        Column("cutoff", Instant),
        Column("seen_at", Instant),
        Column("trouble", CleanText),
        PrimaryKeyConstraint("account", "kind", name="pk_mailbox_folders"),
    )


def _drafts() -> None:
    op.create_table(
        "mailbox_drafts",
        Column("id", BigId, nullable=False),
        Column("account", Key, nullable=False),
        Column("case_id", BigId, nullable=False),
        Column("reply_id", BigId, nullable=False),
        Column("version", BigId, nullable=False),
        Column("token", Key, nullable=False),
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
        PrimaryKeyConstraint("id", name="pk_mailbox_drafts"),
        UniqueConstraint("token", name="uq_mailbox_drafts_token"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mailbox_drafts_account_state", "mailbox_drafts", ["account", "state"])
    for name in ("case_id", "reply_id", "message_id"):
        op.create_index(f"ix_mailbox_drafts_{name}", "mailbox_drafts", [name])


def _sent() -> None:
    op.create_table(
        "sent_mails",
        Column("id", BigId, nullable=False),
        Column("account", Key, nullable=False),
        Column("folder", Key, nullable=False),
        Column("uidvalidity", BigId, nullable=False),
        Column("uid", BigId, nullable=False),
        Column("known_by", Key, nullable=False),
        Column("sent_at", Instant, nullable=False),
        Column("noted_at", Instant, nullable=False),
        Column("kind", Key, nullable=False),
        Column("recipients", Json, nullable=False),
        PrimaryKeyConstraint("id", name="pk_sent_mails"),
        UniqueConstraint(
            "account", "folder", "uidvalidity", "uid", name="uq_sent_mails_account_folder_uidvalidity_uid"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sent_mails_known_by", "sent_mails", ["known_by"])
    op.create_index("ix_sent_mails_noted_at", "sent_mails", ["noted_at"])


def _answers() -> None:
    op.create_table(
        "sent_refs",
        Column("sent_id", BigId, nullable=False, autoincrement=False),
        Column("message_id", Key, nullable=False),
        PrimaryKeyConstraint("sent_id", "message_id", name="pk_sent_refs"),
    )
    op.create_index("ix_sent_refs_message_id", "sent_refs", ["message_id"])
    op.create_table(
        "sent_answers",
        Column("sent_id", BigId, nullable=False, autoincrement=False),
        Column("case_id", BigId, nullable=False, autoincrement=False),
        Column("reply_id", BigId),
        Column("answered", Boolean, nullable=False),
        Column("how", Key, nullable=False),
        Column("subject", CleanText, nullable=False),
        Column("text_before", CleanText),
        Column("text_after", CleanText),
        Column("changed", Boolean, nullable=False),
        Column("at", Instant, nullable=False),
        PrimaryKeyConstraint("sent_id", "case_id", name="pk_sent_answers"),
    )
    op.create_index("ix_sent_answers_case_id", "sent_answers", ["case_id"])


def _flags() -> None:
    op.create_table(
        "flagged_addresses",
        Column("address", Key, nullable=False),
        Column("case_id", BigId, nullable=False),
        Column("flagged_at", Instant, nullable=False),
        Column("reason", CleanText, nullable=False),
        PrimaryKeyConstraint("address", name="pk_flagged_addresses"),
    )

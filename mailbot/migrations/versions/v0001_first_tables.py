"""First tables: folders, mails and their bytes, cases, replies, clocks, the audit trail, orders."""

from alembic import op
from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    _folders()
    _mails()
    _raw_mails()
    _cases()
    _replies()
    _deadlines()
    _events()
    _orders()


def downgrade() -> None:
    """Drop every table."""
    for name in ("orders", "events", "deadlines", "replies", "cases", "raw_mails", "mails", "folders"):
        op.drop_table(name)


def _folders() -> None:
    op.create_table(
        "folders",
        Column("account", Key, nullable=False),
        Column("folder", Key, nullable=False),
        Column("uidvalidity", BigId, nullable=False),
        Column("first_uid", BigId, nullable=False),
        Column("cutoff", Instant),
        Column("last_fetch_at", Instant),
        Column("last_error", CleanText),
        Column("error_since", Instant),
        Column("server_count", Integer),
        Column("ledger_count", Integer),
        PrimaryKeyConstraint("account", "folder", name="pk_folders"),
    )


def _mails() -> None:
    op.create_table(
        "mails",
        Column("id", BigId, nullable=False),
        Column("account", Key, nullable=False),
        Column("folder", Key, nullable=False),
        Column("uidvalidity", BigId, nullable=False),
        Column("uid", BigId, nullable=False),
        Column("digest", Key, nullable=False),
        Column("size", BigId, nullable=False),
        Column("stored_size", BigId, nullable=False),
        Column("complete", Boolean, nullable=False),
        Column("received_at", Instant, nullable=False),
        Column("ingested_at", Instant, nullable=False),
        Column("sender", Key, nullable=False),
        Column("state", Key, nullable=False),
        Column("note", CleanText),
        Column("attempts", Integer, nullable=False),
        Column("lease_owner", Key),
        Column("lease_until", Instant),
        Column("tidied_at", Instant),
        PrimaryKeyConstraint("id", name="pk_mails"),
        UniqueConstraint(
            "account", "folder", "uidvalidity", "uid", name="uq_mails_account_folder_uidvalidity_uid"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mails_account_digest", "mails", ["account", "digest"])
    op.create_index("ix_mails_account_tidied_at_id", "mails", ["account", "tidied_at", "id"])
    op.create_index("ix_mails_ingested_at", "mails", ["ingested_at"])
    op.create_index("ix_mails_state_id", "mails", ["state", "id"])
    op.create_index("ix_mails_state_sender", "mails", ["state", "sender"])


def _raw_mails() -> None:
    op.create_table(
        "raw_mails",
        Column("mail_id", BigId, autoincrement=False, nullable=False),
        Column("data", LargeBinary, nullable=False),
        ForeignKeyConstraint(["mail_id"], ["mails.id"], name="fk_raw_mails_mail_id"),
        PrimaryKeyConstraint("mail_id", name="pk_raw_mails"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        Column("id", BigId, nullable=False),
        Column("mail_id", BigId, nullable=False),
        Column("account", Key, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("received_at", Instant, nullable=False),
        Column("message_id", Key),
        Column("text_digest", Key, nullable=False),
        Column("thread", Key, nullable=False),
        Column("customer", Key, nullable=False),
        Column("customer_name", CleanText, nullable=False),
        Column("subject", CleanText, nullable=False),
        Column("text", CleanText, nullable=False),
        Column("order_id", Key),
        Column("channel", Key),
        Column("situation", Key),
        Column("row", Key),
        Column("action", Key, nullable=False),
        Column("reasons", Json, nullable=False),
        Column("identity", Key, nullable=False),
        Column("verdict", CleanText, nullable=False),
        Column("match", CleanText, nullable=False),
        Column("history", CleanText, nullable=False),
        Column("rulebook_digest", Key, nullable=False),
        Column("state", Key, nullable=False),
        Column("superseded_by", BigId),
        ForeignKeyConstraint(["mail_id"], ["mails.id"], name="fk_cases_mail_id"),
        PrimaryKeyConstraint("id", name="pk_cases"),
        UniqueConstraint("mail_id", name="uq_cases_mail_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cases_customer", "cases", ["customer"])
    op.create_index("ix_cases_message_id", "cases", ["message_id"])
    op.create_index("ix_cases_state_created_at", "cases", ["state", "created_at"])
    op.create_index("ix_cases_superseded_by", "cases", ["superseded_by"])
    op.create_index("ix_cases_thread", "cases", ["thread"])


def _replies() -> None:
    op.create_table(
        "replies",
        Column("id", BigId, nullable=False),
        Column("case_id", BigId, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("state", Key, nullable=False),
        Column("auto", Boolean, nullable=False),
        Column("to_name", CleanText, nullable=False),
        Column("to_addr", Key, nullable=False),
        Column("subject", CleanText, nullable=False),
        Column("text", CleanText, nullable=False),
        Column("html", CleanText),
        Column("message_id", Key, nullable=False),
        Column("in_reply_to", CleanText),
        Column("refs", Json, nullable=False),
        Column("template", Key, nullable=False),
        Column("missing", Json, nullable=False),
        Column("blocked", Json, nullable=False),
        Column("facts", Json, nullable=False),
        Column("version", Integer, nullable=False),
        Column("edited", Boolean, nullable=False),
        Column("actor", CleanText),
        Column("moved_at", Instant, nullable=False),
        Column("approved_by", CleanText),
        Column("approved_at", Instant),
        Column("send_after", Instant),
        Column("next_attempt_at", Instant),
        Column("attempts", Integer, nullable=False),
        Column("lease_owner", Key),
        Column("lease_until", Instant),
        Column("server_code", Integer),
        Column("server_text", CleanText),
        Column("sent_at", Instant),
        Column("sent_copy_at", Instant),
        Column("reason", CleanText),
        ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_replies_case_id"),
        PrimaryKeyConstraint("id", name="pk_replies"),
        UniqueConstraint("case_id", name="uq_replies_case_id"),
        UniqueConstraint("message_id", name="uq_replies_message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_replies_auto_approved_at", "replies", ["auto", "approved_at"])
    op.create_index("ix_replies_copy_due", "replies", ["state", "sent_copy_at"])
    op.create_index("ix_replies_state_next_attempt_at_id", "replies", ["state", "next_attempt_at", "id"])
    op.create_index("ix_replies_to_addr_approved_at", "replies", ["to_addr", "approved_at"])


def _deadlines() -> None:
    op.create_table(
        "deadlines",
        Column("id", BigId, nullable=False),
        Column("case_id", BigId, nullable=False),
        Column("name", Key, nullable=False),
        Column("label", CleanText, nullable=False),
        Column("rule", Key, nullable=False),
        Column("start", Instant, nullable=False),
        Column("due_at", Instant, nullable=False),
        Column("basis", CleanText, nullable=False),
        Column("steps", Json, nullable=False),
        Column("rolled", Boolean, nullable=False),
        Column("duty", Boolean, nullable=False),
        Column("met_at", Instant),
        Column("warned_24_at", Instant),
        Column("warned_4_at", Instant),
        Column("breached_at", Instant),
        ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_deadlines_case_id"),
        PrimaryKeyConstraint("id", name="pk_deadlines"),
    )
    op.create_index("ix_deadlines_case_id", "deadlines", ["case_id"])
    op.create_index(
        "ix_deadlines_met_at_breached_at_due_at", "deadlines", ["met_at", "breached_at", "due_at"]
    )


def _events() -> None:
    op.create_table(
        "events",
        Column("id", BigId, nullable=False),
        Column("at", Instant, nullable=False),
        Column("actor", CleanText, nullable=False),
        Column("case_id", BigId),
        Column("kind", Key, nullable=False),
        Column("detail", CleanText, nullable=False),
        PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_case_id", "events", ["case_id"])


def _orders() -> None:
    op.create_table(
        "orders",
        Column("id", BigId, nullable=False),
        Column("order_id", Key, nullable=False),
        Column("channel", Key, nullable=False),
        Column("ref_key", Key),
        Column("email_key", Key),
        Column("tracking_key", Key),
        Column("tracking_key_2", Key),
        Column("name_key", Key),
        Column("placed_at", Instant, nullable=False),
        Column("payload", CleanText, nullable=False),
        Column("imported_at", Instant, nullable=False),
        PrimaryKeyConstraint("id", name="pk_orders"),
        UniqueConstraint("channel", "order_id", name="uq_orders_channel_order_id"),
    )
    op.create_index("ix_orders_email_key", "orders", ["email_key"])
    op.create_index("ix_orders_name_key", "orders", ["name_key"])
    op.create_index("ix_orders_ref_key", "orders", ["ref_key"])
    op.create_index("ix_orders_tracking_key", "orders", ["tracking_key"])
    op.create_index("ix_orders_tracking_key_2", "orders", ["tracking_key_2"])

"""What agents do on the page: who is on a case, notes, second approvals, full-text search."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, PrimaryKeyConstraint, text

from mailbot.edges.store.columns import BigId, CleanText, Instant, Key

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Words are found whatever their accents. A tsvector holds at most 1 MB: a longer mail must not be refused for it.
_FOLDED = (
    "translate(lower(coalesce(order_id, '') || ' ' || customer_name || ' ' || customer || ' ' || subject || ' ' || "
    "left(text, 100000)), 'àâäáãåçéèêëíìîïñóòôöõúùûüýÿ', 'aaaaaaceeeeiiiinooooouuuuyy')"
)
_RUNNING = "met_at IS NULL AND duty"
_WORDS = (
    "CREATE VIRTUAL TABLE case_search USING fts5(order_id, customer_name, customer, subject, text, content='cases', "
    "content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
)
_COME = (
    "INSERT INTO case_search (rowid, order_id, customer_name, customer, subject, text) VALUES "
    "(new.id, new.order_id, new.customer_name, new.customer, new.subject, new.text);"
)
_GONE = (
    "INSERT INTO case_search (case_search, rowid, order_id, customer_name, customer, subject, text) VALUES "
    "('delete', old.id, old.order_id, old.customer_name, old.customer, old.subject, old.text);"
)


def upgrade() -> None:
    """The tables of this concern, and the words of every case."""
    _desk_cases()
    _viewers()
    _notes()
    _second_opinions()
    op.create_index(
        "ix_deadlines_running", "deadlines", ["due_at", "case_id"],
        sqlite_where=text(_RUNNING), postgresql_where=text(_RUNNING),
    )  # fmt: skip
    op.create_index("ix_cases_order_id", "cases", ["order_id"])
    op.create_index("ix_cases_state_id", "cases", ["state", "id"])
    op.create_index(
        "ix_cases_queue", "cases", ["state", "superseded_by", "account", "channel", "situation", "action"]
    )
    op.create_index("ix_replies_state_case_id", "replies", ["state", "case_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE INDEX ix_case_search ON cases USING gin (to_tsvector('simple', {_FOLDED}))")
    else:
        _sqlite_search()


def _sqlite_search() -> None:
    """FTS5 over the columns of `cases`, which keep the text; triggers, so that no writer can forget it."""
    for statement in (
        _WORDS,
        f"CREATE TRIGGER case_search_new AFTER INSERT ON cases BEGIN {_COME} END",
        f"CREATE TRIGGER case_search_gone AFTER DELETE ON cases BEGIN {_GONE} END",
        "CREATE TRIGGER case_search_changed AFTER UPDATE OF order_id, customer_name, customer, subject, text ON cases "
        f"BEGIN {_GONE} {_COME} END",
        "INSERT INTO case_search (case_search) VALUES ('rebuild')",
    ):
        op.execute(statement)


def _desk_cases() -> None:
    op.create_table(
        "desk_cases",
        Column("case_id", BigId, nullable=False),
        Column("holder", Key),
        Column("held_at", Instant),
        Column("waiting_since", Instant),
        Column("changed_at", Instant, nullable=False),
        PrimaryKeyConstraint("case_id", name="pk_desk_cases"),
    )
    op.create_index("ix_desk_cases_holder", "desk_cases", ["holder"])
    op.create_index("ix_desk_cases_changed_at", "desk_cases", ["changed_at"])


def _viewers() -> None:
    op.create_table(
        "viewers",
        Column("case_id", BigId, nullable=False),
        Column("person", Key, nullable=False),
        Column("seen_at", Instant, nullable=False),
        PrimaryKeyConstraint("case_id", "person", name="pk_viewers"),
    )


def _notes() -> None:
    op.create_table(
        "notes",
        Column("id", BigId, nullable=False),
        Column("case_id", BigId, nullable=False),
        Column("at", Instant, nullable=False),
        Column("actor", CleanText, nullable=False),
        Column("text", CleanText, nullable=False),
        PrimaryKeyConstraint("id", name="pk_notes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notes_case_id", "notes", ["case_id"])


def _second_opinions() -> None:
    op.create_table(
        "second_opinions",
        Column("id", BigId, nullable=False),
        Column("case_id", BigId, nullable=False),
        Column("reply_id", BigId, nullable=False),
        Column("version", Integer, nullable=False),
        Column("asked_by", CleanText, nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("question", CleanText, nullable=False),
        Column("given_by", CleanText),
        Column("given_at", Instant),
        Column("granted", Boolean),
        PrimaryKeyConstraint("id", name="pk_second_opinions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_second_opinions_case_id", "second_opinions", ["case_id"])

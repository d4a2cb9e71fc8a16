"""Cases that an agent merged into one, or split in two."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, PrimaryKeyConstraint

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern, where a clock comes from, and which case a part was split from."""
    op.create_table(
        "merges",
        Column("id", BigId, nullable=False),
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
        PrimaryKeyConstraint("id", name="pk_merges"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_merges_case_id", "merges", ["case_id"])
    op.create_index("ix_merges_into_case", "merges", ["into_case"])
    op.add_column("deadlines", Column("of_case", BigId))
    op.create_index("ix_deadlines_of_case", "deadlines", ["of_case"])
    op.add_column("cases", Column("split_from", BigId))
    op.add_column("cases", Column("part", Integer))
    op.create_index("ix_cases_split_from", "cases", ["split_from"])

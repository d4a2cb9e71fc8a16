"""What agents corrected."""

from alembic import op
from sqlalchemy import Boolean, Column, PrimaryKeyConstraint

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern."""
    op.create_table(
        "corrections",
        Column("id", BigId, nullable=False),
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
        PrimaryKeyConstraint("id", name="pk_corrections"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_corrections_case_id", "corrections", ["case_id"])
    op.create_index("ix_corrections_used_id", "corrections", ["used", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("corrections")

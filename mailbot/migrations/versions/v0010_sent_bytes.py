"""What agents sent from their own mail programs, as it left."""

from alembic import op
from sqlalchemy import Column, LargeBinary, PrimaryKeyConstraint

from mailbot.edges.store.columns import BigId

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The bytes of the mails that answered a ticket."""
    op.create_table(
        "sent_raws",
        Column("sent_id", BigId, nullable=False, autoincrement=False),
        Column("data", LargeBinary, nullable=False),
        PrimaryKeyConstraint("sent_id", name="pk_sent_raws"),
    )

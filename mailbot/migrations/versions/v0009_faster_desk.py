"""What the desk counts and sorts by, kept so that it stays fast with many open cases."""

from alembic import op
from sqlalchemy import text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_WAITS = "waiting_since IS NOT NULL"


def upgrade() -> None:
    """Indexes that hold all a page asks for."""
    op.create_index("ix_replies_fate", "replies", ["case_id", "state", "auto", "edited", "sent_at"])
    op.drop_index("ix_cases_customer", "cases")
    op.create_index("ix_cases_customer", "cases", ["customer", "account", "received_at", "action"])
    op.create_index(
        "ix_cases_figures", "cases", ["received_at", "action", "situation", "channel", "order_id"]
    )
    op.create_index("ix_orders_placed_at", "orders", ["placed_at"])
    op.create_index(
        "ix_desk_cases_waiting",
        "desk_cases",
        ["case_id"],
        sqlite_where=text(_WAITS),
        postgresql_where=text(_WAITS),
    )

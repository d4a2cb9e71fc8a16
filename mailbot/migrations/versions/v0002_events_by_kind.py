"""The newest event of a kind is found without reading the whole audit trail."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One more index on the events."""
    op.create_index("ix_events_kind_id", "events", ["kind", "id"])

"""What agents do on the page: who is on a case, notes, second approvals, full-text search."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern."""

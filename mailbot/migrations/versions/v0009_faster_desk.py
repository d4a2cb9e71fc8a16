"""What the desk counts and sorts by, kept so that it stays fast with many open cases."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The indexes and columns of this concern."""

"""What agents corrected, what they overrode, and what would have been sent alone."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern."""

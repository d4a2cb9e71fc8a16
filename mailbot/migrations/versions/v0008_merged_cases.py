"""Cases that an agent merged into one, or split in two."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern."""

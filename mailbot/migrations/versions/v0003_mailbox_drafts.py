"""Drafts shown in the mailbox of the agents, and what they sent from there."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern."""

"""The agents: accounts, sessions, rights, and the audit log of what they saw and did."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern."""

"""The agents: accounts, sessions, rights, and the audit log of what they saw and did."""

from alembic import op
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from mailbot.edges.store.columns import BigId, CleanText, Instant, Json, Key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of this concern."""
    _people()
    _invitations()
    _sessions()
    _login_failures()
    _recovery_codes()
    _audit()


def _people() -> None:
    op.create_table(
        "people",
        Column("id", BigId, nullable=False),
        Column("name", Key, nullable=False),
        Column("name_key", Key, nullable=False),
        Column("role", Key, nullable=False),
        Column("accounts", Json),
        Column("password", CleanText),
        Column("totp_secret", CleanText),
        Column("totp_step", BigId),
        Column("created_at", Instant, nullable=False),
        Column("disabled_at", Instant),
        PrimaryKeyConstraint("id", name="pk_people"),
        UniqueConstraint("name_key", name="uq_people_name_key"),
        sqlite_autoincrement=True,
    )


def _of_person(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["person_id"], ["people.id"], name=f"fk_{table}_person_id")


def _invitations() -> None:
    op.create_table(
        "invitations",
        Column("digest", Key, nullable=False),
        Column("person_id", BigId, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("used_at", Instant),
        PrimaryKeyConstraint("digest", name="pk_invitations"),
        _of_person("invitations"),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        Column("id", BigId, nullable=False),
        Column("digest", Key, nullable=False),
        Column("person_id", BigId, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("seen_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("ended_at", Instant),
        Column("browser", CleanText, nullable=False),
        Column("address", Key, nullable=False),
        PrimaryKeyConstraint("id", name="pk_sessions"),
        UniqueConstraint("digest", name="uq_sessions_digest"),
        _of_person("sessions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])


def _login_failures() -> None:
    op.create_table(
        "login_failures",
        Column("id", BigId, nullable=False),
        Column("at", Instant, nullable=False),
        Column("name_key", Key, nullable=False),
        Column("address", Key, nullable=False),
        PrimaryKeyConstraint("id", name="pk_login_failures"),
    )
    op.create_index("ix_login_failures_name_key_at", "login_failures", ["name_key", "at"])
    op.create_index("ix_login_failures_address_at", "login_failures", ["address", "at"])


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        Column("digest", Key, nullable=False),
        Column("person_id", BigId, nullable=False),
        Column("used_at", Instant),
        PrimaryKeyConstraint("digest", "person_id", name="pk_recovery_codes"),
        _of_person("recovery_codes"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        Column("id", BigId, nullable=False),
        Column("at", Instant, nullable=False),
        Column("actor", CleanText, nullable=False),
        Column("kind", Key, nullable=False),
        Column("case_id", BigId),
        Column("detail", CleanText, nullable=False),
        Column("previous", Key, nullable=False),
        Column("digest", Key, nullable=False),
        PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_case_id", "audit", ["case_id"])

"""The figures of `mailbot status`: is everything being read, judged and sent?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from mailbot.edges.store import Store
from mailbot.edges.store.mails import counts
from mailbot.edges.store.rule_state import RuleState, rule_state
from mailbot.edges.store.schema import cases, deadlines, folders, mails, replies
from mailbot.model import REPLY_MOVES, MailState, ReplyState


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStatus:
    """One watched folder. `lag` is how long the newest mail waited on the server before it was taken in."""

    account: str
    folder: str
    last_fetch_at: datetime | None
    last_error: str | None
    error_since: datetime | None
    server_count: int | None
    ledger_count: int | None
    lag: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of the service at one instant. Ages are None when nothing waits."""

    at: datetime
    folders: tuple[FolderStatus, ...]
    mails: Mapping[MailState, int]
    replies: Mapping[ReplyState, int]
    open_cases: int
    missed_deadlines: int
    oldest_received: timedelta | None
    oldest_unsent: timedelta | None
    pending_copies: int
    rules: RuleState | None = None

    @property
    def parked(self) -> int:
        """Mails that wait for a person because they could not be worked on."""
        return self.mails["parked"]

    @property
    def uncertain(self) -> int:
        """Replies of which nobody knows whether they left."""
        return self.replies["uncertain"]


def status(store: Store, now: datetime) -> Status:
    """Read all figures at once."""
    with store.read() as conn:
        return Status(
            at=now,
            folders=_folders(conn),
            mails=counts(conn),
            replies=_reply_counts(conn),
            open_cases=conn.execute(_count(cases).where(cases.c.state == "open")).scalar_one(),
            missed_deadlines=_missed(conn, now),
            oldest_received=_age(conn, now, _oldest_received()),
            oldest_unsent=_age(conn, now, _oldest_unsent()),
            pending_copies=_pending_copies(conn),
            rules=rule_state(conn),
        )


def _count(table: Table) -> Select[Any]:
    return select(func.count()).select_from(table)


def _folders(conn: Connection) -> tuple[FolderStatus, ...]:
    rows = conn.execute(select(folders).order_by(folders.c.account, folders.c.folder)).all()
    return tuple(
        FolderStatus(
            account=row.account,
            folder=row.folder,
            last_fetch_at=row.last_fetch_at,
            last_error=row.last_error,
            error_since=row.error_since,
            server_count=row.server_count,
            ledger_count=row.ledger_count,
            lag=_lag(conn, row.account, row.folder, row.uidvalidity),
        )
        for row in rows
    )


def _lag(conn: Connection, account: str, folder: str, uidvalidity: int) -> timedelta | None:
    newest = (
        select(mails.c.ingested_at, mails.c.received_at)
        .where(mails.c.account == account, mails.c.folder == folder, mails.c.uidvalidity == uidvalidity)
        .order_by(mails.c.uid.desc())
        .limit(1)
    )
    row = conn.execute(newest).first()
    return None if row is None else row.ingested_at - row.received_at


def _reply_counts(conn: Connection) -> dict[ReplyState, int]:
    counts: dict[ReplyState, int] = dict.fromkeys(REPLY_MOVES, 0)
    for state, number in conn.execute(select(replies.c.state, func.count()).group_by(replies.c.state)):
        counts[state] = number
    return counts


def _missed(conn: Connection, now: datetime) -> int:
    query = select(func.count()).select_from(deadlines).join(cases)
    late = (
        cases.c.state == "open",
        deadlines.c.met_at.is_(None),
        deadlines.c.duty,
        deadlines.c.due_at <= now,
    )
    return conn.execute(query.where(*late)).scalar_one()


def _oldest_received() -> Select[Any]:
    return select(func.min(mails.c.ingested_at)).where(mails.c.state == "received")


def _oldest_unsent() -> Select[Any]:
    return select(func.min(replies.c.approved_at)).where(
        replies.c.state.in_(("approved", "sending", "failed"))
    )


def _age(conn: Connection, now: datetime, query: Select[Any]) -> timedelta | None:
    start = conn.execute(query).scalar()
    return None if start is None else now - start


def _pending_copies(conn: Connection) -> int:
    waiting = _count(replies).where(replies.c.state == "sent", replies.c.sent_copy_at.is_(None))
    return int(conn.execute(waiting).scalar_one())

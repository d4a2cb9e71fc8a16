"""Mails that could not be worked on: put aside with the reason, listed for people, put back into the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mailbot.edges.store import Store
from mailbot.edges.store.mails import move_to
from mailbot.edges.store.schema import mails
from mailbot.edges.store.statements import chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedMail:
    """A mail that could not be worked on; `error` is French."""

    id: int
    account: str
    folder: str
    uid: int
    sender: str
    received_at: datetime
    attempts: int
    error: str


def park(store: Store, mail_id: int, owner: str, error: str, now: datetime) -> bool:
    """Put a mail aside with its error (French). False when it is no longer ours."""
    note = f"{error} (le {now:%Y-%m-%d} à {now:%H:%M} UTC)"
    statement = move_to("received", "parked").where(mails.c.id == mail_id, mails.c.lease_owner == owner)
    with store.write() as conn:
        return conn.execute(statement.values(note=note)).rowcount == 1


def give_back(store: Store, ids: Sequence[int], owner: str) -> None:
    """Put mails that `owner` holds back into the line as if they had not been claimed."""
    mine = (mails.c.state == "received", mails.c.lease_owner == owner)
    free = {"lease_owner": None, "lease_until": None, "attempts": mails.c.attempts - 1}
    with store.write() as conn:
        for part in chunks(ids):
            conn.execute(mails.update().where(*mine, mails.c.id.in_(part)).values(free))


def list_parked(store: Store, limit: int = 200) -> list[ParkedMail]:
    """The parked mails, oldest first."""
    query = select(mails).where(mails.c.state == "parked").order_by(mails.c.id).limit(limit)
    with store.read() as conn:
        rows = conn.execute(query).all()
    return [
        ParkedMail(
            id=row.id,
            account=row.account,
            folder=row.folder,
            uid=row.uid,
            sender=row.sender,
            received_at=row.received_at,
            attempts=row.attempts,
            error=row.note or "",
        )
        for row in rows
    ]


def retry(store: Store, ids: Sequence[int] | None = None) -> int:
    """Put parked mails (all, or these) back to 'received'. Returns how many."""
    statement = move_to("parked", "received").values(note=None, attempts=0)
    with store.write() as conn:
        if ids is None:
            return conn.execute(statement).rowcount
        return sum(conn.execute(statement.where(mails.c.id.in_(part))).rowcount for part in chunks(ids))

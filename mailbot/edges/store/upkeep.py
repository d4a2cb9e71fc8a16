"""What the service itself needs to remember: leases of dead workers, mails to file away, troubles already told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from mailbot.edges.store import Store, folders
from mailbot.edges.store.folders import FolderState
from mailbot.edges.store.moves import SERVICE, record
from mailbot.edges.store.schema import cases, events, mails, replies
from mailbot.edges.store.statements import chunks

LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


NEVER_OPENED = 0  # no server's UIDVALIDITY (RFC 9051, nz-number): the folder failed before it was ever read


def folder_failed(store: Store, account: str, folder: str, error: str, now: datetime) -> None:
    """Note a folder's trouble (French), also when it was never opened."""
    if not folders.record_error(store, account, folder, error, now):
        state = FolderState(
            account=account, folder=folder, uidvalidity=NEVER_OPENED, last_error=error, error_since=now
        )
        folders.save(store, state)


def ledger_count(store: Store, account: str, folder: str, uidvalidity: int) -> int:
    """How many mails of the folder the ledger holds."""
    where = (mails.c.account == account, mails.c.folder == folder, mails.c.uidvalidity == uidvalidity)
    with store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(mails).where(*where)).scalar_one())


@dataclass(frozen=True, slots=True)
class ToTidy:
    """A prepared mail that still stands in its folder as it came."""

    mail_id: int
    uid: int


def free_leases(store: Store) -> int:
    """End every lease; only for the one worker that knows that all others are dead. Returns the number of mails.

    Replies in 'sending' are then taken for interrupted by `outbox.expired_sending`."""
    with store.write() as conn:
        held = (mails.c.state == "received") & mails.c.lease_owner.is_not(None)
        freed = conn.execute(mails.update().where(held).values(lease_owner=None, lease_until=None)).rowcount
        conn.execute(replies.update().where(replies.c.state == "sending").values(lease_until=LONG_AGO))
    return freed


def accounts_to_send(store: Store) -> set[str]:
    """The accounts that have approved replies, whether or not they are still configured."""
    query = select(cases.c.account).join_from(replies, cases).where(replies.c.state == "approved").distinct()
    with store.read() as conn:
        return set(conn.execute(query).scalars())


def to_tidy(store: Store, account: str, limit: int) -> dict[tuple[str, int], list[ToTidy]]:
    """Judged mails not yet marked or moved on the server, by (folder, UIDVALIDITY), oldest first."""
    query = (
        select(mails.c.folder, mails.c.uidvalidity, mails.c.id, mails.c.uid)
        .where(
            mails.c.account == account,
            mails.c.tidied_at.is_(None),
            mails.c.state.in_(("prepared", "ignored")),
        )
        .order_by(mails.c.id)
        .limit(limit)
    )
    found: dict[tuple[str, int], list[ToTidy]] = {}
    with store.read() as conn:
        for row in conn.execute(query):
            found.setdefault((row.folder, row.uidvalidity), []).append(ToTidy(row.id, row.uid))
    return found


def tidied(store: Store, mail_ids: Sequence[int], now: datetime) -> None:
    """These mails have been marked or moved, or are no longer where they were."""
    with store.write() as conn:
        for part in chunks(mail_ids):
            conn.execute(mails.update().where(mails.c.id.in_(part)).values(tidied_at=now))


def told_since(store: Store, keys: Sequence[str], since: datetime) -> set[str]:
    """Which of these troubles people were told of since then."""
    query = select(events.c.detail).where(
        events.c.kind == "alerte", events.c.at >= since, events.c.detail.in_(keys)
    )
    with store.read() as conn:
        return set(conn.execute(query).scalars())


def tell(store: Store, keys: Sequence[str], now: datetime) -> None:
    """Note that people were told of these troubles."""
    with store.write() as conn:
        for key in keys:
            record(conn, now, SERVICE, None, "alerte", key)

"""What is known of each watched folder, and which of its UIDs are in the ledger."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, literal, select

from mailbot.edges.store import Store
from mailbot.edges.store.columns import Instant
from mailbot.edges.store.schema import folders, mails
from mailbot.edges.store.statements import insert


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderState:
    """One watched folder. UIDs below `first_uid` are older than the start and are never fetched; mails
    received before `cutoff` neither. `last_error` is French and stands since `error_since`. Counts are those
    of the last fetch, from `first_uid` on: on the server, and in the ledger."""

    account: str
    folder: str
    uidvalidity: int
    first_uid: int = 1
    cutoff: datetime | None = None
    last_fetch_at: datetime | None = None
    last_error: str | None = None
    error_since: datetime | None = None
    server_count: int | None = None
    ledger_count: int | None = None


def get(store: Store, account: str, folder: str) -> FolderState | None:
    """The folder's state, or None when it was never opened."""
    query = select(folders).where(folders.c.account == account, folders.c.folder == folder)
    with store.read() as conn:
        row = conn.execute(query).mappings().first()
    return None if row is None else FolderState(**row)


def of_account(store: Store, account: str) -> list[FolderState]:
    """All folders of the account that were ever opened, also those no longer watched."""
    query = select(folders).where(folders.c.account == account).order_by(folders.c.folder)
    with store.read() as conn:
        return [FolderState(**row) for row in conn.execute(query).mappings()]


def save(store: Store, state: FolderState) -> None:
    """Write the folder's state whole, in place of the earlier one."""
    values = asdict(state)
    with store.write() as conn:
        statement = insert(conn, folders).values(values)
        conn.execute(statement.on_conflict_do_update(index_elements=["account", "folder"], set_=values))


def record_error(store: Store, account: str, folder: str, error: str, now: datetime) -> bool:
    """Note a trouble (French); `error_since` keeps the start of the trouble. False when the folder is
    unknown."""
    statement = (
        folders.update()
        .where(folders.c.account == account, folders.c.folder == folder)
        .values(
            last_error=error,
            error_since=func.coalesce(folders.c.error_since, literal(now, Instant())),
        )
    )
    with store.write() as conn:
        return conn.execute(statement).rowcount == 1


def high_water(store: Store, account: str, folder: str, uidvalidity: int) -> int:
    """The highest UID of the folder in the ledger, 0 when there is none."""
    query = select(func.max(mails.c.uid)).where(
        mails.c.account == account, mails.c.folder == folder, mails.c.uidvalidity == uidvalidity
    )
    with store.read() as conn:
        return conn.execute(query).scalar() or 0


def known_uids(store: Store, account: str, folder: str, uidvalidity: int, lo: int, hi: int) -> set[int]:
    """The UIDs of the ledger from `lo` to `hi`, both included."""
    query = select(mails.c.uid).where(
        mails.c.account == account,
        mails.c.folder == folder,
        mails.c.uidvalidity == uidvalidity,
        mails.c.uid.between(lo, hi),
    )
    with store.read() as conn:
        return set(conn.execute(query).scalars())

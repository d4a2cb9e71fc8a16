"""Read new mail of one folder into the ledger: UIDs first, bodies in batches, one transaction a batch."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from mailbot.config import Account
from mailbot.edges.mailbox import FetchFailure, FolderView, Mailbox
from mailbot.edges.store import folders, mails, upkeep
from mailbot.edges.store.connection import Store
from mailbot.edges.store.folders import FolderState
from mailbot.model import RawMail
from mailbot.steps.parse import header_sender

BATCH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What one pass over a folder brought: new mails, copies of known ones, and mails the server would not give."""

    new: int = 0
    copies: int = 0
    failures: tuple[str, ...] = ()


def fetch_folder(
    store: Store,
    mailbox: Mailbox,
    account: Account,
    folder: str,
    now: Callable[[], datetime],
    *,
    full: bool = True,
    on_batch: Callable[[int], None] = lambda _new: None,
) -> Intake:
    """Bring every mail of `folder` that the ledger lacks into it.

    A mail is new when its UID is not below the folder's first UID and not in the ledger: no date window, no \\Seen.
    `full` compares every UID with the ledger (on connecting, and now and then); otherwise only those above the highest
    known one. `on_batch` is told the number of new mails after each committed batch. Raises TryAgain or NeedsHuman."""
    view = mailbox.examine(folder)
    state = _folder_state(store, mailbox, account, view, now())
    below = state.first_uid - 1
    known = 0 if full else folders.high_water(store, account.name, folder, view.uidvalidity)
    new = copies = 0
    failures: list[str] = []
    for uids in mailbox.new_uids(max(below, known)):
        missing = _missing(store, account, view, uids)
        fetched = mailbox.fetch(missing, int(account.max_message_mb * 1_000_000))
        for batch in _batches(_only_mails(fetched, failures), BATCH):
            instant = now()
            here = [_arrived(raw, instant) for raw in batch]
            report = mails.ingest(store, [(raw, header_sender(raw.data)) for raw in here], instant)
            new, copies = new + report.new, copies + report.copies
            on_batch(report.new)
    state = _counted(store, mailbox, state)
    folders.save(store, replace(state, last_fetch_at=now(), last_error=None, error_since=None))
    return Intake(new=new, copies=copies, failures=tuple(failures))


def _counted(store: Store, mailbox: Mailbox, state: FolderState) -> FolderState:
    """Server against ledger, from the folder's first UID on. The ledger keeps mails that were deleted since."""
    ledger = upkeep.ledger_count(store, state.account, state.folder, state.uidvalidity)
    return replace(state, server_count=mailbox.count_from(state.first_uid), ledger_count=ledger)


def _folder_state(
    store: Store, mailbox: Mailbox, account: Account, view: FolderView, now: datetime
) -> FolderState:
    """The folder as known, or as it starts: its lowest UID that is ours is set at the first connection by the cut-off,
    and again when UIDVALIDITY changes. Then every mail since the cut-off is looked at once more, and known bytes are
    recognised by their hash."""
    known = folders.get(store, account.name, view.folder)
    if known is not None and known.uidvalidity == view.uidvalidity:
        return known
    opened = known is not None and known.uidvalidity != upkeep.NEVER_OPENED
    if not opened and (before := _renamed(store, mailbox, account, view)) is not None:
        read = folders.high_water(store, account.name, before.folder, before.uidvalidity)
        cutoff, first = before.cutoff, max(before.first_uid, read + 1)
    elif known is not None and opened:
        cutoff, first = known.cutoff, mailbox.first_since(known.cutoff)
    else:
        cutoff, first = start(mailbox, view, account, now)
    state = FolderState(
        account=account.name, folder=view.folder, uidvalidity=view.uidvalidity, first_uid=first, cutoff=cutoff
    )
    folders.save(store, state)
    return state


def _renamed(store: Store, mailbox: Mailbox, account: Account, view: FolderView) -> FolderState | None:
    """What is known of the folder by the name it had: the same UIDVALIDITY, and the server has that name no more. What
    came while config.toml still had the old name is then not passed over."""
    same = [
        one for one in folders.of_account(store, account.name)
        if one.uidvalidity == view.uidvalidity and one.folder not in account.folders
    ]  # fmt: skip
    there = {one.name for one in mailbox.folders()} if same else set()
    gone = [one for one in same if one.folder not in there]
    return gone[0] if len(gone) == 1 else None


def start(mailbox: Mailbox, view: FolderView, account: Account, now: datetime) -> tuple[datetime | None, int]:
    """Where a folder begins that was never read: the cut-off of the account, and the lowest UID of the folder since."""
    if account.start_from == "now":
        # INTERNALDATE has no fractions: a mail of this very second must not count as older
        return now.replace(microsecond=0), view.uidnext
    cutoff = account.start_from if isinstance(account.start_from, datetime) else None
    return cutoff, mailbox.first_since(cutoff)


def _missing(store: Store, account: Account, view: FolderView, uids: list[int]) -> list[int]:
    known = folders.known_uids(store, account.name, view.folder, view.uidvalidity, uids[0], uids[-1])
    return [uid for uid in uids if uid not in known]


def _arrived(raw: RawMail, now: datetime) -> RawMail:
    """A mail that is dated ahead (by the program that moved it, a server's clock) has arrived: its clocks run."""
    return replace(raw, received=now) if raw.received > now else raw


def _only_mails(fetched: Iterable[RawMail | FetchFailure], failures: list[str]) -> Iterator[RawMail]:
    for item in fetched:
        if isinstance(item, FetchFailure):
            failures.append(f"UID {item.uid} : {item.reason}")
        else:
            yield item


def _batches(items: Iterator[RawMail], size: int) -> Iterator[list[RawMail]]:
    while batch := list(islice(items, size)):
        yield batch

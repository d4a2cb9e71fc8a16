"""The agents' own folders over IMAP: header blocks of Drafts and Sent, putting a draft in, taking our own one out."""

import imaplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mailbot.edges import imap_listing, imap_session
from mailbot.edges.imap_types import Fetched, Session
from mailbot.edges.mailbox import Mailbox
from mailbot.errors import TryAgain

BATCH = 100
_HEADER = "BODY.PEEK[HEADER]<0.65536>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A message of the examined folder: its header block, and when the server got it (None: not stated)."""

    uid: int
    header: bytes
    received: datetime | None


def standing(box: Mailbox, low: int, high: int) -> list[int]:
    """The UIDs from `low` to `high` of the examined folder that are not marked as deleted, ascending."""
    if low > high:
        return []
    with imap_session.speaking(box.account):
        return imap_listing.between(box.client, low, high, "UNDELETED")


def headers(box: Mailbox, uids: Sequence[int], *, some: bool = False) -> Iterator[Held]:
    """The header blocks of these messages of the examined folder; those that have vanished are left out, with `some`
    also one that the server hands out the others but not."""
    for start in range(0, len(uids), BATCH):
        batch = list(uids[start : start + BATCH])
        answer = _by_halves(box, batch) if some else _asked(box, batch)
        for uid in batch:
            item = answer.get(uid, {})
            block = next((value for key, value in item.items() if key.startswith(b"BODY[HEADER")), None)
            if isinstance(block, bytes):
                received = item.get(b"INTERNALDATE")
                yield Held(uid=uid, header=block, received=received.astimezone(UTC) if received else None)


def _asked(box: Mailbox, batch: Sequence[int], *what: str) -> Fetched:
    with imap_session.speaking(box.account):
        return box.client.fetch(batch, what or [_HEADER, "INTERNALDATE"])


def _by_halves(box: Mailbox, batch: Sequence[int]) -> Fetched:
    """When the server refuses, or answers what nobody can read, the list is halved until the bad ones stand alone."""
    if (answer := _understood(box, batch)) is not None:
        return answer
    if len(batch) > 1:
        middle = len(batch) // 2
        return {**_by_halves(box, batch[:middle]), **_by_halves(box, batch[middle:])}
    _asked(box, batch, "UID")  # a server that refuses everything for a while is asked again later
    return _understood(box, batch) or {}


def _understood(box: Mailbox, batch: Sequence[int]) -> Fetched | None:
    """The answer, None when the server refuses it or nobody can read it; a line that breaks says nothing of the
    messages, and is raised (TryAgain)."""
    try:
        return _asked(box, batch)
    except TryAgain as error:
        if isinstance(error.__cause__, OSError | imaplib.IMAP4.abort):
            raise
    box.reopen()
    return None


def put(box: Mailbox, folder: str, message: bytes, when: datetime) -> int | None:
    """Put a draft into the folder, read and marked as a draft; its UID when the server tells (UIDPLUS)."""
    return box.append(folder, message, ("\\Draft", "\\Seen"), when)


def take_out(box: Mailbox, folder: str, uidvalidity: int, uid: int) -> bool:
    """Remove one message, by its UID only. True when it is gone or marked for removal (a server without UIDPLUS: a bare
    EXPUNGE would also remove what others marked); False when the folder is no longer the one it was in."""
    if box.open_for_writing(folder) != uidvalidity:
        return False
    with imap_session.speaking(box.account):
        _remove(box.client, uid)
    return True


def _remove(client: Session, uid: int) -> None:
    client.add_flags([uid], ["\\Deleted"], silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge([uid])

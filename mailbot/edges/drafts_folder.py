"""The agents' own folders over IMAP: header blocks of Drafts and Sent, putting a draft in, taking our own one out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mailbot.edges import imap_listing, imap_session
from mailbot.edges.imap_types import Session
from mailbot.edges.mailbox import Mailbox

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


def headers(box: Mailbox, uids: Sequence[int]) -> Iterator[Held]:
    """The header blocks of these messages of the examined folder; those that have vanished are left out."""
    for start in range(0, len(uids), BATCH):
        batch = list(uids[start : start + BATCH])
        with imap_session.speaking(box.account):
            answer = box.client.fetch(batch, [_HEADER, "INTERNALDATE"])
        for uid in batch:
            item = answer.get(uid, {})
            block = next((value for key, value in item.items() if key.startswith(b"BODY[HEADER")), None)
            if isinstance(block, bytes):
                received = item.get(b"INTERNALDATE")
                yield Held(uid=uid, header=block, received=received.astimezone(UTC) if received else None)


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

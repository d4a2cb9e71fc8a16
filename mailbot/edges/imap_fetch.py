"""Downloading messages: sizes and dates first, then bodies in bounded batches, then whatever can be saved of
the rest."""

import hashlib
import imaplib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from typing import Protocol

from mailbot.edges.imap_types import Session
from mailbot.model import RawMail

SIZES = 500  # messages per question about sizes
BATCH = 50  # bodies per question ...
BATCH_BYTES = 8_000_000  # ... and bytes, whichever is reached first
_HEADER = "BODY.PEEK[HEADER]<0.1048576>"  # a header block of over 1 MiB is an attack
_BODY = "BODY.PEEK[]"
_TROUBLES = (OSError, imaplib.IMAP4.error, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderView:
    """A folder as it was examined. Its UIDs mean something only together with `uidvalidity`."""

    folder: str
    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailure:
    """A message the server holds but cannot or will not hand out; `reason` is French."""

    uid: int
    reason: str


@dataclass(frozen=True, slots=True)
class Sized:
    """RFC822.SIZE in bytes, and INTERNALDATE in UTC or None when it cannot be read."""

    size: int
    received: datetime | None


class Link(Protocol):
    """A session that can be opened anew on the same folder. `reopen` raises TryAgain or NeedsHuman."""

    @property
    def client(self) -> Session: ...

    def reopen(self) -> None: ...


def fetch(
    link: Link, account: str, view: FolderView, uids: Iterable[int], max_bytes: int
) -> Iterator[RawMail | FetchFailure]:
    """Every message of `uids` that still exists, as mail or failure, in the order of the UIDs within each
    batch.

    One that is larger than `max_bytes`, or whose body cannot be had, comes with its header block only."""
    for portion in _batched(uids, SIZES):
        found = _sized(link, portion)
        sized = {uid: item for uid, item in found.items() if item is not None}
        for uid in found.keys() - sized.keys():
            yield _failure(view, uid, "le serveur n'en donne ni la taille ni la date")
        for batch, section in plan(sized, max_bytes):
            for uid, data, complete in _bodies(link, batch, section):
                yield _mail(account, view, uid, sized[uid], data, complete)


def plan(sized: Mapping[int, Sized], max_bytes: int) -> Iterator[tuple[list[int], str]]:
    """Batches of UIDs with the section to ask for: bounded by count and by bytes; too large ones
    header-only."""
    batch: list[int] = []
    total = 0
    for uid, item in sized.items():
        if item.size > max_bytes:
            continue
        if batch and (len(batch) == BATCH or total + item.size > BATCH_BYTES):
            yield batch, _BODY
            batch, total = [], 0
        batch.append(uid)
        total += item.size
    if batch:
        yield batch, _BODY
    for uid, item in sized.items():
        if item.size > max_bytes:
            yield [uid], _HEADER


def _mail(
    account: str, view: FolderView, uid: int, sized: Sized, data: bytes | None, complete: bool
) -> RawMail | FetchFailure:
    if data is None:
        return _failure(view, uid, "le serveur n'en rend ni le corps ni les en-têtes")
    received = sized.received or _header_date(data)
    if received is None:
        return _failure(view, uid, "le serveur ne dit pas quand il est arrivé")
    return RawMail(
        account=account,
        folder=view.folder,
        uidvalidity=view.uidvalidity,
        uid=uid,
        received=received,
        data=data,
        digest=hashlib.sha256(data).hexdigest(),
        size=sized.size or len(data),
        complete=complete,
    )


def _failure(view: FolderView, uid: int, what: str) -> FetchFailure:
    return FetchFailure(uid=uid, reason=f"message {uid} de « {view.folder} » : {what}.")


def _header_date(data: bytes) -> datetime | None:
    """The Date header, for the rare server that states no INTERNALDATE."""
    try:
        date = parsedate_to_datetime(str(BytesHeaderParser().parsebytes(data[:65536])["Date"]))
    except (ValueError, TypeError, MessageError):
        return None
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)


def _sized(link: Link, uids: list[int]) -> dict[int, Sized | None]:
    """Sizes of the messages that exist. On trouble the list is halved until the bad ones stand alone (None)."""
    try:
        return {**_sizes(link.client, uids)}
    except _TROUBLES:
        link.reopen()
    if len(uids) > 1:
        middle = len(uids) // 2
        return _sized(link, uids[:middle]) | _sized(link, uids[middle:])
    try:
        return {**_sizes(link.client, uids)}
    except _TROUBLES:
        link.reopen()
        return {uids[0]: None}


def _sizes(client: Session, uids: list[int]) -> dict[int, Sized]:
    answer = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
    # An unsolicited FETCH may name a message by a number that is also one of our UIDs, without what we asked
    # for.
    asked = {uid: answer[uid] for uid in uids if b"RFC822.SIZE" in answer.get(uid, {})}
    return {
        uid: Sized(int(item[b"RFC822.SIZE"]), _utc(item.get(b"INTERNALDATE"))) for uid, item in asked.items()
    }


def _utc(date: datetime | None) -> datetime | None:
    return None if date is None else date.astimezone(UTC)


def _bodies(link: Link, batch: list[int], section: str) -> Iterator[tuple[int, bytes | None, bool]]:
    """(uid, data, complete) for each message still there; data None when nothing of it can be had.

    When a batch fails, its messages are asked for one by one, so that a single bad one never stops the
    others."""
    try:
        found = _data(link.client, batch, section)
    except _TROUBLES:
        link.reopen()
        yield from _one_by_one(link, batch, section)
        return
    for uid in batch:
        if found.get(uid):
            yield uid, found[uid], section == _BODY
    if absent := [uid for uid in batch if not found.get(uid)]:
        yield from _second_look(link, absent, section, alone=len(batch) == 1)


def _second_look(
    link: Link, uids: list[int], section: str, *, alone: bool
) -> Iterator[tuple[int, bytes | None, bool]]:
    """A body that did not come or is empty: expunged meanwhile (absent), truly empty, or withheld by the
    server."""
    still = _sized(link, uids)
    for uid, item in still.items():
        if item is not None and item.size == 0:
            yield uid, b"", True
    withheld = [uid for uid, item in still.items() if item is None or item.size]
    if alone and withheld:
        yield from _header_only(link, withheld[0])
    elif withheld:
        yield from _one_by_one(link, withheld, section)


def _one_by_one(link: Link, uids: list[int], section: str) -> Iterator[tuple[int, bytes | None, bool]]:
    if len(uids) > 1:
        for uid in uids:
            yield from _bodies(link, [uid], section)
    else:
        yield from _header_only(link, uids[0])


def _header_only(link: Link, uid: int) -> Iterator[tuple[int, bytes | None, bool]]:
    try:
        yield uid, _data(link.client, [uid], _HEADER).get(uid) or None, False
    except _TROUBLES:
        link.reopen()
        yield uid, None, False


def _data(client: Session, uids: list[int], section: str) -> dict[int, bytes]:
    wanted = section.replace(".PEEK", "").partition("<")[0].encode()
    answer = client.fetch(uids, [section])
    found: dict[int, bytes] = {}
    for uid, item in answer.items():
        for key, value in item.items():
            if key.startswith(wanted) and value is not None:
                found[uid] = value if isinstance(value, bytes) else str(value).encode()
    return found


def _batched(items: Iterable[int], size: int) -> Iterator[list[int]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch

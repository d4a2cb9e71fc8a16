"""Which messages a folder holds, asked for in portions so that memory and answers stay small."""

import bisect
import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from mailbot.edges.imap_types import Session

PORTION = 1000  # messages per question; imaplib refuses lines of over a million bytes (some 140,000 UIDs)
_MARKS = 100  # portion boundaries asked for at once


def windows(client: Session, exists: int, after: int) -> Iterator[tuple[int, int]]:
    """Ascending UID ranges (lo, hi), each holding at most PORTION messages, over all UIDs above `after`.

    Boundaries are looked up by sequence number first, but handed out as UIDs, which do not move when
    messages are expunged in between. `exists` is the number of messages in the selected folder."""
    marks: list[int] = []
    for numbers in _batched(range(exists, 0, -PORTION), _MARKS):
        found = sorted(uids_at(client, numbers), reverse=True)
        marks += [uid for uid in found if uid > after]
        if not found or found[-1] <= after:
            break
    low = after + 1
    for mark in reversed(marks):
        yield low, mark
        low = mark + 1


def between(client: Session, low: int, high: int, *criteria: object) -> list[int]:
    """The UIDs from `low` to `high` that meet the further SEARCH criteria, ascending, each once."""
    try:
        found = client.search(["UID", f"{low}:{high}", *criteria])
    except ValueError:  # an answer spread over several SEARCH lines, which imapclient cannot read
        if criteria or high - low >= PORTION:
            raise
        found = list(client.fetch(range(low, high + 1), ["UID"]))
    return sorted({uid for uid in found if low <= uid <= high})  # '9:*' may answer the last one, below 9


def uids_at(client: Session, numbers: Sequence[int]) -> list[int]:
    """The UIDs of the messages with these sequence numbers."""
    client.use_uid = False
    try:
        answer = client.fetch(list(numbers), ["UID"])
    finally:
        client.use_uid = True
    return [int(item[b"UID"]) for item in answer.values() if b"UID" in item]


def uid_after_last(client: Session, exists: int) -> int:
    """UIDNEXT as far as it can be known of a server that does not state it."""
    if not exists:
        return 1
    found = uids_at(client, [exists])
    if not found:
        raise ValueError("UIDNEXT inconnu")
    return found[0] + 1


def count_from(client: Session, exists: int, uid: int) -> int:
    """How many messages of the selected folder have this UID or a higher one (some 2·log10 short
    questions)."""
    if uid <= 1:
        return exists

    def uid_at(number: int) -> int:
        found = uids_at(client, [number])
        if not found:
            raise ValueError(f"le message n° {number} a disparu pendant le comptage")
        return found[0]

    return exists - bisect.bisect_left(range(1, exists + 1), uid, key=uid_at)


def received_since(client: Session, window: tuple[int, int], instant: datetime) -> list[int]:
    """The UIDs of the window whose INTERNALDATE is at or after the aware `instant`.

    SEARCH SINCE knows whole days in the server's own time zone only, so it is asked two days wider (RFC 3501
    6.4.4) and the exact instants are compared here; a message without readable INTERNALDATE is kept."""
    day = (instant - timedelta(days=2)).date()
    wide = between(client, *window, "SINCE", day)
    dates = client.fetch(wide, ["INTERNALDATE"])
    return [uid for uid in wide if _at_or_after(dates.get(uid, {}).get(b"INTERNALDATE"), instant)]


def _at_or_after(date: datetime | None, instant: datetime) -> bool:
    return date is None or date >= instant


def _batched(items: range, size: int) -> Iterator[list[int]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch

"""Clocks as an iCalendar file (RFC 5545), for the calendar an agent already looks at. Pure."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LINE_OCTETS = 75  # section 3.1: a content line is folded beyond this
_WARNINGS = (timedelta(hours=24), timedelta(hours=4))
_NAMESPACE = uuid.UUID("6f0c1d52-5f0b-5a8b-9d2e-6d61696c626f")
_HEAD = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//mailbot//echeances//FR",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One clock. `key` names it for ever: the same key is the same event in the agent's calendar. `due_at` aware.
    `warned`: reminders are wanted 24 h and 4 h before. `summary` and `details` are French."""

    key: str
    due_at: datetime
    summary: str
    details: Sequence[str]
    warned: bool = True


def calendar(entries: Iterable[Entry], stamp: datetime) -> bytes:
    """The file, UTF-8 with CRLF. `stamp` (aware) is when it is written: reminders before it are left out."""
    lines = [*_HEAD, "X-WR-CALNAME:Échéances du service client"]
    for entry in entries:
        lines += _event(entry, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(fold(line) for line in lines)


def _event(entry: Entry, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{uuid.uuid5(_NAMESPACE, entry.key)}"
    yield f"DTSTAMP:{utc(stamp)}"
    yield f"DTSTART:{utc(entry.due_at)}"
    yield f"SUMMARY:{escape(entry.summary)}"
    yield f"DESCRIPTION:{escape(chr(10).join(entry.details))}"
    yield "TRANSP:TRANSPARENT"  # a due date keeps nobody busy
    for before in _WARNINGS if entry.warned else ():
        if entry.due_at - before > stamp:
            yield "BEGIN:VALARM"
            yield "ACTION:DISPLAY"
            yield f"TRIGGER:-PT{before // timedelta(hours=1)}H"
            yield f"DESCRIPTION:{escape(entry.summary)}"
            yield "END:VALARM"
    yield "END:VEVENT"


def utc(instant: datetime) -> str:
    """An aware instant as DATE-TIME in UTC (section 3.3.5), whole seconds."""
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escape(text: str) -> str:
    """A value of type TEXT (section 3.3.11): no control characters, line breaks as \\n."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    kept = "".join(char for char in plain if char in "\n\t" or (ord(char) >= 32 and ord(char) != 127))
    return kept.replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> bytes:
    """One content line of at most 75 octets a row, never inside a character (section 3.1), with its CRLF."""
    rows: list[bytes] = []
    row = b""
    for char in line:
        octets = char.encode("utf-8", "replace")
        if len(row) + len(octets) > LINE_OCTETS:
            rows.append(row)
            row = b" "
        row += octets
    return b"\r\n".join([*rows, row]) + b"\r\n"

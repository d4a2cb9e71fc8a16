"""Clocks as an iCalendar file: read back by the rules of RFC 5545, not by our own writer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from mailbot.steps.ics import Entry, calendar, escape, fold

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def entry(hours: float = 48, *, summary: str = "Répondre au client", warned: bool = True) -> Entry:
    return Entry(
        key="a/1", due_at=NOW + timedelta(hours=hours), summary=summary, details=("un", "deux"), warned=warned
    )


def lines(*entries: Entry) -> list[str]:
    """Content lines, unfolded (section 3.1)."""
    text = calendar(entries, NOW).decode("utf-8")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_a_clock_becomes_an_event_with_two_reminders() -> None:
    assert lines(entry()) == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//mailbot//echeances//FR", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "X-WR-CALNAME:Échéances du service client", "BEGIN:VEVENT", "UID:447cdeb5-9710-59c0-937b-7367726e89d3",
        "DTSTAMP:20261120T090000Z", "DTSTART:20261122T090000Z", "SUMMARY:Répondre au client", "DESCRIPTION:un\\ndeux",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT24H", "DESCRIPTION:Répondre au client", "END:VALARM",
        "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT4H", "DESCRIPTION:Répondre au client", "END:VALARM",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


def test_a_reminder_whose_hour_is_past_is_left_out() -> None:
    assert [line for line in lines(entry(5)) if "TRIGGER" in line] == ["TRIGGER:-PT4H"]
    assert [line for line in lines(entry(-1)) if "TRIGGER" in line] == []
    assert [line for line in lines(entry(48, warned=False)) if "TRIGGER" in line] == []


def test_times_are_written_in_utc_whatever_zone_they_come_in() -> None:
    summer = datetime(2026, 7, 1, 23, 59, 59, tzinfo=ZoneInfo("Europe/Paris"))
    one = Entry(key="a", due_at=summer, summary="x", details=())
    assert "DTSTART:20260701T215959Z" in lines(one)


def test_no_clock_gives_an_empty_calendar() -> None:
    assert "BEGIN:VEVENT" not in lines()


def test_signs_with_a_meaning_are_escaped_and_control_characters_dropped() -> None:
    assert escape("a,b;c\\d\r\ne\x00\x1b[31mf\tg") == "a\\,b\\;c\\\\d\\ne[31mf\tg"


@given(st.text())
def test_any_text_folds_at_75_octets_and_unfolds_to_itself(text: str) -> None:
    line = "SUMMARY:" + escape(text)
    folded = fold(line)
    rows = folded.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(row) <= 75 for row in rows)
    assert all(row.startswith(b" ") for row in rows[1:])
    back = folded.replace(b"\r\n ", b"").removesuffix(b"\r\n").decode("utf-8")
    assert back == line.encode("utf-8", "replace").decode()


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_no_text_can_add_a_line_of_its_own(text: str) -> None:
    known = [line.split(":")[0] for line in lines(entry())]
    assert [line.split(":")[0] for line in lines(entry(summary=text + "\r\nBEGIN:VEVENT"))] == known

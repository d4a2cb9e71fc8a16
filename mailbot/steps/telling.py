"""Says days, instants and day-by-day counts in French. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from mailbot.steps.french import DAYS, MONTHS


@lru_cache(maxsize=8192)
def french_day(day: date, *, year: bool = False) -> str:
    """« mercredi 11 novembre », with the year when asked."""
    number = "1er" if day.day == 1 else str(day.day)
    text = f"{DAYS[day.weekday()]} {number} {MONTHS[day.month - 1]}"
    return f"{text} {day.year}" if year else text


def french_instant(when: datetime) -> str:
    """« mercredi 11 novembre 2026 à 9 h 05 » in the zone of `when`."""
    return f"{french_day(when.date(), year=True)} à {when.hour} h {when.minute:02d}"


def tell_each(visited: Sequence[tuple[date, str | None]]) -> Iterator[str]:
    """One line a day: what it counts for, or why it does not count."""
    number = 0
    for day, reason in visited:
        if reason is None:
            number += 1
            yield f"{french_day(day)} : jour {number}"
        else:
            yield f"{french_day(day)} : {reason}, non compté"


def tell_runs(visited: Sequence[tuple[date, str | None]]) -> Iterator[str]:
    """One line for each run of days that count, or do not for the same reason."""
    number, at = 0, 0
    while at < len(visited):
        first, reason = visited[at]
        until = at
        while until + 1 < len(visited) and visited[until + 1][1] == reason:
            until += 1
        last, size = visited[until][0], until - at + 1
        days = french_day(first) if size == 1 else f"du {french_day(first)} au {french_day(last)}"
        if reason is not None:
            yield f"{days} : {reason}, non compté{'s' if size > 1 else ''}"
        else:
            yield f"{days} : jour{f's {number + 1} à' if size > 1 else ''} {number + size}"
            number += size
        at = until + 1


def duration(span: timedelta) -> str:
    """« 9 h », « 9 h 30 »."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return f"{hours} h {minutes:02d}" if minutes else f"{hours} h"

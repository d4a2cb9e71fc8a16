"""How a period of days or months runs from one day: which days count, where it ends when that day is closed. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mailbot.steps.calendar import ONE_DAY, SUNDAY, Calendar
from mailbot.steps.telling import french_day, tell_each, tell_runs
from mailbot.zone import PARIS

_END_OF_DAY = time(23, 59, 59)
_DAYS_NAMED = 7  # longer counts are told in runs of days, so that they can be read aloud


class Plan(NamedTuple):
    """How days are counted, whatever the day."""

    unit: str
    n: int
    roll: str
    then_months: int | None
    calendar: Calendar
    saturday: bool


@dataclass(frozen=True, slots=True)
class End:
    """When a count ends (Europe/Paris), whether it was moved off a closed day, and what it went through (French)."""

    due: datetime
    rolled: bool = False
    steps: tuple[str, ...] = ()


@lru_cache(maxsize=8192)  # most counts of a day start on the same few days
def days_in(plan: Plan, day: date, zone: ZoneInfo) -> End:
    """The end of a period of days that starts after `day`, at the end of a day of `zone`."""
    day, steps = _count_days(day, plan)
    rolled = False
    if plan.roll == "consommateur":
        day, rolled = _roll(day, plan.calendar, steps)
    if plan.then_months:
        day = _add_months(day, plan.then_months, steps)
        day, rolled = _roll(day, plan.calendar, steps)
    due = datetime.combine(day, _END_OF_DAY, zone)
    return End(due if zone is PARIS else due.astimezone(PARIS), rolled, tuple(steps))


def _count_days(day: date, plan: Plan) -> tuple[date, list[str]]:
    closed_because = _CLOSED[plan.unit]
    visited: list[tuple[date, str | None]] = []
    left = plan.n
    while left:
        day += ONE_DAY
        reason = closed_because(day, plan)
        visited.append((day, reason))
        if reason is None:
            left -= 1
    return day, list(tell_each(visited) if plan.n <= _DAYS_NAMED else tell_runs(visited))


def closed_ouvre(day: date, plan: Plan) -> str | None:
    """Why a day is no jour ouvré (French), or None when it is one."""
    name = plan.calendar.holiday(day)
    if name is not None:
        return f"férié ({name})"
    weekday = day.weekday()
    return "week-end" if weekday == SUNDAY or (weekday == SUNDAY - 1 and not plan.saturday) else None


def _closed_ouvrable(day: date, plan: Plan) -> str | None:
    name = plan.calendar.holiday(day)
    if name is not None:
        return f"férié ({name})"
    return "repos hebdomadaire" if day.weekday() == SUNDAY else None


def _never_closed(_day: date, _plan: Plan) -> str | None:
    return None


_CLOSED: Mapping[str, Callable[[date, Plan], str | None]] = {
    "jours_ouvres": closed_ouvre,
    "jours_ouvrables": _closed_ouvrable,
    "jours_calendaires": _never_closed,
}


def _roll(day: date, calendar: Calendar, steps: list[str]) -> tuple[date, bool]:
    to = calendar.next_working(day)
    if to == day:
        return day, False
    name = calendar.holiday(day)
    reason = f"férié ({name})" if name else "week-end"
    steps.append(f"{french_day(day)} : {reason}, le délai est prolongé")
    steps.append(f"{french_day(to)} : premier jour ouvré suivant, dernier jour du délai")
    return to, True


def _add_months(day: date, months: int, steps: list[str]) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    after = date(year + (month == 12), month % 12 + 1, 1)
    last = (after - ONE_DAY).day
    to = date(year, month, min(day.day, last))
    steps.append(f"{french_day(day, year=True)} + {months} mois : {french_day(to, year=True)}")
    if to.day != day.day:
        steps.append(f"ce mois n'a pas de {day.day} : le dernier jour du mois est retenu")
    return to


@lru_cache(maxsize=8192)
def months_from(plan: Plan, day: date) -> End:
    """The end of a period of months that starts on `day`."""
    steps: list[str] = []
    day = _add_months(day, plan.n + (plan.then_months or 0), steps)
    rolled = False
    if plan.roll == "consommateur":
        day, rolled = _roll(day, plan.calendar, steps)
    return End(datetime.combine(day, _END_OF_DAY, PARIS), rolled, tuple(steps))

"""Counts against an oracle written independently: its own Easter and holidays, one day at a time."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailbot.steps.deadlines import count, to_json
from mailbot.zone import PARIS
from tests.steps.counting_rules import RULES, paris


def easter(year: int) -> date:
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


OVERSEAS = {"971": (5, 27), "972": (5, 22), "973": (6, 10), "974": (12, 20), "976": (4, 27), "977": (10, 9)}
REGIONS = ["FR", "57", "67", "68", *OVERSEAS]


def closed(year: int, region: str) -> set[date]:
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    days = {date(year, month, day) for month, day in fixed}
    days |= {easter(year) + timedelta(days=n) for n in (1, 39, 50)}
    if region in ("57", "67", "68"):
        days |= {easter(year) - timedelta(days=2), date(year, 12, 26)}
    if region in OVERSEAS:
        days.add(date(year, *OVERSEAS[region]))
    return days


def days_after(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        yield day


def naive_last_day(start: date, n: int, region: str, open_weekdays: int) -> date:
    for day in days_after(start):
        if day.weekday() < open_weekdays and day not in closed(day.year, region):
            n -= 1
        if n == 0:
            return day
    raise AssertionError


instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
regions = st.sampled_from(REGIONS)


@given(instants, st.integers(1, 30), regions)
def test_working_days_equal_a_naive_count(start: datetime, n: int, region: str) -> None:
    due = count(f"JO_{n}", RULES, start, region=region).due_at
    expected = naive_last_day(start.astimezone(PARIS).date(), n, region, 5)
    assert (due.date(), due.hour, due.minute, due.second) == (expected, 23, 59, 59)


@given(instants, st.integers(1, 30), regions)
def test_jours_ouvrables_equal_a_naive_count(start: datetime, n: int, region: str) -> None:
    due = count(f"JOUVRABLES_{n}", RULES, start, region=region).due_at
    assert due.date() == naive_last_day(start.astimezone(PARIS).date(), n, region, 6)


@given(instants, regions)
@example(datetime(2026, 12, 24, 23, 30, tzinfo=UTC), "FR")
def test_the_withdrawal_period_equals_a_naive_count_and_never_ends_on_a_closed_day(
    start: datetime, region: str
) -> None:
    counted = count("L221_18", RULES, start, region=region)
    ends = []
    for zone in (PARIS, ZoneInfo(RULES.region_by_id[region].fuseau)):
        day = start.astimezone(zone).date() + timedelta(days=14)
        while day.weekday() > 4 or day in closed(day.year, region):
            day += timedelta(days=1)
        ends.append(datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone))
    assert counted.due_at == max(end.astimezone(UTC) for end in ends)


def naive_open_minutes(start: datetime, hours: int, region: str) -> datetime:
    """Walk minute by minute; only minutes of open Paris days count."""
    at, left = start.astimezone(UTC), hours * 60
    while left:
        local = at.astimezone(PARIS)
        if local.weekday() < 5 and local.date() not in closed(local.year, region):
            left -= 1
        at += timedelta(minutes=1)
    return at


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from([1, 24, 30]),
)
def test_a_clock_that_stops_on_closed_days_equals_a_naive_count(start: datetime, hours: int) -> None:
    start = start.replace(second=0, microsecond=0)
    assert count(f"H{hours}_HORS_WE_FERIES", RULES, start).due_at == naive_open_minutes(start, hours, "FR")


NAMED = [rule.id for rule in RULES.regle if rule.n]
COUNTED = [
    "JO_2",
    "JO_30",
    "JC_7",
    "JC_90",
    "JOUVRABLES_2",
    "ELAPSED_24H",
    "ELAPSED_48H",
    "H24_HORS_WE_FERIES",
]
every_rule = st.sampled_from([*NAMED, *COUNTED])


@given(every_rule, instants, st.integers(0, 400 * 24 * 3600), regions)
def test_a_later_event_never_ends_earlier(rule: str, start: datetime, seconds: int, region: str) -> None:
    first = count(rule, RULES, start, region=region)
    later = count(rule, RULES, start + timedelta(seconds=seconds), region=region)
    assert first.due_at <= later.due_at


@given(every_rule, instants, regions)
def test_every_count_ends_after_it_starts_and_says_so(rule: str, start: datetime, region: str) -> None:
    counted = count(rule, RULES, start, region=region)
    assert counted.due_at > counted.start == start
    assert counted.due_at.tzinfo is counted.start.tzinfo
    assert str(counted.due_at.tzinfo) == "Europe/Paris"
    assert counted.steps[0].endswith(": départ")
    assert counted.steps[-1].startswith("fin : ")
    assert len(counted.steps) < 60


@given(instants, st.integers(1, 200))
def test_elapsed_hours_are_hours_whatever_the_clocks_do(start: datetime, hours: int) -> None:
    due = count(f"ELAPSED_{hours}H", RULES, start).due_at
    assert due.astimezone(UTC) - start == timedelta(hours=hours)


def test_the_zone_of_the_machine_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    start = datetime.fromisoformat("2026-01-01T00:30:00+01:00")
    answers = []
    for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
        with monkeypatch.context() as machine:
            machine.setenv("TZ", zone)
            time.tzset()
            answers.append(
                [
                    to_json(count(rule, RULES, start + timedelta(hours=11 * n), region=region))
                    for rule in (*NAMED, *COUNTED)
                    for region in ("FR", "972", "974")
                    for n in range(60)
                ]
            )
    time.tzset()
    assert answers[0] == answers[1] == answers[2]


def test_counting_is_fast_enough_for_a_whole_mailbox() -> None:
    starts = [paris("2026-01-01T08:00") + timedelta(hours=7 * n) for n in range(2000)]
    count("JO_2", RULES, starts[0])
    began = time.perf_counter()
    for start in starts:
        count("JO_2", RULES, start)
    assert len(starts) / (time.perf_counter() - began) > 5_000  # 90,000 a second when the machine is idle


def test_the_longest_count_is_still_short() -> None:
    began = time.perf_counter()
    counted = count("JO_3660", RULES, paris("2026-01-01T08:00"))
    assert counted.due_at.year == 2040
    assert time.perf_counter() - began < 2

"""Deadlines against worked examples, against a naive day-by-day count, and misused in every way."""

import csv
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from mailbot.errors import DeadlineError, RuleError
from mailbot.ruleset import CountingRules, SituationDeadline
from mailbot.steps.deadlines import (
    count,
    days_late,
    internal_target,
    parse_rules,
    penalty,
    resolve,
    run,
    to_json,
    to_rows,
)

ROOT = Path(__file__).parent.parent.parent
PARIS = ZoneInfo("Europe/Paris")


def load_rules() -> CountingRules:
    texts = [(ROOT / "rules" / name).read_text("utf-8") for name in ("delais.toml", "calendrier.toml")]
    return parse_rules({**tomllib.loads(texts[0]), **tomllib.loads(texts[1])})


RULES = load_rules()


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def worked_examples() -> list[dict[str, str]]:
    with (ROOT / "tests/data/deadlines_examples.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", worked_examples(), ids=lambda row: row["id"])
def test_every_worked_example_ends_when_the_table_says(row: dict[str, str]) -> None:
    second = datetime.fromisoformat(row["second_event_at"]) if row["second_event_at"] else None
    counted = count(
        row["rule"], RULES, datetime.fromisoformat(row["event_at"]), second=second, region=row["region"]
    )
    assert counted.due_at.isoformat() == row["due_at"]
    assert counted.rolled == (row["rolled"] == "yes")


# --- an oracle written independently: its own Easter, its own holidays, one day at a time ---


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


# --- what an agent reads ---


def test_two_working_days_over_a_holiday_are_told_day_by_day() -> None:
    assert count("JO_2", RULES, paris("2026-11-10T11:00")).steps == (
        "mardi 10 novembre 2026 à 11 h 00 : départ",
        "mercredi 11 novembre : férié (Armistice), non compté",
        "jeudi 12 novembre : jour 1",
        "vendredi 13 novembre : jour 2",
        "fin : vendredi 13 novembre 2026 à 23 h 59",
    )


def test_a_long_count_is_told_in_runs_of_days() -> None:
    assert count("L221_18", RULES, paris("2026-10-28T11:00")).steps == (
        "mercredi 28 octobre 2026 à 11 h 00 : départ",
        "du jeudi 29 octobre au mercredi 11 novembre : jours 1 à 14",
        "mercredi 11 novembre : férié (Armistice), le délai est prolongé",
        "jeudi 12 novembre : premier jour ouvré suivant, dernier jour du délai",
        "fin : jeudi 12 novembre 2026 à 23 h 59",
    )


def test_a_clock_change_is_told() -> None:
    autumn = count("ELAPSED_24H", RULES, paris("2026-10-24T10:00"))
    spring = count("ELAPSED_24H", RULES, paris("2027-03-27T10:00"))
    assert "l'heure affichée recule d'une heure" in autumn.steps[1]
    assert "l'heure affichée avance d'une heure" in spring.steps[1]
    assert spring.due_at.isoformat() == "2027-03-28T11:00:00+02:00"


def test_a_stopped_clock_is_told() -> None:
    assert count("H24_HORS_WE_FERIES", RULES, paris("2026-11-20T15:00")).steps[1:-1] == (
        "vendredi 20 novembre : 9 h comptées",
        "samedi 21 novembre : week-end, horloge arrêtée",
        "dimanche 22 novembre : week-end, horloge arrêtée",
        "lundi 23 novembre : 15 h comptées",
    )


def test_the_json_of_a_count_has_the_promised_fields() -> None:
    assert to_json(count("JC_7", RULES, datetime(2026, 11, 23, 9, 15, tzinfo=UTC))) == {
        "rule": "JC_7",
        "from": "2026-11-23T10:15:00+01:00",
        "due_at": "2026-11-30T23:59:59+01:00",
        "rolled": False,
        "steps": [
            "lundi 23 novembre 2026 à 10 h 15 : départ",
            "mardi 24 novembre : jour 1",
            "mercredi 25 novembre : jour 2",
            "jeudi 26 novembre : jour 3",
            "vendredi 27 novembre : jour 4",
            "samedi 28 novembre : jour 5",
            "dimanche 29 novembre : jour 6",
            "lundi 30 novembre : jour 7",
            "fin : lundi 30 novembre 2026 à 23 h 59",
        ],
        "basis": RULES.rule_by_id["JC_n"].fondement,
    }  # fmt: skip


def test_the_table_of_a_count_says_whether_it_was_extended() -> None:
    rows = dict(to_rows(count("L221_18", RULES, paris("2026-11-07T11:00"))))
    assert rows["Règle"] == "L221_18 — délai de rétractation"
    assert rows["Fin"] == "lundi 23 novembre 2026 à 23 h 59"
    assert rows["Prolongé"].startswith("oui")


# --- rules with two events, overseas, Saturdays ---


def test_the_withdrawal_period_starts_with_the_last_parcel() -> None:
    counted = count("L221_18", RULES, paris("2026-11-02T11:00"), second=paris("2026-11-09T11:00"))
    assert counted.due_at.date() == date(2026, 11, 23)
    assert "dernier des deux" in counted.steps[1]


def test_the_refund_waits_for_goods_that_come_back_late() -> None:
    back = paris("2026-12-01T10:30")
    counted = count("L221_24", RULES, paris("2026-11-10T09:00"), second=back)
    assert counted.due_at == back
    assert any("dû à ce moment" in step for step in counted.steps)


def test_a_second_event_without_effect_is_said_to_have_none() -> None:
    start = paris("2026-11-10T09:00")
    counted = count("L217_10", RULES, start, second=start)
    assert counted.due_at == count("L217_10", RULES, start).due_at
    assert any("sans effet" in step for step in counted.steps)


def test_a_consumer_west_of_paris_has_until_the_end_of_his_own_day() -> None:
    counted = count("L221_18", RULES, paris("2026-11-09T15:00"), region="972")
    assert counted.due_at.isoformat() == "2026-11-24T04:59:59+01:00"
    assert any("Martinique" in step for step in counted.steps)


def test_a_merchant_overseas_gets_no_longer_day() -> None:
    assert count("JO_2", RULES, paris("2026-11-09T15:00"), region="972").due_at.hour == 23


def test_a_shop_that_works_on_saturdays_answers_sooner() -> None:
    friday = paris("2026-11-20T10:00")
    assert count("JO_2", RULES, friday, saturday_works=True).due_at.date() == date(2026, 11, 23)
    assert count("JO_2", RULES, friday).due_at.date() == date(2026, 11, 24)


def test_the_guarantee_after_a_repair_lasts_six_months_more() -> None:
    assert count("L217_13", RULES, paris("2026-08-31T09:00")).due_at.date() == date(2029, 2, 28)


# --- misuse ---


@pytest.mark.parametrize(
    ("rule", "nearest"),
    [("JO2", "JO_2"), ("jo_3", "JO_3"), ("L221-18", "L221_18"), ("24H", "ELAPSED_24H"), ("H24", "H24_HORS")],
)
def test_an_unknown_rule_names_the_nearest_one(rule: str, nearest: str) -> None:
    with pytest.raises(RuleError, match=f"inconnue.*La plus proche : « {nearest}"):
        count(rule, RULES, paris("2026-11-10T09:00"))


@pytest.mark.parametrize(
    "rule", ["", "JO_", "JO_-1", "JO_02", "JO_²", "JO_n", "JO_1e3", "n", "ELAPSED_H", "🙂" * 99]
)
def test_a_malformed_rule_is_refused(rule: str) -> None:
    with pytest.raises(RuleError, match="règle de délai inconnue"):
        resolve(rule, RULES)


@pytest.mark.parametrize("rule", ["JO_0", "JC_3661", "ELAPSED_99999H"])
def test_a_senseless_number_is_refused(rule: str) -> None:
    with pytest.raises(RuleError, match="entre 1 et 3660"):
        resolve(rule, RULES)


def test_a_date_without_zone_is_refused() -> None:
    naive = datetime(2026, 11, 10, 9, 0)  # noqa: DTZ001
    with pytest.raises(DeadlineError, match="sans fuseau horaire"):
        count("JO_2", RULES, naive)
    with pytest.raises(DeadlineError, match="sans fuseau horaire"):
        count("L221_24", RULES, paris("2026-11-10T09:00"), second=naive)


@pytest.mark.parametrize("year", [1, 1989, 2101, 9999])
def test_a_date_out_of_this_world_is_refused(year: int) -> None:
    with pytest.raises(DeadlineError, match="hors limites"):
        count("JO_2", RULES, datetime(year, 6, 1, tzinfo=UTC))


def test_a_delay_that_would_end_next_century_is_refused() -> None:
    with pytest.raises(DeadlineError, match="après 2100"):
        count("JC_3660", RULES, paris("2099-01-01T00:00"))


# --- several clocks on one mail ---


def clock(id_: str, depart: str, regle: str, second: str | None = None) -> SituationDeadline:
    return SituationDeadline.model_validate(
        {"id": id_, "libelle": f"délai {id_}", "depart": depart, "regle": regle, "second": second}
    )


def test_two_clocks_of_one_mail_run_side_by_side_earliest_first() -> None:
    start = paris("2026-11-20T09:00")
    wanted = [clock("proof", "demande", "JC_7"), clock("answer", "demande", "canal")]
    found, unknown = run(wanted, {"demande": start}, RULES, answer_rule="ELAPSED_24H")
    assert [(deadline.id, deadline.rule) for deadline in found] == [
        ("answer", "ELAPSED_24H"),
        ("proof", "JC_7"),
    ]
    assert found[0].due_at == start + timedelta(hours=24)
    assert found[1].label == "délai proof"
    assert unknown == ()


def test_a_clock_whose_event_is_unknown_is_omitted_and_named() -> None:
    wanted = [
        clock("delivery", "livraison", "L221_18"),
        clock("answer", "demande", "JO_2"),
        clock("channel", "demande", "canal"),
        clock("absurd", "commande", "L216_1"),
    ]
    events = {
        "demande": paris("2026-11-20T09:00"),
        "livraison": None,
        "commande": datetime(202, 1, 1, tzinfo=UTC),
    }
    found, unknown = run(wanted, events, RULES)
    assert [deadline.id for deadline in found] == ["answer"]
    assert unknown == ("delivery", "channel", "absurd")


def test_a_consumer_right_counts_with_his_region_and_a_duty_with_the_shops() -> None:
    events = {"livraison": paris("2026-03-20T11:00"), "demande": paris("2026-04-02T15:00")}
    wanted = [clock("right", "livraison", "L221_18"), clock("answer", "demande", "JO_2")]
    found, _ = run(wanted, events, RULES, customer_region="68")
    due = {deadline.id: deadline.due_at.date() for deadline in found}
    assert due == {"right": date(2026, 4, 7), "answer": date(2026, 4, 7)}
    found, _ = run(wanted, events, RULES, merchant_region="67")
    due = {deadline.id: deadline.due_at.date() for deadline in found}
    assert due == {"right": date(2026, 4, 3), "answer": date(2026, 4, 8)}


def test_the_second_event_of_a_situation_reaches_its_rule() -> None:
    back = paris("2026-12-01T10:30")
    events = {"retractation": paris("2026-11-10T09:00"), "retour_recu": back}
    found, _ = run([clock("refund", "retractation", "L221_24", "retour_recu")], events, RULES)
    assert found[0].due_at == back


# --- internal target, penalties, rule files ---


@pytest.mark.parametrize(
    ("due", "target"),
    [
        ("2026-11-30T23:59:59", "2026-11-30T18:00"),
        ("2026-12-25T23:59:59", "2026-12-24T18:00"),
        ("2026-12-20T23:59:59", "2026-12-18T18:00"),
        ("2026-11-23T15:00:00", "2026-11-23T15:00"),
        ("2026-11-22T15:00:00", "2026-11-20T18:00"),
    ],
)
def test_the_internal_target_is_in_working_time_and_never_after_the_deadline(due: str, target: str) -> None:
    assert internal_target(paris(due), RULES) == paris(target)


def test_the_internal_target_is_never_before_the_request() -> None:
    saturday = paris("2026-11-21T15:00")
    due = count("ELAPSED_24H", RULES, saturday).due_at
    assert internal_target(due, RULES, start=saturday) == due


@pytest.mark.parametrize(
    ("scale", "late", "percent"),
    [
        ("L241_4", 0, 0), ("L241_4", 1, 10), ("L241_4", 14, 10), ("L241_4", 15, 20), ("L241_4", 30, 20),
        ("L241_4", 31, 50), ("L241_4", 900, 50),
        ("L242_4", -3, 0), ("L242_4", 1, None), ("L242_4", 10, None), ("L242_4", 11, 5), ("L242_4", 20, 5),
        ("L242_4", 21, 10), ("L242_4", 31, 20), ("L242_4", 60, 20), ("L242_4", 61, 50), ("L242_4", 90, 50),
        ("L242_4", 91, 55), ("L242_4", 121, 60), ("L242_4", 5000, 100),
    ],
)  # fmt: skip
def test_a_late_refund_costs_what_the_scale_says(scale: str, late: int, percent: int | None) -> None:
    owed = penalty(scale, late, RULES)
    assert owed.percent == percent
    assert owed.basis.startswith("Code de la consommation")


def test_a_penalty_is_told_in_words() -> None:
    assert penalty("L241_4", 16, RULES).text == "16 jours de retard : somme majorée de 20 %"
    assert penalty("L242_4", 1, RULES).text == "1 jour de retard : intérêts au taux légal"
    with pytest.raises(RuleError, match="barème inconnu : « L999 »"):
        penalty("L999", 1, RULES)


def test_days_late_are_calendar_days_in_paris() -> None:
    due = paris("2026-12-04T23:59:59")
    assert days_late(due, paris("2026-12-04T08:00")) == 0
    assert days_late(due, datetime(2026, 12, 4, 23, 30, tzinfo=UTC)) == 1
    assert days_late(due, paris("2027-01-03T12:00")) == 30


def broken(**changes: object) -> dict[str, object]:
    texts = [(ROOT / "rules" / name).read_text("utf-8") for name in ("delais.toml", "calendrier.toml")]
    return {**tomllib.loads(texts[0]), **tomllib.loads(texts[1]), **changes}


@pytest.mark.parametrize(
    "region",
    [
        {"id": "FR", "nom": "France", "fuseau": "Europe/Pari"},
        {"id": "FR", "nom": "France", "bibliotheque": "ZZ"},
        {"id": "FR", "nom": "France", "jours": [{"jour": "02-30", "nom": "rien"}]},
    ],
)
def test_a_region_the_library_does_not_know_refuses_to_load(region: dict[str, object]) -> None:
    with pytest.raises(RuleError, match=r"calendrier\.toml : région « FR »"):
        parse_rules(broken(region=[region]))


def test_rule_files_that_contradict_themselves_refuse_to_load() -> None:
    rule = RULES.regle[0].model_dump()
    with pytest.raises(ValidationError, match="le même id : JO_n"):
        parse_rules(broken(regle=[rule, rule]))
    with pytest.raises(ValidationError, match="jamais les deux"):
        parse_rules(broken(regle=[{**rule, "n": 3}]))
    with pytest.raises(ValidationError, match="« FR »"):
        parse_rules(broken(region=[{"id": "67", "nom": "Bas-Rhin"}]))

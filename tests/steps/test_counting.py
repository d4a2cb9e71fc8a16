"""Counts against worked examples, what an agent reads of them, and every way to misuse them."""

import csv
from datetime import UTC, date, datetime

import pytest

from mailbot.errors import DeadlineError, RuleError
from mailbot.steps.counting import count
from mailbot.steps.rule_names import resolve
from tests.steps.counting_rules import ROOT, RULES, paris


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


@pytest.mark.parametrize(
    ("informed", "due", "rolled"),
    [
        ("2027-03-02T10:00", "2027-03-16T23:59:59+01:00", False),  # fourteen days from the day he was told
        ("2026-11-10T10:00", "2026-11-24T23:59:59+01:00", False),  # told within the first period: from then
        (
            "2026-11-07T12:00",
            "2026-11-23T23:59:59+01:00",
            True,
        ),  # told on the day of delivery: the plain period
        ("2027-11-20T10:00", "2027-12-06T23:59:59+01:00", True),  # told at the very end: still fourteen days
        ("2027-12-01T10:00", "2027-11-23T23:59:59+01:00", False),  # too late to matter
    ],
)
def test_information_given_late_starts_the_withdrawal_period_anew(
    informed: str, due: str, rolled: bool
) -> None:
    counted = count("L221_20_SANS_INFO", RULES, paris("2026-11-07T11:00"), second=paris(informed))
    assert (counted.due_at.isoformat(), counted.rolled) == (due, rolled)


WEEKEND = [  # the clock that stops on whole closed days, begun on one, over a holiday, over a change of clocks
    ("2026-11-21T09:00", "2026-11-24T00:00:00+01:00"),  # Saturday: the whole Monday
    ("2026-11-22T23:59", "2026-11-24T00:00:00+01:00"),
    ("2026-10-24T10:00", "2026-10-27T00:00:00+01:00"),  # the night of 25 hours lies in the stopped Sunday
    ("2026-03-27T12:00", "2026-03-30T12:00:00+02:00"),  # Friday noon: Monday noon, one hour less between
    ("2026-05-13T18:00", "2026-05-15T18:00:00+02:00"),  # Ascension Thursday is stopped, the bridge day counts
    ("2026-12-31T10:00", "2027-01-04T10:00:00+01:00"),  # New Year's Day and the weekend
]


@pytest.mark.parametrize(("start", "due"), WEEKEND)
def test_a_stopped_clock_starts_with_the_next_open_day(start: str, due: str) -> None:
    assert count("H24_HORS_WE_FERIES", RULES, paris(start)).due_at.isoformat() == due


@pytest.mark.parametrize(
    ("rule", "start", "region", "due"),
    [
        ("JO_2", "2026-04-02T15:00", "67", "2026-04-08T23:59:59+02:00"),  # Good Friday and Easter Monday
        ("JO_2", "2026-12-24T10:00", "68", "2026-12-29T23:59:59+01:00"),  # 25 December, the weekend, 28, 29
        ("JO_2", "2026-05-22T10:00", "FR", "2026-05-27T23:59:59+02:00"),  # Whit Monday
        ("JO_2", "2026-06-09T10:00", "973", "2026-06-12T23:59:59+02:00"),  # abolition in Guyane
        ("JO_1", "2026-12-18T10:00", "974", "2026-12-21T23:59:59+01:00"),  # 20 December is a Sunday: no effect
        ("JO_1", "2027-04-26T10:00", "976", "2027-04-28T23:59:59+02:00"),  # abolition in Mayotte, a Tuesday
        ("JOUVRABLES_3", "2026-04-02T10:00", "57", "2026-04-08T23:59:59+02:00"),  # Saturday counts, Good Friday not
        ("JC_30", "2026-01-31T10:00", "FR", "2026-03-02T23:59:59+01:00"),
        ("JC_7", "2026-10-20T10:00", "FR", "2026-10-27T23:59:59+01:00"),  # over the change of clocks
        ("L217_3", "2026-08-31T10:00", "FR", "2028-08-31T23:59:59+02:00"),
        ("L217_13", "2024-08-31T10:00", "FR", "2027-02-28T23:59:59+01:00"),  # no 31 February
        ("L217_10", "2026-01-30T10:00", "FR", "2026-03-01T23:59:59+01:00"),  # a Sunday: the shop's duty is not rolled
        ("L216_1", "2026-04-01T10:00", "FR", "2026-05-01T23:59:59+02:00"),  # nor over the first of May
        ("L133_3", "2026-05-07T10:00", "FR", "2026-05-12T23:59:59+02:00"),  # 8 May and the Sunday do not count
        ("L221_18", "2026-05-15T10:00", "FR", "2026-05-29T23:59:59+02:00"),
        ("L221_18", "2027-03-14T10:00", "67", "2027-03-30T23:59:59+02:00"),  # Easter Sunday, Easter Monday
        ("ELAPSED_24H", "2027-03-27T10:00", "FR", "2027-03-28T11:00:00+02:00"),
        ("ELAPSED_48H", "2026-10-24T10:00", "FR", "2026-10-26T09:00:00+01:00"),
    ],
)  # fmt: skip
def test_hard_days_of_the_calendar(rule: str, start: str, region: str, due: str) -> None:
    assert count(rule, RULES, paris(start), region=region).due_at.isoformat() == due


def test_every_named_way_to_count_is_known() -> None:
    for rule in (
        "ELAPSED_24H", "ELAPSED_48H", "ELAPSED_72H", "H24_HORS_WE_FERIES", "JO_1", "JO_3", "JOUVRABLES_2", "JC_3",
        "JC_21", "JC_90", "L221_18", "L221_20_SANS_INFO", "L221_23", "L221_24", "L216_1", "L216_7", "L217_10", "L217_3",
        "L217_13", "L133_3",
    ):  # fmt: skip
        assert resolve(rule, RULES)[1] >= 1

"""Several clocks on one mail, the internal target, late refunds, how a count is shown, broken rule files."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from mailbot.errors import RuleError
from mailbot.ruleset.counting import SituationDeadline
from mailbot.steps.deadlines import (
    count,
    days_late,
    parse_rules,
    penalty,
    run,
    to_json,
    to_rows,
)
from tests.steps.counting_rules import RULES, paris, tables


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
    return {**tables(), **changes}


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

"""Anger without an angry word: a mail in capitals."""

from dataclasses import replace

import pytest

from mailbot.steps.shouting import heard, shouts
from tests.steps.scenes import mail, shipped_rules, verdict

RULES = shipped_rules().recognition
LOUD = "CELA FAIT CINQ SEMAINES QUE J'ATTENDS CE LIVRE ET LE SUIVI N'A PAS BOUGÉ. RÉPONDEZ !"


def flags(text: str) -> frozenset[str]:
    return heard(verdict("colis_non_recu"), mail(text=text), RULES).flags


def test_a_mail_in_capitals_is_angry() -> None:
    assert flags(LOUD) == {"colere"}


@pytest.mark.parametrize(
    "text",
    [
        LOUD.capitalize(),
        "OU EST MON COLIS ?",
        "Où est ma commande MAISON-PERRIN-2026-LAMPE-XL-NOIRE ? Je l'attends depuis jeudi, le suivi n'a pas bougé.",
        LOUD + " MERCI D'AVANCE",
        LOUD + " J'ÉCRIS EN MAJUSCULES, MON CLAVIER EST BLOQUÉ.",
        "",
    ],
)  # fmt: skip
def test_a_calm_a_short_a_kind_or_an_excused_mail_is_not(text: str) -> None:
    assert flags(text) == frozenset()


def test_a_flag_that_is_there_stays_with_the_others() -> None:
    angry = replace(verdict("colis_non_recu"), flags=frozenset({"colere", "tiers"}))
    assert heard(angry, mail(text=LOUD), RULES) is angry
    assert heard(replace(angry, flags=frozenset({"tiers"})), mail(text=LOUD), RULES).flags == {
        "tiers",
        "colere",
    }


def test_the_threshold_is_that_of_the_rules() -> None:
    rule = next(flag.majuscules for flag in RULES.drapeaux if flag.id == "colere")
    assert rule is not None and not shouts(LOUD, rule.model_copy(update={"lettres": 500}))
    half = LOUD[:50] + LOUD[50:].lower()
    assert not shouts(half, rule) and shouts(half, rule.model_copy(update={"part": 0.51}))

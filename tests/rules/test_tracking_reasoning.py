"""From what an orders file says of a parcel to the situation: raw codes, silence, places, customs, second parcels."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from mailbot.model import Order
from tests.rules.judging import judge
from tests.steps.scenes import NOW, ago, order, verdict

LOST = verdict("colis_non_recu")
LATER, BEFORE = (NOW + timedelta(days=9)).date(), (NOW - timedelta(days=2)).date()


def sent(status: str | None, extra: Mapping[str, str] | None = None, /, **changes: Any) -> Order:
    usual = {
        "status": "shipped", "total": Decimal(40), "carrier": "Colissimo", "tracking_number": "8V00000000018",
        "estimated_delivery_max": LATER, "shipped_at": ago(days=3),
    }  # fmt: skip
    return order(extra, **{**usual, "tracking_status": status, **changes})


def stem(found: Order) -> str | None:
    return judge(found, LOST).decision.situation


def test_a_raw_code_decides_as_our_own_word_does() -> None:
    fresh = {"tracking_last_event_at": ago(hours=4)}
    for raw, same in (("et1", "en_transit"), ("mis en distribution", "en_livraison"), ("do1", "douane")):
        assert stem(sent(raw, **fresh)) == stem(sent(same, **fresh))
    assert stem(sent("et1", **fresh)) == "colis_non_recu/en_transit_dans_les_delais"


def test_the_judgement_keeps_the_words_of_the_file() -> None:
    found = judge(sent("di3 - distribué", tracking_last_event_at=ago(hours=4)), LOST).match.order
    assert found is not None
    assert (found.tracking_status, found.extra["tracking_status_brut"]) == ("en_transit", "di3 - distribué")


def test_a_negated_delivery_is_never_taken_for_one() -> None:
    failed = sent("votre colis n'a pas pu être livré", tracking_last_event_at=ago(hours=4))
    assert stem(failed) == "colis_non_recu/bloque"
    assert stem(sent("distribué à l'expéditeur", tracking_last_event_at=ago(hours=4))) == (
        "colis_non_recu/retour_expediteur"
    )


@pytest.mark.parametrize("raw", ["introuvable", "inconnu", "dr1", "NotFound_Other", "numéro introuvable"])
@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (2, "suivi_pas_encore_actif"), (23.9, "suivi_pas_encore_actif"), (24, "suivi_inconnu"),
        (72, "suivi_inconnu"), (72.1, "suivi_inconnu_prolonge"), (200, "suivi_inconnu_prolonge"),
    ],
)  # fmt: skip
def test_a_number_not_found_is_judged_by_its_age(raw: str, hours: float, expected: str) -> None:
    assert stem(sent(raw, shipped_at=ago(hours=hours))) == f"colis_non_recu/{expected}"


def test_a_letter_older_than_a_month_has_lost_its_tracking_not_itself() -> None:
    old = {"placed_at": ago(days=40), "shipped_at": ago(days=35), "estimated_delivery_max": BEFORE}
    assert (
        stem(sent("introuvable", carrier="La Poste courrier suivi", **old)) == "colis_non_recu/suivi_expire"
    )
    assert stem(sent("introuvable", **old)) == "colis_non_recu/delai_depasse"


@pytest.mark.parametrize("raw", ["pc1", "et1", "md2", "en_transit"])
def test_forty_eight_hours_of_silence_block_a_parcel(raw: str) -> None:
    assert stem(sent(raw, tracking_last_event_at=ago(hours=47.9))) != "colis_non_recu/bloque"
    assert stem(sent(raw, tracking_last_event_at=ago(hours=48))) == "colis_non_recu/bloque"


def test_silence_never_makes_a_parcel_lost() -> None:
    for days in (3, 10, 31, 90, 400):
        for raw in ("en_transit", "et1", "pc1", "introuvable", "pb1", "expired", "douane"):
            silent = sent(raw, placed_at=ago(days=days + 1), shipped_at=ago(days=days),
                          tracking_last_event_at=ago(days=days), estimated_delivery_max=None)  # fmt: skip
            assert stem(silent) != "colis_non_recu/perdu"
    assert stem(sent("Exception_Lost", tracking_last_event_at=ago(days=1))) == "colis_non_recu/perdu"
    assert stem(sent("présumé perdu", tracking_last_event_at=ago(days=1))) != "colis_non_recu/perdu"


def test_a_delivery_denied_by_a_later_event_is_open_again() -> None:
    delivered = {"status": "delivered", "delivered_at": ago(days=2), "tracking_last_event_at": ago(hours=5)}
    assert stem(sent("di1", **delivered)) == "colis_non_recu/livre_recent"
    for raw, expected in (
        ("et1", "en_transit_dans_les_delais"),
        ("nd1", "bloque"),
        ("re1", "retour_expediteur"),
    ):
        found = judge(sent(raw, **delivered), LOST)
        assert found.decision.situation == f"colis_non_recu/{expected}"
        assert found.match.order is not None and found.match.order.delivered_at is None


def test_a_parcel_at_the_relay_waits_for_the_customer() -> None:
    there = {"relay_name": "Tabac du Port", "relay_address": "3 quai du Port, 44000 Nantes"}
    for raw in ("ag1", "en_point_relais", "disponible en point relais", "livré au point relais"):
        waiting = sent(raw, there, tracking_last_event_at=ago(days=3))
        assert stem(waiting) == "colis_non_recu/en_point_relais"


def test_customs_are_patient_for_fifteen_days() -> None:
    abroad = {"country": "CA", "postal_code": "98101", "placed_at": ago(days=25), "shipped_at": ago(days=22)}
    for days, expected in ((1, "douane"), (15, "douane"), (16, "douane_prolongee")):
        held = sent("do1", tracking_last_event_at=ago(days=days), **abroad)
        assert stem(held) == f"colis_non_recu/{expected}"


def test_the_second_parcel_is_read_by_its_own_code() -> None:
    first = {"status": "delivered", "delivered_at": ago(days=1), "tracking_last_event_at": ago(days=1)}
    second = {"tracking_number_2": "T2", "shipped_at_2": ago(days=2).isoformat()}
    missing = verdict("produit_manquant")
    moving = sent("di1", {**second, "tracking_status_2": "ET1"}, **first)
    assert judge(moving, missing).decision.situation == "produit_manquant/deuxieme_colis"
    arrived = sent("di1", {**second, "tracking_status_2": "DI1"}, **first)
    assert judge(arrived, missing).decision.situation != "produit_manquant/deuxieme_colis"


def test_a_status_nobody_understands_goes_to_a_human() -> None:
    odd = judge(sent("statut 4812", estimated_delivery_max=None, country=None), LOST)
    assert odd.decision.action == "human"


def test_a_parcel_held_by_customs_goes_to_a_human() -> None:
    abroad = {"country": "CA", "postal_code": "98101", "tracking_last_event_at": ago(days=2)}
    for raw in ("do3", "retenu en douane"):
        held = judge(sent(raw, **abroad), LOST).decision
        assert (held.situation, held.row, held.action) == ("colis_non_recu/douane_retenue", "NR18", "human")
    assert judge(sent("do1", **abroad), LOST).decision.action == "draft"

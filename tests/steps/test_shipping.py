"""Facts about dispatch, tracking and delay."""

from datetime import timedelta
from typing import Any

import pytest

from tests.steps.scenes import NOW, ago, facts_of, order

TODAY = NOW.date()


def day(offset: int) -> Any:
    return TODAY + timedelta(days=offset)


def test_a_parcel_is_dispatched_when_date_status_or_tracking_say_so() -> None:
    assert facts_of(order(shipped_at=ago(days=1)))["expediee"] is True
    assert facts_of(order(status="shipped"))["expediee"] is True
    assert facts_of(order(tracking_status="en_transit"))["expediee"] is True
    assert facts_of(order(status="processing"))["expediee"] is False
    assert facts_of(order(tracking_status="inconnu"))["expediee"] is None


def test_an_event_that_lies_ahead_has_not_happened() -> None:
    ahead = order(
        status="delivered", shipped_at=ago(days=-1), delivered_at=ago(days=-3), tracking_status="livre"
    )
    facts = facts_of(ahead)
    assert facts["expediee"] is False
    assert facts["livree"] is False
    assert facts["suivi"] is None
    assert facts["jours_depuis_livraison"] is None


@pytest.mark.parametrize("state", ["pris_en_charge", "en_transit", "en_livraison"])
def test_forty_eight_hours_of_silence_make_a_moving_parcel_stuck(state: str) -> None:
    still = order(shipped_at=ago(days=4), tracking_status=state)
    assert facts_of(still)["suivi"] == state
    assert facts_of(order(tracking_status=state, tracking_last_event_at=ago(hours=47.9)))["suivi"] == state
    assert facts_of(order(tracking_status=state, tracking_last_event_at=ago(hours=48)))["suivi"] == "bloque"


def test_a_silent_parcel_in_customs_is_in_customs() -> None:
    facts = facts_of(
        order(shipped_at=ago(days=20), tracking_status="douane", tracking_last_event_at=ago(days=9))
    )
    assert facts["suivi"] == "douane"
    assert facts["jours_en_douane"] == 9


def test_not_found_is_unknown_to_the_carrier() -> None:
    assert facts_of(order(tracking_status="introuvable"))["suivi"] == "inconnu"


def test_a_delivered_status_without_tracking_is_a_delivery() -> None:
    assert facts_of(order(status="delivered"))["suivi"] == "livre"
    assert facts_of(order(status="delivered", tracking_status="en_transit"))["livree"] is False


@pytest.mark.parametrize(
    ("country", "postal_code", "zone", "days"),
    [("FR", "44000", "france", 6), ("France", "97400", "monde", 30), ("BE", "1000", "europe", 10),
     ("Suisse", "1201", "europe", 10), ("CA", "98101", "monde", 30)],
)  # fmt: skip
def test_each_zone_has_its_window(country: str, postal_code: str, zone: str, days: int) -> None:
    place = {"country": country, "postal_code": postal_code, "status": "shipped"}
    inside, outside = ago(days=days), ago(days=days + 1)
    assert facts_of(order(shipped_at=inside, **place))["fenetre_region_depassee"] is False
    assert facts_of(order(shipped_at=outside, **place))["fenetre_region_depassee"] is True
    assert facts_of(order(shipped_at=inside, **place))["zone"] == zone


def test_without_country_there_is_no_window() -> None:
    facts = facts_of(order(country=None, shipped_at=ago(days=60)))
    assert facts["zone"] is None
    assert facts["fenetre_region_depassee"] is None
    assert facts["delai_livraison_depasse"] is None


def test_the_promised_day_itself_is_not_late() -> None:
    assert facts_of(order(status="shipped", estimated_delivery_max=TODAY))["livraison_max_depassee"] is False
    assert facts_of(order(status="shipped", estimated_delivery_max=day(-1)))["livraison_max_depassee"] is True
    assert (
        facts_of(order(delivered_at=ago(days=1), estimated_delivery_max=day(-3)))["livraison_max_depassee"]
        is False
    )


def test_lateness_follows_the_promise_then_the_window_then_the_law() -> None:
    late_window = {"shipped_at": ago(days=8), "status": "shipped"}
    assert facts_of(order(**late_window, estimated_delivery_max=day(2)))["delai_livraison_depasse"] is False
    assert facts_of(order(**late_window))["delai_livraison_depasse"] is True
    assert facts_of(order(status="processing", placed_at=ago(days=30)))["delai_livraison_depasse"] is False
    assert facts_of(order(status="processing", placed_at=ago(days=31)))["delai_livraison_depasse"] is True


def test_the_ship_by_date_matters_only_while_the_parcel_is_here() -> None:
    assert facts_of(order(status="processing", ship_by=ago(hours=1)))["expedition_limite_depassee"] is True
    assert facts_of(order(status="processing", ship_by=ago(hours=-1)))["expedition_limite_depassee"] is False
    assert facts_of(order(status="processing"))["expedition_limite_depassee"] is None
    assert facts_of(order(status="shipped", ship_by=ago(hours=1)))["expedition_limite_depassee"] is False


def test_a_simple_letter_has_no_tracking_and_a_missing_number_proves_nothing() -> None:
    assert facts_of(order(carrier="Lettre simple", status="shipped"))["sans_suivi"] is True
    assert facts_of(order(carrier="colissimo", status="shipped"))["sans_suivi"] is None
    assert facts_of(order(carrier="Lettre simple", tracking_number="1X"))["sans_suivi"] is False


def test_another_address_on_the_label_is_seen() -> None:
    same = {"label_address": "3, rue Haute", "ship_to_address": "3 RUE HAUTE"}
    assert facts_of(order(same))["adresse_etiquette_differente"] is False
    assert facts_of(order({"label_postal_code": "75001"}))["adresse_etiquette_differente"] is True
    assert facts_of(order({"label_address": "3 rue Haute"}))["adresse_etiquette_differente"] is None


def test_the_second_parcel_is_on_its_way_until_it_comes() -> None:
    second = {"tracking_number_2": "X2", "shipped_at_2": ago(days=2).isoformat()}
    facts = facts_of(order(second, delivered_at=ago(days=1)))
    assert facts["plusieurs_colis"] is True
    assert facts["deuxieme_colis_en_transit"] is True
    assert facts["deuxieme_colis_en_retard"] is False
    there = facts_of(order({**second, "delivered_at_2": ago(days=1).isoformat()}))
    assert there["deuxieme_colis_en_transit"] is False
    late = facts_of(order({**second, "shipped_at_2": ago(days=9).isoformat()}))
    assert late["deuxieme_colis_en_retard"] is True


def test_the_pickup_deadline_ends_with_its_day() -> None:
    assert facts_of(order({"pickup_deadline": TODAY.isoformat()}))["retrait_expire"] is False
    assert facts_of(order({"pickup_deadline": day(-1).isoformat()}))["retrait_expire"] is True

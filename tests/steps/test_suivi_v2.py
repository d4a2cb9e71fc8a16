"""Answers of La Poste's tracking service. The samples are written for these tests; no parcel of them exists."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.steps.suivi_v2 import ParcelNews, read, update
from mailbot.steps.tracking import TrackingStatus
from tests.steps.scenes import facts_of, order, shipped_rules

NUMBER = "8V00000000018"


def event(code: str, when: str, label: str = "") -> dict[str, str]:
    return {"code": code, "date": when, "label": label}


def answer(*events: dict[str, str], code: int = 200, number: str = NUMBER, **shipment: Any) -> dict[str, Any]:
    inner = {
        "idShip": number,
        "holder": 4,
        "product": "colissimo",
        "isFinal": False,
        "event": list(events),
        **shipment,
    }
    return {"lang": "fr_FR", "scope": "open", "returnCode": code, "idShip": number, "shipment": inner}


def news(data: object) -> ParcelNews:
    (found,) = read(json.dumps(data), shipped_rules().tracking)
    return found


ON_ITS_WAY = answer(
    event("ET1", "2026-06-16T05:12:00+02:00", "En cours d'acheminement"),
    event("PC1", "2026-06-15T17:40:00+02:00", "Pris en charge"),
    event("DR1", "2026-06-15T09:00:00+02:00", "Annoncé"),
    estimDate="2026-06-18T00:00:00+02:00",
)
DELIVERED = answer(
    event("DI1", "2026-06-17T08:30:00+02:00", "Distribué"),
    event("MD2", "2026-06-17T07:02:00+02:00", "En livraison"),
    isFinal=True,
    deliveryDate="2026-06-17T08:30:00+02:00",
)


def test_the_newest_event_tells_where_the_parcel_is() -> None:
    found = news(ON_ITS_WAY)
    assert found.number == NUMBER
    assert found.status == TrackingStatus("en_transit")
    assert found.event_at == datetime(2026, 6, 16, 3, 12, tzinfo=UTC)
    assert found.expected == date(2026, 6, 18)
    assert found.carrier == "colissimo"
    assert (found.delivered_at, found.problem) == (None, "")


def test_the_order_of_the_events_does_not_matter() -> None:
    upside_down = answer(*reversed(ON_ITS_WAY["shipment"]["event"]))
    assert news(upside_down).status == TrackingStatus("en_transit")


def test_of_two_events_at_one_time_the_first_is_the_newest() -> None:
    same = "2026-06-17T08:30:00+02:00"
    assert news(answer(event("DI1", same), event("MD2", same))).status == TrackingStatus("livre")


def test_an_array_of_answers_is_read_one_by_one() -> None:
    several = [ON_ITS_WAY, answer(code=404, number="INCONNU1"), answer(code=207, number="MELANGE1")]
    found = read(json.dumps(several), shipped_rules().tracking)
    assert [one.number for one in found] == [NUMBER, "INCONNU1", "MELANGE1"]
    assert [one.status and one.status.status for one in found] == ["en_transit", "inconnu", None]


def test_a_delivery_gives_its_time() -> None:
    found = news(DELIVERED)
    assert found.status == TrackingStatus("livre")
    assert found.delivered_at == datetime(2026, 6, 17, 6, 30, tzinfo=UTC)


def test_final_does_not_mean_delivered() -> None:
    back = answer(
        event("DI2", "2026-06-17T08:30:00+02:00", "Distribué"),
        isFinal=True,
        deliveryDate="2026-06-17T08:30:00+02:00",
    )
    found = news(back)
    assert found.status == TrackingStatus("retour", "retour_termine")
    assert found.delivered_at is None


def test_a_delayed_parcel_is_not_delivered() -> None:
    found = news(answer(event("DI3", "2026-06-17T08:30:00+02:00", "Distribué")))
    assert found.status == TrackingStatus("en_transit", "retarde")
    assert found.delivered_at is None


def test_an_event_after_the_delivery_takes_it_back() -> None:
    found = news(answer(event("ND1", "2026-06-18T09:00:00+02:00"), event("DI1", "2026-06-17T08:30:00+02:00")))
    assert found.status == TrackingStatus("bloque", "non_distribuable", alert=True)
    assert found.delivered_at is None


def test_an_unknown_code_is_read_by_its_label_else_not_at_all() -> None:
    when = "2026-06-17T08:30:00+02:00"
    assert news(answer(event("ZZ9", when, "Mis en distribution"))).status == TrackingStatus("en_livraison")
    odd = news(answer(event("ZZ9", when, "Étape 12")))
    assert odd.status is None
    assert odd.problem == "événement inconnu « ZZ9 »"


@pytest.mark.parametrize(
    ("holder", "carrier"),
    [
        (1, "laposte_courrier"),
        (2, "laposte_courrier"),
        (3, "chronopost"),
        (4, "colissimo"),
        (9, None),
        (None, None),
    ],
)
def test_the_holder_says_which_carrier(holder: object, carrier: str | None) -> None:
    assert news(answer(event("ET1", "2026-06-17T08:30:00+02:00"), holder=holder)).carrier == carrier


def test_an_unknown_number_is_not_a_lost_parcel() -> None:
    found = news({"returnCode": 404, "returnMessage": "Aucun résultat", "idShip": NUMBER})
    assert found.status == TrackingStatus("inconnu")


@pytest.mark.parametrize("code", [400, 401, 429, 500, None])
def test_a_refused_call_says_nothing_of_the_parcel(code: int | None) -> None:
    found = news({"returnCode": code, "returnMessage": "refusé", "idShip": NUMBER})
    assert found.status is None
    assert "refusé" in found.problem
    assert update(order(tracking_status="en_transit"), found) == order(tracking_status="en_transit")


@pytest.mark.parametrize(
    "junk",
    ["", "<html>429</html>", "null", "[]", "{}", "12", '{"idShip": ""}', "[" * 100_000, '[1, "x", null]'],
)
def test_an_answer_of_another_shape_says_nothing(junk: str) -> None:
    assert read(junk, shipped_rules().tracking) == ()
    assert read(junk.encode(), shipped_rules().tracking) == ()


def test_events_without_a_date_are_not_believed() -> None:
    odd = answer(event("DI1", "hier"), {"code": "DI1"}, event=["x", {"code": 3, "date": None}])
    assert news(odd).status is None
    assert news(answer(event="x")).problem == "aucun événement daté"


def test_a_time_without_zone_is_paris_time() -> None:
    assert news(answer(event("ET1", "2026-01-16T05:12:00"))).event_at == datetime(
        2026, 1, 16, 4, 12, tzinfo=UTC
    )


def test_news_bring_an_order_up_to_date() -> None:
    found = update(order(status="shipped"), news(DELIVERED))
    assert (found.tracking_status, found.carrier, found.tracking_number) == ("livre", "colissimo", NUMBER)
    assert found.delivered_at == found.tracking_last_event_at == datetime(2026, 6, 17, 6, 30, tzinfo=UTC)
    assert found.extra["tracking_status_brut"] == "DI1 Distribué"
    assert facts_of(found)["livree"] is True


def test_news_that_take_a_delivery_back_clear_its_time() -> None:
    delivered = update(order(status="shipped"), news(DELIVERED))
    later = news(answer(event("RE1", "2026-06-18T09:00:00+02:00", "Retour à l'expéditeur")))
    found = update(delivered, later)
    assert found.delivered_at is None
    assert facts_of(found, now=datetime(2026, 6, 18, 12, tzinfo=UTC))["suivi"] == "retour"


def test_older_news_change_nothing() -> None:
    delivered = update(order(status="shipped"), news(DELIVERED))
    assert update(delivered, news(ON_ITS_WAY)) is delivered
    assert update(delivered, news(answer(code=404))) is delivered


def test_what_the_shop_knows_better_stays() -> None:
    own = order(carrier="Colissimo Access", tracking_number="AUTRE", estimated_delivery_max=date(2026, 6, 17))
    found = update(own, news(ON_ITS_WAY))
    assert (found.carrier, found.tracking_number) == ("Colissimo Access", "AUTRE")
    assert found.estimated_delivery_max == date(2026, 6, 17)


ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(
    ["DI1", "ET1", "2026-06-17T08:30:00+02:00", "0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-12:00", "9" * 5000]
)  # fmt: skip
EVENTS = st.lists(
    st.fixed_dictionaries({}, optional={"code": ODD, "date": ODD, "label": ODD}) | ODD, max_size=3
)
SHIPMENT = st.fixed_dictionaries(
    {}, optional={"idShip": ODD, "holder": ODD, "event": EVENTS | ODD, "estimDate": ODD}
)
ANSWER = st.fixed_dictionaries({"idShip": ODD}, optional={"returnCode": ODD, "shipment": SHIPMENT | ODD})


@settings(max_examples=200, deadline=None)
@given(st.lists(ANSWER, max_size=3) | ANSWER | ODD)
def test_no_answer_whatever_its_cells_breaks_the_reader(data: object) -> None:
    for one in read(json.dumps(data), shipped_rules().tracking):
        assert update(order(), one).order_id == "A1"
        assert one.delivered_at is None or (one.status and one.status.status == "livre")

"""What an order says anew: what letters rest on counts, what was only read into it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.steps.order_news import changed
from mailbot.steps.tracking import understood
from tests.edges.store.samples import order
from tests.steps.scenes import shipped_rules

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_an_order_that_is_as_it_was_has_no_news() -> None:
    assert changed(order(), order()) == ()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"shipped_at": NOW, "carrier": "colissimo"}, ("expédition", "transporteur")),
        ({"customer_email": "paul@example.org"}, ("client",)),
        ({"refunded_at": NOW, "refund_amount": order().total}, ("remboursement",)),
        ({"lines": ()}, ("articles",)),
        ({"extra": {"relay_name": "Tabac du Port", "return_received_at": "2026-11-19"}}, ("retour",)),
    ],
)
def test_what_letters_rest_on_is_told_once(values: dict[str, object], told: tuple[str, ...]) -> None:
    assert changed(order(), replace(order(), **values)) == told  # type: ignore[arg-type]


def test_a_further_scan_and_unknown_columns_are_no_news() -> None:
    later = replace(order(), tracking_last_event_at=NOW, extra={"relay_name": "Tabac du Port", "stock": "4"})
    assert changed(order(), later) == ()


def test_what_was_read_into_the_tracking_is_no_news() -> None:
    imported = replace(
        order(), shipped_at=NOW - 5 * DAY, delivered_at=NOW - 2 * DAY, tracking_last_event_at=NOW - DAY,
        tracking_status="Votre colis est en cours d'acheminement",
        extra={"relay_name": "Tabac du Port", "tracking_status_2": "Votre colis est livré"},
    )  # fmt: skip
    judged = understood(imported, shipped_rules().tracking, NOW)
    assert judged != imported and judged.delivered_at is None
    assert changed(judged, imported) == ()
    assert changed(judged, replace(imported, tracking_status="Votre colis est livré")) == ("suivi",)

"""Data that disagree with themselves keep every draft waiting for a person."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.steps.contradictions import contradictions
from tests.steps.scenes import NOW, ago, order

SHIPPED: dict[str, Any] = {"status": "shipped", "shipped_at": ago(days=3), "tracking_status": "en_transit"}
PLAUSIBLE = SHIPPED | {
    "estimated_delivery_min": date(2026, 6, 18),
    "estimated_delivery_max": date(2026, 6, 20),
}
ODD: dict[str, dict[str, Any]] = {
    "an event to come": {"tracking_last_event_at": ago(days=-3)},
    "shipped in the future": {"shipped_at": ago(days=-2)},
    "shipped before it was bought": {"shipped_at": ago(days=30)},
    "delivered before it left": {"shipped_at": ago(days=1), "delivered_at": ago(days=4)},
    "a window that ends before it begins": {"estimated_delivery_min": date(2026, 6, 25)},
    "a promise for the end of the century": {"estimated_delivery_max": date(2099, 12, 31)},
    "a promise before the purchase": {"estimated_delivery_min": date(1990, 1, 1)},
    "cancelled and on its way": {"status": "cancelled"},
    "refunded and on its way": {"refunded_at": ago(days=1)},
    "delivered and on its way": {"status": "delivered"},
}


def test_an_ordinary_order_contradicts_nothing() -> None:
    assert contradictions(order(**PLAUSIBLE), NOW) == ()
    assert contradictions(order(), NOW) == ()


@pytest.mark.parametrize("odd", ODD)
def test_odd_data_are_named(odd: str) -> None:
    assert contradictions(order(**(PLAUSIBLE | ODD[odd])), NOW)


@pytest.mark.parametrize(
    "extra",
    [
        {"tracking_status_2": "perdu"},
        {"return_received_at": "2026-06-16T10:00"},
        {"withdrawal_received_at": "2026-06-16T10:00"},
    ],
)
def test_what_further_columns_say_counts_too(extra: dict[str, str]) -> None:
    assert contradictions(order(extra, **PLAUSIBLE), NOW)


@given(days=st.lists(st.dates(), min_size=2, max_size=2), offset=st.integers(-700_000, 2_000_000))
def test_no_date_however_far_breaks_it(days: list[date], offset: int) -> None:
    moment = NOW + timedelta(days=offset)
    odd = order(
        placed_at=moment, shipped_at=NOW, delivered_at=moment,
        estimated_delivery_min=days[0], estimated_delivery_max=days[1],
    )  # fmt: skip
    assert isinstance(contradictions(odd, NOW), tuple)

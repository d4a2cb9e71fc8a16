"""Facts about withdrawal, return, refund and guarantee."""

from datetime import datetime, timedelta

from mailbot.zone import PARIS
from tests.steps.scenes import NOW, ago, facts_of, order


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=PARIS)


def test_the_withdrawal_period_rolls_off_a_holiday() -> None:
    found = order(delivered_at=at(2026, 10, 28), placed_at=at(2026, 10, 20))
    last = datetime(2026, 11, 12, 23, 0, tzinfo=PARIS)  # the 14th day is 11 November
    assert facts_of(found, now=last)["dans_delai_retractation"] is True
    assert facts_of(found, now=last + timedelta(hours=2))["dans_delai_retractation"] is False


def test_the_right_is_judged_when_the_customer_wrote() -> None:
    found = order(delivered_at=ago(days=20), placed_at=ago(days=25))
    assert facts_of(found, received=ago(days=10))["dans_delai_retractation"] is True
    assert facts_of(found, received=NOW)["dans_delai_retractation"] is False


def test_a_channel_may_promise_more_days_than_the_law() -> None:
    came = {"delivered_at": ago(days=25), "placed_at": ago(days=30)}
    assert facts_of(order(channel="backmarket", **came))["dans_delai_retractation"] is True
    assert facts_of(order(channel="site", **came))["dans_delai_retractation"] is False


def test_before_delivery_one_may_withdraw() -> None:
    assert facts_of(order(status="shipped", tracking_status="en_transit"))["dans_delai_retractation"] is True


def test_the_period_runs_from_the_last_parcel() -> None:
    second = {"tracking_number_2": "X", "shipped_at_2": ago(days=20).isoformat()}
    split = order(second, delivered_at=ago(days=30), placed_at=ago(days=40))
    assert facts_of(split)["dans_delai_retractation"] is True
    assert facts_of(split)["jours_depuis_livraison"] is None
    whole = order({**second, "delivered_at_2": ago(days=3).isoformat()}, delivered_at=ago(days=30))
    assert facts_of(whole)["dans_delai_retractation"] is True
    assert facts_of(whole)["jours_depuis_livraison"] == 3


def test_a_delivery_without_date_is_in_time_only_when_the_order_is_fresh() -> None:
    assert facts_of(order(status="delivered", placed_at=ago(days=10)))["dans_delai_retractation"] is True
    assert facts_of(order(status="delivered", placed_at=ago(days=40)))["dans_delai_retractation"] is None


def test_missing_information_gives_twelve_more_months() -> None:
    found = order(delivered_at=ago(days=100), placed_at=ago(days=110))
    assert facts_of(found)["dans_prolongation_retractation"] is True
    assert facts_of(order(delivered_at=ago(days=500)))["dans_prolongation_retractation"] is False
    assert facts_of(found)["info_retractation_donnee"] is None


def test_a_refund_is_late_fourteen_days_after_the_withdrawal() -> None:
    dates = {
        "withdrawal_received_at": ago(days=15).isoformat(),
        "return_received_at": ago(days=12).isoformat(),
    }
    assert facts_of(order(dates))["remboursement_en_retard"] is True
    fresh = {**dates, "withdrawal_received_at": ago(days=13).isoformat()}
    assert facts_of(order(fresh))["remboursement_en_retard"] is False
    assert facts_of(order(dates, refunded_at=ago(days=1)))["remboursement_en_retard"] is False


def test_without_the_day_of_withdrawal_only_a_long_wait_is_surely_late() -> None:
    assert facts_of(order({"return_received_at": ago(days=5).isoformat()}))["remboursement_en_retard"] is None
    assert (
        facts_of(order({"return_received_at": ago(days=16).isoformat()}))["remboursement_en_retard"] is True
    )


def test_a_refund_and_what_came_after_it() -> None:
    facts = facts_of(order(refunded_at=ago(days=4), delivered_at=ago(days=1)))
    assert facts["rembourse"] is True
    assert facts["jours_depuis_remboursement"] == 4
    assert facts["livree_apres_remboursement"] is True
    assert facts_of(order(status="delivered"))["rembourse"] is None


def test_the_guarantee_lasts_two_years_and_six_months_more_after_a_repair() -> None:
    old = order(delivered_at=at(2024, 6, 16), placed_at=at(2024, 6, 10))
    assert facts_of(old)["sous_garantie"] is False
    assert facts_of(order({"repairs_done": "1"}, delivered_at=at(2024, 6, 16)))["sous_garantie"] is True
    renewed = order({"replacement_delivered_at": "2025-01-10"}, delivered_at=at(2024, 6, 16))
    assert facts_of(renewed)["sous_garantie"] is True


def test_an_order_of_this_year_is_guaranteed_whenever_it_came() -> None:
    assert facts_of(order(placed_at=ago(days=300)))["sous_garantie"] is True
    assert facts_of(order(placed_at=ago(days=800)))["sous_garantie"] is None


def test_months_are_whole_months() -> None:
    assert facts_of(order(delivered_at=at(2025, 6, 17)))["mois_depuis_livraison"] == 12
    assert facts_of(order(delivered_at=at(2025, 6, 18)))["mois_depuis_livraison"] == 11


def test_repair_replacement_and_refusal_are_read_from_their_columns() -> None:
    facts = facts_of(
        order({"repairs_done": "0", "remedy_chosen": "reparation", "remedy_done": "remplacement",
               "merchant_position": "refus"})
    )  # fmt: skip
    assert facts["repare"] is False
    assert facts["remplace"] is True
    assert facts["refus_envisage"] is True

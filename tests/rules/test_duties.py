"""The shop's own tasks at the carrier: there when the case calls for them, absent when not, never the customer's."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from time import process_time
from typing import Any

import pytest

from mailbot.model import Order
from mailbot.steps import duties as steps
from mailbot.zone import PARIS
from tests.rules.judging import duties, judge
from tests.steps.scenes import NOW, ago, facts_of, order, shipped_rules, verdict

LOST, BROKEN = verdict("colis_non_recu"), verdict("produit_abime")
CLAIMANTS = (
    "Colissimo", "Chronopost", "Mondial Relay", "Colis Privé", "Relais Colis", "DPD", "GLS", "UPS", "FedEx", "DHL"
)  # fmt: skip


def parcel(carrier: str | None, extra: Mapping[str, str] | None = None, /, **changes: Any) -> Order:
    usual = {
        "status": "shipped", "total": Decimal(40), "carrier": carrier, "tracking_number": "T1",
        "shipped_at": ago(days=4), "tracking_status": "en_transit", "tracking_last_event_at": ago(hours=50),
    }  # fmt: skip
    return order(extra, **{**usual, **changes})


def delivered(
    carrier: str | None, days: float, extra: Mapping[str, str] | None = None, /, **changes: Any
) -> Order:
    return parcel(
        carrier, extra,
        **{"status": "delivered", "delivered_at": ago(days=days), "placed_at": ago(days=days + 5),
           "shipped_at": ago(days=days + 3), "tracking_status": "livre",
           "tracking_last_event_at": ago(days=days), **changes},
    )  # fmt: skip


@pytest.mark.parametrize("carrier", CLAIMANTS)
def test_a_broken_product_calls_for_a_protest_within_three_working_days(carrier: str) -> None:
    judged = judge(delivered(carrier, 1), BROKEN)  # delivered on a Tuesday
    task = duties(judged)["protestation"]
    assert task.rule == "L133_3"
    assert task.due_at == datetime(2026, 6, 19, 23, 59, 59, tzinfo=PARIS)
    assert task.duty
    assert "photos" in task.label and "facture" in task.label and carrier in task.label
    assert "L133-3" in task.basis
    assert "protestation" not in {clock.id for clock in judged.deadlines}  # said once, the better way


def test_a_weekend_leaves_time_to_protest() -> None:
    assert "protestation" in duties(judge(delivered("Colissimo", 4), BROKEN))  # Saturday: Monday to Wednesday
    assert "protestation" not in duties(judge(delivered("Colissimo", 5), BROKEN))  # Friday: ended on Tuesday


def test_an_empty_parcel_is_protested_too() -> None:
    empty = verdict("produit_manquant", flags=("colis_vide",))
    assert "protestation" in duties(judge(delivered("DPD", 1), empty))
    assert "protestation" not in duties(judge(delivered("DPD", 1), verdict("produit_manquant")))


@pytest.mark.parametrize("carrier", CLAIMANTS)
def test_a_stuck_parcel_calls_for_a_claim_from_forty_eight_hours_on(carrier: str) -> None:
    moving = parcel(carrier, tracking_last_event_at=ago(hours=47))
    assert duties(judge(moving, LOST)) == {}
    task = duties(judge(parcel(carrier), LOST))["enquete"]
    assert (task.rule, task.start, task.duty) == ("JO_2", NOW, True)
    assert steps.UNCONFIRMED in task.label


def test_the_carriers_limit_is_shown_while_it_runs() -> None:
    task = duties(judge(parcel("Colissimo"), LOST))["limite"]
    assert task.due_at.date() == (ago(days=4) + timedelta(days=21)).date()
    old = parcel("Colissimo", placed_at=ago(days=31), shipped_at=ago(days=30))
    assert set(duties(judge(old, LOST))) == {"enquete"}


def test_a_declared_loss_is_claimed() -> None:
    assert set(duties(judge(parcel("Colissimo", tracking_status="perdu"), LOST))) == {"enquete", "limite"}


def test_the_customer_never_waits_for_the_carrier() -> None:
    """The same situation, reply and other clocks as without any duty."""
    late = parcel("Colissimo", estimated_delivery_max=(NOW - timedelta(days=2)).date())
    with_tasks, without = judge(late, LOST), judge(parcel(None, **{**_columns(late), "carrier": None}), LOST)
    assert with_tasks.decision.situation == without.decision.situation == "colis_non_recu/delai_depasse"
    own = {c.id: c.due_at for c in with_tasks.deadlines if not c.id.startswith(steps.PREFIX)}
    assert own == {c.id: c.due_at for c in without.deadlines}
    assert "réclam" not in (with_tasks.reply.text if with_tasks.reply else "")


def _columns(one: Order) -> dict[str, Any]:
    return {"estimated_delivery_max": one.estimated_delivery_max}


def test_a_contested_delivery_is_contested_within_three_days_only_through_boxtal() -> None:
    plain = duties(judge(delivered("Colissimo", 2), LOST))
    assert set(plain) == {"contestation"}
    assert plain["contestation"].rule == "JO_2"
    for boxtal in (
        delivered("Colissimo via Boxtal", 2),
        delivered("Colissimo", 2, {"carrier_contract": "Boxtal"}),
    ):
        task = duties(judge(boxtal, LOST))
        assert set(task) == {"contestation_boxtal"}
        assert task["contestation_boxtal"].rule == "JC_3"
        assert "jamais une condition" in task["contestation_boxtal"].label
    assert duties(judge(delivered("Colissimo", 5, {"carrier_contract": "boxtal"}), LOST)) == {}


def test_chronopost_hears_contests_for_fourteen_days() -> None:
    task = duties(judge(delivered("Chronopost", 6), LOST))["contestation"]
    assert task.due_at.date() == (ago(days=6) + timedelta(days=14)).date()


def test_a_parcel_that_comes_back_is_asked_about() -> None:
    back = parcel("Mondial Relay", tracking_status="re1")
    assert set(duties(judge(back, LOST))) == {"motif_retour"}
    withdrawn = parcel(
        "Mondial Relay", {"withdrawal_received_at": ago(days=1).isoformat()}, tracking_status="retour"
    )
    assert duties(judge(withdrawn, LOST)) == {}


@pytest.mark.parametrize(
    "letter", ["La Poste courrier suivi", "Lettre suivie", "laposte_courrier", "Delivengo"]
)
def test_a_tracked_letter_has_no_claim_at_all(letter: str) -> None:
    assert duties(judge(parcel(letter), LOST)) == {}
    assert duties(judge(parcel(letter, tracking_status="perdu"), LOST)) == {}
    assert duties(judge(delivered(letter, 1), LOST)) == {}
    assert duties(judge(delivered(letter, 1), BROKEN)) == {}


def test_a_registered_letter_is_claimed() -> None:
    assert set(duties(judge(parcel("La Poste recommandé"), LOST))) == {"reclamation"}


def test_without_cause_carrier_or_shop_there_is_no_duty() -> None:
    assert duties(judge(parcel("Colissimo"), verdict("facture"))) == {}
    assert duties(judge(delivered("Colissimo", 1), verdict("ne_veut_plus"))) == {}
    assert duties(judge(parcel(None), LOST)) == {}
    assert duties(judge(parcel("Transporteur du coin"), LOST)) == {}
    assert duties(judge(parcel("Colissimo", fulfilment="platform"), LOST)) == {}
    waiting = parcel("Colissimo", tracking_status="ag1", tracking_last_event_at=ago(hours=1))
    assert duties(judge(waiting, LOST)) == {}


def test_no_duty_names_a_sum_of_money() -> None:
    for carrier in shipped_rules().carriers:
        for duty in carrier.demarches:
            said = " ".join((duty.libelle, duty.contact, duty.fondement, *duty.pieces))
            assert not any(word in said.lower() for word in ("€", "euro", "indemni", "dts"))


def test_every_duty_says_where_with_what_and_by_whose_word() -> None:
    found = [duty for carrier in shipped_rules().carriers for duty in carrier.demarches]
    assert len(found) > 40
    assert all(duty.contact and duty.fondement and duty.source for duty in found)
    assert {duty.id for duty in found if duty.confirme} == {"protestation", "contestation_boxtal"}


def test_finding_duties_costs_less_than_a_twentieth_of_a_millisecond() -> None:
    book, stuck = shipped_rules(), parcel("Colissimo")
    facts = facts_of(stuck, LOST)

    def once() -> None:
        tasks = steps.find(stuck, book.carriers, book.tracking.claims, LOST.requests, frozenset(), facts)
        steps.settle((), tasks, NOW)
        steps.merge((), tasks)

    once()
    best = min(_seconds(once, 500) for _ in range(5))
    assert best < 0.00005


def _seconds(work: Any, times: int) -> float:
    begun = process_time()
    for _ in range(times):
        work()
    return (process_time() - begun) / times

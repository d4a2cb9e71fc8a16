"""What an order says now that it did not say when a letter about it was written. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mailbot.model import Order
from mailbot.steps.tracking import RAW, RAW_DELIVERY

# What a letter may rest on. Not the newest scan: it moves every day while nothing changes.
_FACTS: Mapping[str, str] = {
    "status": "état",
    "customer_name": "client",
    "customer_email": "client",
    "shipped_at": "expédition",
    "ship_by": "expédition",
    "carrier": "transporteur",
    "tracking_number": "numéro de suivi",
    "tracking_status": "suivi",
    "estimated_delivery_min": "livraison prévue",
    "estimated_delivery_max": "livraison prévue",
    "delivered_at": "livraison",
    "delivery_proof": "preuve de livraison",
    "refunded_at": "remboursement",
    "refund_amount": "remboursement",
    "lines": "articles",
    "total": "total",
}
_MORE: Mapping[str, str] = {
    "shipped_at_2": "second colis",
    "tracking_number_2": "second colis",
    "tracking_status_2": "second colis",
    "delivered_at_2": "second colis",
    "pickup_deadline": "point relais",
    "relay_name": "point relais",
    "withdrawal_received_at": "rétractation",
    "return_received_at": "retour",
    "replacement_delivered_at": "remplacement",
    "repaired_at": "réparation",
    "remedy_done": "solution donnée",
    "claim_opened_at": "réclamation",
}


def changed(then: Order, now: Order) -> tuple[str, ...]:
    """What differs (French), each once. `then`: as a mail was judged by it; `now`: as the orders table has it."""
    return tuple(dict.fromkeys(_differing(_as_imported(then), now)))


def _differing(then: Order, now: Order) -> Iterator[str]:
    for name, told in _FACTS.items():
        if getattr(then, name) != getattr(now, name):
            yield told
    for name, told in _MORE.items():
        if then.extra.get(name) != now.extra.get(name):
            yield told


def _as_imported(order: Order) -> Order:
    """Without what `tracking.understood` read into it."""
    known = order.extra
    values: dict[str, Any] = {"tracking_status": known[RAW]} if RAW in known else {}
    if RAW_DELIVERY in known:
        values["delivered_at"] = datetime.fromisoformat(known[RAW_DELIVERY])
    if f"{RAW}_2" in known:
        values["extra"] = {**known, "tracking_status_2": known[f"{RAW}_2"]}
    return replace(order, **values)

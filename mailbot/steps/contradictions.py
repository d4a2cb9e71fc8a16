"""Where the data of an order disagree with each other or with the clock: then a person reads before anything leaves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from mailbot.model import Order
from mailbot.steps.order_text import instant, text

_MOVING = frozenset({"pris_en_charge", "en_transit", "en_livraison", "en_point_relais", "bloque", "douane"})
_TROUBLED = frozenset({"perdu", "bloque", "retour", "douane", "inconnu", "introuvable"})
_ENDED = frozenset({"delivered", "returned", "cancelled", "refunded"})
_ENDING_DATES = ("return_received_at", "withdrawal_received_at")
_SLACK = timedelta(days=1)  # days without an hour, and clocks of other systems
_LONGEST_PROMISE = timedelta(days=365)


def contradictions(order: Order, now: datetime) -> tuple[str, ...]:
    """What does not fit together in `order` as seen at `now` (aware), in French; () when all is plausible."""
    return tuple(_found(order, now))


def _found(order: Order, now: datetime) -> Iterator[str]:
    past = (
        order.placed_at,
        order.shipped_at,
        order.delivered_at,
        order.tracking_last_event_at,
        order.refunded_at,
    )
    if any(moment > now for moment in past if moment is not None):
        yield "Une date de la commande est dans le futur alors qu'elle devrait être passée."
    if not _in_order(order):
        yield "Les dates de la commande se contredisent (achat, expédition, livraison)."
    if not _plausible_promise(order):
        yield "Les dates de livraison prévues ne sont pas vraisemblables."
    if order.tracking_status in _MOVING and _ended(order):
        yield "Le suivi montre un colis en route alors que la commande est close, retournée ou remboursée."
    if text(order, "tracking_status_2") in _TROUBLED:
        yield "Le second colis de la commande a un incident de suivi : la réponse pourrait ne parler que du premier."


def _in_order(order: Order) -> bool:
    steps = [
        moment for moment in (order.placed_at, order.shipped_at, order.delivered_at) if moment is not None
    ]
    return all(earlier - later <= _SLACK for earlier, later in pairwise(steps))


def _plausible_promise(order: Order) -> bool:
    first, last = order.estimated_delivery_min, order.estimated_delivery_max
    days = [day for day in (first, last) if day is not None]
    if first is not None and last is not None and first > last:
        return False
    ordered = order.placed_at.date()
    return all(-_SLACK <= day - ordered <= _LONGEST_PROMISE for day in days)


def _ended(order: Order) -> bool:
    dates = (order.refunded_at, order.delivered_at, *(instant(order, column) for column in _ENDING_DATES))
    return order.status in _ENDED or any(moment is not None for moment in dates)

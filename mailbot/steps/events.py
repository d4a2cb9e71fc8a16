"""When things happened in a case: the instants from which deadlines count. Pure; unknown is None."""

from collections.abc import Mapping
from datetime import date, datetime, time

from mailbot.model import Mail, Order, Verdict
from mailbot.steps.order_text import instant
from mailbot.zone import PARIS

_WITHDRAWAL, _REFUND = "ne_veut_plus", "remboursement"


def events(mail: Mail, verdict: Verdict, order: Order | None) -> Mapping[str, datetime | None]:
    """Each event of the rules' vocabulary and its aware instant.

    A mail that withdraws is the withdrawal itself, unless the order knows an earlier one; a mail that asks for the
    money of a late order ends the contract (L216-6) when it is received."""
    asked = mail.received
    found: dict[str, datetime | None] = {
        "demande": asked,
        "reclamation_ouverte": asked,  # a notice opens it; of an earlier one this is the latest it can be
        "retractation": asked if _WITHDRAWAL in verdict.requests else None,
        "resiliation": asked if verdict.remedy == _REFUND else None,
    }
    if order is not None:
        found |= _order_events(order, found)
    return found


def _order_events(order: Order, known: Mapping[str, datetime | None]) -> dict[str, datetime | None]:
    return {
        "commande": order.placed_at,
        "expedition": order.shipped_at,
        "expedition_max": order.ship_by,
        "livraison": _latest(order.delivered_at, instant(order, "delivered_at_2")),
        "livraison_max": _end_of(order.estimated_delivery_max),
        "dernier_evenement": order.tracking_last_event_at,
        "retractation": instant(order, "withdrawal_received_at") or known["retractation"],
        "retour_recu": instant(order, "return_received_at"),
        "reparation": instant(order, "repaired_at"),
        "remplacement": instant(order, "replacement_delivered_at"),
        "reclamation_ouverte": instant(order, "claim_opened_at") or known["reclamation_ouverte"],
        "remboursement": order.refunded_at,
    }


def _latest(*instants: datetime | None) -> datetime | None:
    return max((one for one in instants if one is not None), default=None)


def _end_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(23, 59, 59), PARIS)

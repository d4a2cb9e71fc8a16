"""Facts about what follows delivery: withdrawal, return, refund, guarantee. Pure; unknown is None."""

from datetime import datetime

from mailbot.model import Order
from mailbot.steps.order_text import instant, number, text, yes_no
from mailbot.steps.shipping import DELIVERY_LIMIT, Scene, is_delivered
from mailbot.vocabulary import PROOFS, FactValue
from mailbot.zone import PARIS

WITHDRAWAL, EXTENSION, REFUND = "L221_18", "L221_20_SANS_INFO", "L221_24"
PROMISED = "JC_"  # calendar days the shop or the channel promises
GUARANTEE, AFTER_REPAIR = "L217_3", "L217_13"
NEEDED_RULES = (WITHDRAWAL, EXTENSION, REFUND, GUARANTEE, AFTER_REPAIR, f"{PROMISED}14", DELIVERY_LIMIT)
_REFUSAL = "ref"  # refus, refuse, refusé, refused: the merchant's recorded position


def aftersales_facts(scene: Scene) -> dict[str, FactValue]:
    """Every fact about delivery and after, by its name in the vocabulary."""
    order = scene.order
    delivered_at = last_delivery(scene)
    proof = (order.delivery_proof or "").strip().lower()
    return {
        "livree": is_delivered(scene),
        "jours_depuis_livraison": scene.days_since(delivered_at),
        "mois_depuis_livraison": _months_since(delivered_at, scene.asked),
        "preuve_livraison": proof if proof in PROOFS else None,
        "poids_etiquette_connu": True if number(order, "label_weight_g") is not None else None,
        "preparation_connue": True if text(order, "picking_record") else None,
        **_withdrawal(scene, delivered_at),
        **_refund(scene),
        **_guarantee(scene, delivered_at),
        "refus_envisage": _refusal(order),
    }


def last_delivery(scene: Scene) -> datetime | None:
    """When the last parcel came (withdrawal runs from it); None while one is missing or unknown."""
    order = scene.order
    first = scene.past(order.delivered_at)
    second = scene.past(instant(order, "delivered_at_2"))
    split = text(order, "tracking_number_2") or text(order, "shipped_at_2")
    if first is None or (split and second is None):
        return None
    return max(first, second) if second else first


def _withdrawal(scene: Scene, delivered_at: datetime | None) -> dict[str, FactValue]:
    order = scene.order
    return {
        "dans_delai_retractation": _may_withdraw(scene, delivered_at),
        "dans_prolongation_retractation": _runs(scene, EXTENSION, delivered_at),
        "info_retractation_donnee": yes_no(order, "withdrawal_info_given"),
        "retractation_recue": True if scene.past(instant(order, "withdrawal_received_at")) else None,
    }


def _may_withdraw(scene: Scene, delivered_at: datetime | None) -> bool | None:
    """Within the legal period (with its roll), or the longer one promised. Before delivery always."""
    order = scene.order
    if delivered_at is not None:
        legal = _runs(scene, WITHDRAWAL, delivered_at)
        return legal or _runs(scene, f"{PROMISED}{scene.withdrawal_days}", delivered_at)
    if is_delivered(scene) is False or _still_coming(scene):
        return True
    if is_delivered(scene) and _runs(scene, WITHDRAWAL, order.placed_at):
        return True
    return None


def _still_coming(scene: Scene) -> bool:
    """A second parcel left and is not delivered: the period has not begun."""
    order = scene.order
    return text(order, "shipped_at_2") is not None and scene.past(instant(order, "delivered_at_2")) is None


def _runs(scene: Scene, rule: str, start: datetime | None) -> bool | None:
    """Does the period that began at `start` still run when the customer wrote?"""
    due = scene.due(rule, start)
    return None if due is None else due >= scene.asked


def _refund(scene: Scene) -> dict[str, FactValue]:
    order = scene.order
    refunded_at = scene.past(order.refunded_at)
    returned_at = scene.past(instant(order, "return_received_at"))
    refunded = True if refunded_at or order.status == "refunded" else None
    returned = (
        True if returned_at or (order.status == "returned" and not _came_back_unopened(order)) else None
    )
    return {
        "rembourse": refunded,
        "jours_depuis_remboursement": scene.days_since(refunded_at),
        "montant": order.refund_amount,
        "livree_apres_remboursement": _came_after(scene, refunded_at),
        "retour_recu": returned,
        "jours_depuis_retour": scene.days_since(returned_at),
        "remboursement_en_retard": False if refunded else _refund_late(scene, returned_at),
    }


def _came_back_unopened(order: Order) -> bool:
    """Shops also call « returned » what the carrier brought back without delivering it: no customer returned it."""
    return order.tracking_status == "retour" and order.delivered_at is None


def _came_after(scene: Scene, refunded_at: datetime | None) -> bool | None:
    delivered_at = scene.past(scene.order.delivered_at)
    return None if refunded_at is None or delivered_at is None else delivered_at > refunded_at


def _refund_late(scene: Scene, returned_at: datetime | None) -> bool | None:
    """L221-24: 14 days after the shop learnt of the withdrawal, or at the return if that is later. Without
    the date of the withdrawal, 14 days after the return are late for sure; before, nobody knows."""
    informed = scene.past(instant(scene.order, "withdrawal_received_at"))
    if returned_at is None:
        return None
    due = scene.due(REFUND, informed or returned_at, second=returned_at)
    late = due is not None and due < scene.now
    return late if informed is not None else late or None


def _guarantee(scene: Scene, delivered_at: datetime | None) -> dict[str, FactValue]:
    order = scene.order
    repairs = number(order, "repairs_done")
    repaired = None if repairs is None else repairs > 0
    if repaired is None and scene.past(instant(order, "repaired_at")):
        repaired = True
    chosen, done = text(order, "remedy_chosen"), text(order, "remedy_done")
    replaced = None if chosen is None or done is None else (chosen, done) == ("reparation", "remplacement")
    return {
        "repare": repaired,
        "remplace": replaced,
        "sous_garantie": _guaranteed(scene, delivered_at, repaired=bool(repaired)),
    }


def _guaranteed(scene: Scene, delivered_at: datetime | None, *, repaired: bool) -> bool | None:
    """24 months from delivery, 30 after a repair, 24 anew from the delivery of a replacement. Without a
    delivery date, the order's date gives the shortest it can be."""
    starts = [scene.past(instant(scene.order, "replacement_delivered_at")), delivered_at]
    rule = AFTER_REPAIR if repaired else GUARANTEE
    known = [_runs(scene, rule, start) for start in starts if start is not None]
    if known:
        return any(known)
    return True if _runs(scene, rule, scene.order.placed_at) else None


def _refusal(order: Order) -> bool | None:
    position = (text(order, "merchant_position") or "").lower()
    return True if position.startswith(_REFUSAL) else None


def _months_since(start: datetime | None, now: datetime) -> int | None:
    if start is None or start > now:
        return None
    first, last = start.astimezone(PARIS).date(), now.astimezone(PARIS).date()
    months = (last.year - first.year) * 12 + last.month - first.month
    return months - (last.day < first.day)

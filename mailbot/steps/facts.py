"""Gathers every fact a rule may name from the mail, the order and the history. Pure; unknown is None, never a
guess."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from mailbot.model import History, Mail, Order, OrderMatch, Verdict
from mailbot.ruleset.carriers import Carrier
from mailbot.ruleset.counting import CountingRules
from mailbot.ruleset.shop import Channel, Merchant
from mailbot.steps.aftersales import aftersales_facts
from mailbot.steps.calendar import region_of
from mailbot.steps.order_text import fold, number, text, yes_no
from mailbot.steps.shipping import Scene, shipping_facts
from mailbot.vocabulary import FACTS, REMEDIES, STATUSES, Facts, FactValue

_COMPANY, _CONSUMER = frozenset({"company", "societe", "entreprise"}), frozenset({"consumer", "particulier"})
_USED, _NEW = frozenset({"used", "occasion", "reconditionne"}), frozenset({"new", "neuf"})
_PLATFORM, _SELLER = frozenset({"platform", "plateforme"}), frozenset({"merchant", "boutique"})


def gather(
    mail: Mail,
    verdict: Verdict,
    match: OrderMatch,
    history: History,
    *,
    merchant: Merchant,
    channels: Sequence[Channel],
    rules: CountingRules,
    now: datetime,
    carriers: Sequence[Carrier] = (),
) -> Facts:
    """Every fact of the vocabulary, in its order. `now` is aware; `carriers` are rules/transporteurs.

    Of the order of a writer who is not known as its buyer nothing is gathered: the choice of a letter would tell it.
    The customer's rights are judged at the moment the mail was received, the state of things at `now`."""
    facts: dict[str, FactValue] = dict.fromkeys(FACTS)
    facts.update(_message_facts(mail, verdict, match, history))
    order = match.order if match.identity == "verified" else None
    facts.update(_channel_facts(mail, order, channels))
    if order is not None:
        scene = Scene(
            order=order, now=now, asked=min(mail.received, now), merchant=merchant, rules=rules,
            region=region_of(order.postal_code, rules, order.country), carrier=carrier_of(order.carrier, carriers),
            withdrawal_days=_withdrawal_days(order, merchant, channels),
        )  # fmt: skip
        facts.update(_order_facts(scene))
        facts.update(shipping_facts(scene))
        facts.update(aftersales_facts(scene))
    return MappingProxyType(facts)


def _message_facts(mail: Mail, verdict: Verdict, match: OrderMatch, history: History) -> dict[str, FactValue]:
    order = match.order
    return {
        "langue": verdict.language,
        "demande_principale": verdict.requests[0] if verdict.requests else None,
        "remede_demande": verdict.remedy if verdict.remedy in REMEDIES else None,
        "pieces_jointes": bool(mail.attachments),
        "demandes_precedentes": history.earlier_cases,
        "deuxieme_reclamation": order is not None and order.order_id in history.same_complaint_order_ids,
        "commande_trouvee": order is not None,
        "plusieurs_candidats": order is None and len(match.candidates) > 1,
        "identite_verifiee": match.identity == "verified",
        "avis_automatique": mail.machine is not None and mail.machine.kind == "notification",
    }


def _channel_facts(mail: Mail, order: Order | None, channels: Sequence[Channel]) -> dict[str, FactValue]:
    name = order.channel if order is not None else mail.channel
    rule = next((channel for channel in channels if channel.id == name), None)
    known = FACTS["canal"].choices
    return {
        "canal": name if name in known else "autre" if name else None,
        "place_de_marche": rule.place_de_marche if rule else None,
    }


def _withdrawal_days(order: Order, merchant: Merchant, channels: Sequence[Channel]) -> int:
    """The longer of what the shop and the order's channel promise."""
    channel = next((one for one in channels if one.id == order.channel), None)
    return max(merchant.retractation_jours, (channel.retractation_jours if channel else None) or 0)


def _order_facts(scene: Scene) -> dict[str, FactValue]:
    order = scene.order
    value = value_of(order)
    high = None if value is None else value >= scene.merchant.valeur_elevee
    return {
        "statut": order.status if order.status in STATUSES else None,
        "annulee": None if order.status is None else order.status == "cancelled",
        "expedie_par_plateforme": _one_of(order.fulfilment, _PLATFORM, _SELLER),
        "reclamation_ouverte": yes_no(order, "claim_open"),
        "acheteur_societe": _company(order),
        "valeur": value,
        "valeur_elevee": high,
        "nombre_articles": sum(line.qty for line in order.lines) or None,
        "jours_depuis_commande": scene.days_since(order.placed_at),
        "personnalise": yes_no(order, "personalised"),
        "biens_occasion": _one_of(text(order, "goods_condition"), _USED, _NEW),
        "port_offert_par_seuil": _free_shipping(order),
        "facture_connue": True if text(order, "invoice_number") else None,
    }


def carrier_of(name: str | None, carriers: Sequence[Carrier]) -> str | None:
    """The id of the carrier an order names: the longest of the carriers' words found in it. None: unknown."""
    folded = fold(name or "")
    return _longest(folded, tuple([(one.id, one.nom, one.mots) for one in carriers])) if folded else None


@lru_cache(1024)
def _longest(folded: str, carriers: tuple[tuple[str, str, tuple[str, ...]], ...]) -> str | None:
    found = [
        (len(word), names[0])
        for names in carriers
        for word in map(fold, (names[0], names[1], *names[2]))
        if word and word in folded
    ]
    return max(found)[1] if found else None


def value_of(order: Order) -> Decimal | None:
    """What the order cost, VAT included: its total, else the sum of its lines; None if a price is missing."""
    if order.total is not None:
        return order.total
    prices = [line.unit_price * line.qty for line in order.lines if line.unit_price is not None]
    return sum(prices, Decimal(0)) if prices and len(prices) == len(order.lines) else None


def _one_of(word: str | None, yes: frozenset[str], no: frozenset[str]) -> bool | None:
    folded = fold(word or "")
    return True if folded in yes else False if folded in no else None


def _company(order: Order) -> bool | None:
    """The file's own word; a company name or VAT number without it says company too."""
    said = _one_of(text(order, "buyer_type"), _COMPANY, _CONSUMER)
    if said is None and (text(order, "company_name") or text(order, "vat_number")):
        return True
    return said


def _free_shipping(order: Order) -> bool | None:
    paid, threshold = number(order, "shipping_amount"), number(order, "free_shipping_threshold")
    return None if paid is None or threshold is None else paid == 0 and threshold > 0

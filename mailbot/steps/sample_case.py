"""A made-up mail and order on which an example of a situation holds, for showing what its letter would say.

The order has every column that the example does not rule out: what is missing in the letter is really missing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from mailbot.model import Address, Intent, Line, Mail, Mentions, Order, OrderMatch, Verdict
from mailbot.situation import CaseExample, Situation
from mailbot.vocabulary import Facts, FactValue

_BUYER = Address(name="Nina Bel", addr="nina.bel@client.example")
_LINE = Line(sku="TAS-BL-02", label="Tasse bleue", qty=1, unit_price=Decimal("34.90"))
_PARCEL_2 = (
    "carrier_2",
    "tracking_number_2",
    "shipped_at_2",
    "tracking_status_2",
    "tracking_last_event_at_2",
)
_NO = (None, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the line is given instead of a read mail and its order. `facts`: what the example says."""

    mail: Mail
    verdict: Verdict
    found: OrderMatch
    facts: Facts


def sample(situation: Situation, example: CaseExample, now: datetime) -> Sample:
    """The mail and order of an example; received an hour before `now` (aware)."""
    facts = example.faits
    requests = example.intentions or situation.intentions[:1] or ("question",)
    order = _order(facts, now)
    told = facts.get("commande_trouvee", True) is not False
    known = told and facts.get("identite_verifiee", True) is not False
    return Sample(
        mail=_mail(now - timedelta(hours=1)),
        verdict=Verdict(
            intents=tuple(Intent(id=name, score=0.99) for name in requests),
            requests=tuple(requests),
            remedy=_text(facts, "remede_demande"),
            language="fr",
            flags=example.drapeaux,
        ),
        found=OrderMatch(
            order=order if told else None, method="order_ref" if told else None, score=1.0 if told else 0.0,
            candidates=(), identity="verified" if known else "unverified",
            mentions=Mentions(order_refs=(order.order_id,)),
        ),
        facts=MappingProxyType(dict(facts)),
    )  # fmt: skip


def _mail(received: datetime) -> Mail:
    return Mail(
        digest="0" * 64, received=received, sent=received, message_id="<exemple@client.example>", in_reply_to=(),
        references=(), sender=_BUYER, reply_to=_BUYER, to=(), subject="Ma commande", quoted="",
        text="Bonjour, je vous écris au sujet de ma commande. Merci de votre réponse. Nina Bel",
    )  # fmt: skip


def _order(facts: Mapping[str, FactValue], now: datetime) -> Order:
    shipped = not (facts.get("expediee") is False or facts.get("statut") == "processing")
    arrived = (
        facts.get("livree") is True or facts.get("suivi") == "livre" or "jours_depuis_livraison" in facts
    )
    placed = now - _days(facts, "jours_depuis_commande", 9)
    order = Order(
        order_id="A-10245",
        channel=_text(facts, "canal") or ("amazon_fr" if facts.get("place_de_marche") is True else "site"),
        placed_at=placed,
        status="delivered" if arrived else ("shipped" if shipped else "processing"),
        customer_name=_BUYER.name,
        customer_email=_BUYER.addr,
        postal_code="44000",
        city="Nantes",
        country="FR",
        ship_by=placed + timedelta(days=2),
        estimated_delivery_min=(now + timedelta(days=1)).date(),
        estimated_delivery_max=(now + timedelta(days=3)).date(),
        lines=(_LINE,),
        total=Decimal("39.80"),
        currency="EUR",
        extra=_extra(facts, now),
    )
    return _moved(order, facts, now, arrived=arrived) if shipped else order


def _moved(order: Order, facts: Mapping[str, FactValue], now: datetime, *, arrived: bool) -> Order:
    """The same order with its parcel under way, or arrived."""
    silent = float(str(facts.get("heures_sans_evenement") or 20))
    changes: dict[str, Any] = {
        "shipped_at": now - _days(facts, "jours_depuis_expedition", 5),
        "carrier": _text(facts, "transporteur") or "colissimo",
        "tracking_number": None if facts.get("sans_suivi") is True else "6A12345678901",
        "tracking_status": _text(facts, "suivi") or ("livre" if arrived else "en_transit"),
        "tracking_last_event_at": now - timedelta(hours=silent),
    }
    if arrived:
        delivered = now - _days(facts, "jours_depuis_livraison", 2)
        promised = {"estimated_delivery_min": None, "estimated_delivery_max": delivered.date()}
        proof = _text(facts, "preuve_livraison") or "signature"
        changes |= {"delivered_at": delivered, "delivery_proof": proof, **promised}
    elif facts.get("delai_livraison_depasse") is True or facts.get("livraison_max_depassee") is True:
        changes |= {
            "estimated_delivery_min": None,
            "estimated_delivery_max": (now - timedelta(days=2)).date(),
        }
    if facts.get("rembourse") is True:
        refunded = now - _days(facts, "jours_depuis_remboursement", 3)
        changes |= {"refunded_at": refunded, "refund_amount": order.total}
    return replace(order, **changes)


def _extra(facts: Mapping[str, FactValue], now: datetime) -> dict[str, str]:
    def ago(days: float) -> str:
        return (now - timedelta(days=days)).isoformat()

    extra = {"invoice_number": "F-2026-0871", "return_reason": "adresse incomplète"}
    if facts.get("suivi") == "en_point_relais" or facts.get("relais_connu") is True:
        extra |= {"relay_name": "Tabac du Port", "relay_address": "3 quai de la Fosse, 44000 Nantes"}
        extra["pickup_deadline"] = (now + timedelta(days=6)).date().isoformat()
    if any(name.startswith("deuxieme_colis") or name == "plusieurs_colis" for name in facts):
        extra |= dict(
            zip(_PARCEL_2, ("colissimo", "6A98765432109", ago(2), "en_transit", ago(1)), strict=True)
        )
    if facts.get("retractation_recue") not in _NO or facts.get("retour_recu") not in _NO:
        extra["withdrawal_received_at"] = ago(8)
    if facts.get("retour_recu") not in _NO:
        extra["return_received_at"] = ago(3)
    if facts.get("livree_apres_remboursement") not in _NO:
        extra["replacement_delivered_at"] = ago(1)
    return extra


def _days(facts: Mapping[str, FactValue], name: str, usual: float) -> timedelta:
    value = facts.get(name)
    return timedelta(days=float(str(value)) if value is not None else usual)


def _text(facts: Mapping[str, FactValue], name: str) -> str | None:
    value = facts.get(name)
    return value if isinstance(value, str) else None

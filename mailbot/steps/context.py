"""The words a template may use: French names, one namespace per thing, a visible hole for each fact that is missing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import quote

from mailbot.identifiers import fold_text, has_word
from mailbot.model import Deadline, Enclosure, Line, Mail, Order, OrderMatch, Verdict
from mailbot.ruleset.carriers import Carrier
from mailbot.ruleset.shop import Channel, Merchant
from mailbot.steps.facts import carrier_of
from mailbot.steps.french import HARD_BREAK, Money, one_line, paris_day, person_name
from mailbot.steps.letter_words import SCHEMA, Deadlines, Known
from mailbot.steps.order_text import instant
from mailbot.vocabulary import Facts

_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that one reply may be written from. `now` aware. The order counts only when the writer is verified."""

    mail: Mail
    verdict: Verdict
    match: OrderMatch
    deadlines: Sequence[Deadline]
    merchant: Merchant
    channel: Channel | None
    now: datetime
    facts: Facts = field(default_factory=dict)
    carriers: Sequence[Carrier] = ()
    enclosures: Sequence[Enclosure] = ()
    named: dict[str | None, Carrier | None] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    @property
    def order(self) -> Order | None:
        """The order whose facts may be told to this writer; None for an unverified one."""
        return self.match.order if self.match.identity == "verified" else None

    @property
    def due(self) -> dict[str, datetime]:
        """Due dates by deadline id (the earliest of a double); an unverified writer learns only those that count
        from his own mail, since the others would tell him dates of the order."""
        due: dict[str, datetime] = {}
        for deadline in self.deadlines:
            if self.order is None and deadline.start not in (self.mail.received, self.mail.sent, self.now):
                continue
            due[deadline.id] = min(deadline.due_at, due.get(deadline.id, deadline.due_at))
        return due

    @property
    def usual_delivery(self) -> date | None:
        """The day by which parcels to this zone usually arrive (zones of rules/entreprise.toml), or None."""
        shipped = self.order.shipped_at if self.order else None
        zone = next((zone for zone in self.merchant.zones if zone.id == self.facts.get("zone")), None)
        return paris_day(shipped) + timedelta(days=zone.jours) if shipped and zone else None

    @property
    def links(self) -> tuple[str, ...]:
        """The carriers' tracking pages of this order's parcels."""
        if (order := self.order) is None:
            return ()
        second = order.extra.get("carrier_2") or order.carrier
        found = (
            self.link(order.carrier, order.tracking_number),
            self.link(second, order.extra.get("tracking_number_2")),
        )
        return tuple(link for link in found if link)

    def carrier(self, name: str | None) -> Carrier | None:
        """The rule of the carrier an order names, or None."""
        if name not in self.named:
            found = carrier_of(name, self.carriers)
            self.named[name] = next((rule for rule in self.carriers if rule.id == found), None)
        return self.named[name]

    def link(self, carrier: str | None, number: str | None) -> str | None:
        """The carrier's tracking page of a number, when the rules know it."""
        rule = self.carrier(carrier)
        return rule.lien.format(numero=quote(number)) if rule and rule.lien and number else None


def build(case: Case, holes: list[str]) -> dict[str, object]:
    """The context of one rendering. Missing facts that get printed are named in `holes`."""
    known = {
        "client": _client(case),
        "boutique": _merchant(case),
        "canal": _channel(case.channel),
        "demande": _request(case),
        "piece_jointe": {"prevue": True, "titre": case.enclosures[0].title} if case.enclosures else {},
        "faits": case.facts if case.order else {},
        **(_order(case.order, case) if case.order else {}),
    }
    nothing: Mapping[str, object] = {}
    context: dict[str, object] = {
        name: Known(fields, known.get(name, nothing), holes) for name, fields in SCHEMA.items()
    }
    context["delais"] = Deadlines(case.due, holes)
    return context


def _client(case: Case) -> dict[str, object]:
    name = person_name(case.order.customer_name) if case.order else None
    name = name or (
        person_name(case.mail.sender.name) if case.mail.sender and not case.mail.channel else None
    )
    if name and _signed_by_another(case.mail.text, name):
        name = None
    return {"nom": name, "prenom": name.split()[0] if name else None}


def _signed_by_another(text: str, name: str) -> bool:
    """Does the mail give the buyer's family name but not the first name? Then a relative may have written it."""
    first, *family = re.findall(r"\w+", fold_text(name))
    folded = fold_text(text)
    return bool(family) and has_word(folded, family[-1]) and not has_word(folded, first)


def _merchant(case: Case) -> dict[str, object]:
    merchant = case.merchant
    return {
        "nom": one_line(merchant.nom),
        "signature": _lines(merchant.signature),
        "adresse_retour": _lines(merchant.adresse_retour),
        "retour_frais": merchant.retour_frais,
        "mediateur": one_line(merchant.mediateur),
    }


def _lines(text: str) -> str:
    return HARD_BREAK.join(filter(None, (one_line(line) for line in text.splitlines())))


def _channel(channel: Channel | None) -> dict[str, object]:
    if channel is None:
        return {"place_de_marche": False, "liens_interdits": False}
    return {
        "nom": _short(channel.nom),
        "place_de_marche": channel.place_de_marche,
        "liens_interdits": "liens" in channel.interdits,
    }


def _request(case: Case) -> dict[str, object]:
    written = case.match.mentions.order_refs
    return {
        "recue_le": case.mail.received,
        "remede": case.verdict.remedy or "none",
        "drapeaux": case.verdict.flags,
        "numero_ecrit": one_line(written[0])[:40] if written else None,
    }


def _order(order: Order, case: Case) -> dict[str, dict[str, object]]:
    extra = order.extra
    return {
        "commande": {
            "numero": one_line(order.order_id),
            "passee_le": order.placed_at,
            "articles": [article(line, order) for line in order.lines] or None,
            "montant": _money(order.total, order),
            "expediee_le": order.shipped_at,
            "expedition_max": order.ship_by,
            "livree_le": order.delivered_at,
            "livraison_min": order.estimated_delivery_min,
            "livraison_max": order.estimated_delivery_max,
            "fenetre_max": case.usual_delivery,
            "facture": one_line(extra.get("invoice_number", "")),
            "ville": one_line(order.city or ""),
        },
        **_parcels(order, case),
        "relais": {
            "nom": one_line(extra.get("relay_name", "")),
            "adresse": one_line(extra.get("relay_address", "")),
            "limite_le": instant(order, "pickup_deadline"),
        },
        "retour": {
            "demande_le": instant(order, "withdrawal_received_at"),
            "recu_le": instant(order, "return_received_at"),
        },
        "remboursement": {"fait_le": order.refunded_at, "montant": _money(order.refund_amount, order)},
        "remplacement": {"livre_le": instant(order, "replacement_delivered_at")},
    }


def _parcels(order: Order, case: Case) -> dict[str, dict[str, object]]:
    extra, carrier = order.extra, order.carrier
    state = str(case.facts.get("suivi") or order.tracking_status or "")
    other, number = extra.get("carrier_2") or carrier, extra.get("tracking_number_2")
    return {
        "suivi": {
            **_parcel(carrier, order.tracking_number, state, case),
            "evenement_le": order.tracking_last_event_at,
            "preuve": one_line(order.delivery_proof or ""),
            "motif_retour": one_line(extra.get("return_reason", "")),
        },
        "second_colis": {
            **_parcel(other, number, extra.get("tracking_status_2"), case),
            "expedie_le": instant(order, "shipped_at_2"),
            "evenement_le": instant(order, "tracking_last_event_at_2"),
        },
    }


def _plain(name: str) -> str:
    """An unknown carrier's name as the file has it, unless it is no name: a code, an address, a whole sentence."""
    said = one_line(name)
    named = len(said) <= _LONGEST_NAME and all(char.isalnum() or char in " -.&'+" for char in said)
    return said if named else ""


def _parcel(carrier: str | None, number: str | None, state: str | None, case: Case) -> dict[str, object]:
    rule = case.carrier(carrier)
    return {
        "transporteur": _short(rule.nom) if rule else _plain(carrier or ""),
        "numero": one_line(number or ""),
        "lien": case.link(carrier, number),
        "etat": state,
    }


def article(line: Line, order: Order) -> SimpleNamespace:
    """One line of the order as templates see it. The price is that of one piece."""
    return SimpleNamespace(
        libelle=one_line(line.label), quantite=line.qty, prix=_money(line.unit_price, order)
    )


def _short(name: str) -> str:
    """A name without what it says in brackets: « La Poste (lettre suivie) » → « La Poste »."""
    return name.split(" (")[0]


def _money(amount: Decimal | None, order: Order) -> Money | None:
    return None if amount is None else Money(amount, order.currency or "EUR")

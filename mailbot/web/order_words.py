"""The facts of an order in French, and which column of an unknown file may state which."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from mailbot.model import Order
from mailbot.ruleset.exports import OrderExport
from mailbot.steps.french import date_and_time
from mailbot.web.words import ORDER_STATES, PARCEL_STATES, money

_WORD, _SMALL = re.compile(r"[a-z0-9]+"), frozenset({"de", "du", "d", "la", "le", "l", "n", "no", "numero"})

FIELDS: Mapping[str, str] = {
    "order_id": "Numéro de commande",
    "placed_at": "Passée le",
    "status": "État",
    "customer_name": "Client",
    "customer_email": "Adresse e-mail",
    "phone": "Téléphone",
    "postal_code": "Code postal",
    "city": "Ville",
    "country": "Pays",
    "shipped_at": "Expédiée le",
    "ship_by": "À expédier avant",
    "carrier": "Transporteur",
    "tracking_number": "Numéro de suivi",
    "tracking_status": "État du suivi",
    "tracking_last_event_at": "Dernier événement de suivi",
    "estimated_delivery_min": "Livraison prévue, au plus tôt",
    "estimated_delivery_max": "Livraison prévue, au plus tard",
    "delivered_at": "Livrée le",
    "total": "Total",
    "currency": "Devise",
    "refunded_at": "Remboursée le",
    "refund_amount": "Montant remboursé",
}
LABELS: Mapping[str, str] = {
    **FIELDS,
    "channel": "Canal",
    "delivery_proof": "Preuve de livraison",
    "fulfilment": "Expédiée par",
}
_MORE: Mapping[str, str] = {
    "channel_original": "Canal du fichier",
    "relay_name": "Point relais",
    "relay_address": "Adresse du point relais",
    "pickup_deadline": "À retirer avant le",
    "ship_to_address": "Adresse de livraison",
    "label_address": "Étiquette : adresse",
    "label_postal_code": "Étiquette : code postal",
    "label_city": "Étiquette : ville",
    "label_weight_g": "Étiquette : poids en grammes",
    "picking_record": "Relevé de préparation",
    "carrier_2": "Second colis : transporteur",
    "tracking_number_2": "Second colis : numéro de suivi",
    "tracking_status_2": "Second colis : état du suivi",
    "tracking_last_event_at_2": "Second colis : dernier événement",
    "shipped_at_2": "Second colis : expédié le",
    "delivered_at_2": "Second colis : livré le",
    "shipping_amount": "Frais de port",
    "free_shipping_threshold": "Port offert dès",
    "buyer_type": "Acheteur",
    "company_name": "Société",
    "vat_number": "Numéro de TVA",
    "invoice_number": "Numéro de facture",
    "goods_condition": "État des articles",
    "personalised": "Personnalisée",
    "withdrawal_info_given": "Informée de la rétractation",
    "withdrawal_received_at": "Rétractation reçue le",
    "return_reason": "Motif du retour",
    "return_received_at": "Retour reçu le",
    "claim_open": "Réclamation ouverte",
    "claim_opened_at": "Réclamation ouverte le",
    "repairs_done": "Réparations faites",
    "repaired_at": "Réparée le",
    "remedy_chosen": "Solution choisie",
    "remedy_done": "Solution donnée",
    "replacement_delivered_at": "Remplacement livré le",
    "merchant_position": "Position de la boutique",
}
_MEANT: Mapping[str, Mapping[str, str]] = {
    "status": ORDER_STATES,
    "tracking_status": PARCEL_STATES,
    "tracking_status_2": PARCEL_STATES,
    "delivery_proof": {"none": "aucune", "code": "code de remise"},
    "fulfilment": {"merchant": "la boutique", "platform": "la plateforme"},
    "buyer_type": {"consumer": "particulier", "company": "entreprise"},
    "goods_condition": {"new": "neuf", "used": "occasion"},
}
_YES_NO: Mapping[str, str] = {"yes": "oui", "no": "non", "true": "oui", "false": "non"}
_AMOUNTS, _AMOUNT = (
    frozenset({"shipping_amount", "free_shipping_threshold"}),
    re.compile(r"\d{1,9}(?:\.\d{1,2})?"),
)
ITEMS: Mapping[str, str] = {
    "label": "Article : nom",
    "sku": "Article : référence",
    "qty": "Article : quantité",
    "unit_price": "Article : prix unitaire",
}
_USUAL: Mapping[str, tuple[str, ...]] = {
    "order_id": (
        "numero de commande",
        "n de commande",
        "commande",
        "reference commande",
        "order number",
        "order id",
    ),
    "placed_at": ("date de commande", "date commande", "date", "order date", "created at"),
    "status": ("etat", "statut", "status"),
    "customer_name": ("client", "nom", "nom du client", "customer", "destinataire", "nom client"),
    "customer_email": ("email", "e mail", "mail", "courriel", "adresse e mail"),
    "phone": ("telephone", "tel", "phone", "mobile"),
    "postal_code": ("code postal", "cp", "zip", "postcode"),
    "city": ("ville", "city"),
    "country": ("pays", "country"),
    "shipped_at": ("date d expedition", "date expedition", "expedie le", "shipped at"),
    "carrier": ("transporteur", "carrier"),
    "tracking_number": ("numero de suivi", "tracking", "tracking number"),
    "delivered_at": ("date de livraison", "livre le", "delivered at"),
    "total": ("total", "total ttc", "montant", "montant ttc"),
    "currency": ("devise", "currency"),
}
_USUAL_ITEMS: Mapping[str, tuple[str, ...]] = {
    "label": ("article", "produit", "designation", "nom du produit", "product"),
    "sku": ("sku", "reference", "reference produit", "ref"),
    "qty": ("quantite", "qte", "qty"),
    "unit_price": ("prix unitaire", "prix", "prix ttc", "unit price"),
}


def guess(header: Sequence[str], exports: Iterable[OrderExport]) -> tuple[dict[str, str], dict[str, str]]:
    """Fact → column, of the order and of its lines, by the names that columns usually have; each column once."""
    folded = {_words(name): name for name in reversed(header) if name}
    known: dict[str, list[str]] = {name: [name, *_USUAL.get(name, ())] for name in FIELDS}
    for export in exports:
        for name, usual in export.colonnes.items():
            known.setdefault(name, []).extend(usual)
    columns, taken = _first(known, folded, set(), FIELDS)
    items, _rest = _first(_USUAL_ITEMS, folded, taken, ITEMS)
    return columns, items


def _first(
    known: Mapping[str, Sequence[str]], folded: Mapping[str, str], taken: set[str], wanted: Iterable[str]
) -> tuple[dict[str, str], set[str]]:
    found: dict[str, str] = {}
    for name in wanted:
        fits = (folded[key] for word in known.get(name, ()) if (key := _words(word)) in folded)
        column = next((one for one in fits if one not in taken), None)
        if column is not None:
            found[name] = column
            taken = {*taken, column}
    return found, taken


def meaning(word: str, known: Mapping[str, str]) -> str:
    """Which of our words a word of the file most likely is, by how both begin; '' when none."""
    start = _words(word)[:5]
    return next((ours for ours, told in known.items() if start and start in (_words(told)[:5], ours[:5])), "")


def _words(name: str) -> str:
    """The words of a name, whatever its case, accents, signs and order."""
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(sign)
    )
    return " ".join(sorted({*_WORD.findall(plain)} - _SMALL))


def value(order: Order, name: str) -> str:
    """A fact of an order for people; '' when it is unknown."""
    found = getattr(order, name)
    if found is None:
        return ""
    if isinstance(found, datetime):
        return date_and_time(found)
    if isinstance(found, date):
        return f"{found:%d/%m/%Y}"
    if isinstance(found, Decimal):
        return f"{found:.2f}".replace(".", ",")
    return _MEANT.get(name, {}).get(found, str(found))


def further(order: Order) -> dict[str, str]:
    """What else the file said of an order, by French names; columns we do not know keep theirs."""
    return {
        _MORE.get(name, name.replace("_", " ")): _further(name, text, order.currency)
        for name, text in order.extra.items()
    }


def _further(name: str, text: str, currency: str | None) -> str:
    if name not in _MORE:
        return text
    if name in _AMOUNTS and _AMOUNT.fullmatch(text):
        return money(Decimal(text), currency)
    if name.endswith(("_at", "_at_2", "_deadline")):
        return _moment(text)
    return _MEANT.get(name, _YES_NO).get(text.lower(), text)


def _moment(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{at:%d/%m/%Y}" if len(text) <= len("2026-11-22") else date_and_time(at)

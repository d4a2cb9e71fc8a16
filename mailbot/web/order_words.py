"""The facts of an order in French, and which column of an unknown file may state which."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from mailbot.model import Order
from mailbot.ruleset.exports import OrderExport
from mailbot.web.words import ORDER_STATES, PARCEL_STATES, when

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
        return when(found)
    if isinstance(found, date):
        return f"{found:%d/%m/%Y}"
    if isinstance(found, Decimal):
        return f"{found:.2f}".replace(".", ",")
    known = {"status": ORDER_STATES, "tracking_status": PARCEL_STATES}.get(name, {})
    return known.get(found, str(found))

"""The way of a parcel in ten words: reads a carrier's code or label, and an order whose file holds one. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.identifiers import fold_text
from mailbot.model import Order
from mailbot.steps.order_text import text
from mailbot.tracking_rules import StatusCode, StatusLabel, TrackingRules, fold_code
from mailbot.vocabulary import TRACKING

RAW, DETAIL, ALERT, RAW_DELIVERY = (
    "tracking_status_brut",
    "tracking_detail",
    "tracking_alert",
    "delivered_at_brut",
)
_LONGEST = 200
_WORDS = {**{word: word for word in TRACKING}, "introuvable": "inconnu"}
_PLAIN = str.maketrans({"’": "'", "ʼ": "'", "`": "'", "_": " "})
_AFTER_DELIVERY = frozenset(
    {"pris_en_charge", "en_transit", "bloque", "en_livraison", "en_point_relais", "retour", "douane"}
)
_RETURNED = frozenset({"returned", "refunded"})


@dataclass(frozen=True, slots=True)
class TrackingStatus:
    """`status` is one of the ten words; `sub` a nearer word of the rules or ''; `alert`: somebody should look."""

    status: str
    sub: str = ""
    alert: bool = False


def normalise(raw: str | None, source: str | None, rules: TrackingRules) -> TrackingStatus | None:
    """What a raw status says: one of our words, a code of `source` (None: of any, if they agree), a code before its
    label, or a French label, in any case, with or without accents. None: not understood, never guessed."""
    plain = " ".join(fold_text((raw or "")[:_LONGEST].translate(_PLAIN)).split())
    if not plain:
        return None
    if word := _WORDS.get(plain.replace(" ", "_").replace("-", "_")):
        return TrackingStatus(word)
    if code := _code(plain, source, rules):
        return _status(code)
    first, _, rest = plain.replace(":", " ", 1).partition(" ")
    if rest and (code := _code(first, source, rules, before_label=True)):
        return (_label(rest, rules) if code.libelle_prime else None) or _status(code)
    return _label(plain, rules)


def _code(
    raw: str, source: str | None, rules: TrackingRules, *, before_label: bool = False
) -> StatusCode | None:
    """The meaning of a code; without source only when all sources that know it give the same status."""
    key = fold_code(raw)
    found = [
        codes[key]
        for name, codes in rules.codes.items()
        if key in codes
        and (source is None or name == source)
        and (not before_label or name in rules.before_labels)
    ]
    return found[0] if len({code.statut for code in found}) == 1 else None


def _label(plain: str, rules: TrackingRules) -> TrackingStatus | None:
    for label, pattern, but in rules.labels.compiled:
        if pattern.search(plain) and not (but and but.search(plain)):
            return _status(label)
    return None


def _status(rule: StatusCode | StatusLabel) -> TrackingStatus:
    return TrackingStatus(rule.statut, rule.detail, rule.alerte)


def understood(order: Order, rules: TrackingRules, now: datetime) -> Order:
    """The order with its tracking in our words, for both parcels; what the file said is kept in `extra`
    (tracking_status_brut). An event after the delivery that says the parcel is elsewhere takes the delivery back
    (delivered_at_brut): the scan was wrong."""
    if order.tracking_status and order.tracking_status not in TRACKING:
        order = _in_our_words(order, rules)
    second = text(order, "tracking_status_2")
    if second and second not in TRACKING:
        said = normalise(second, None, rules)
        changed = {"tracking_status_2": said.status if said else "", f"{RAW}_2": second}
        order = replace(order, extra={**order.extra, **changed})
    if _reopened(order, now) and order.delivered_at is not None:
        extra = {**order.extra, RAW_DELIVERY: order.delivered_at.isoformat()}
        order = replace(order, delivered_at=None, extra=extra)
    return order


def _in_our_words(order: Order, rules: TrackingRules) -> Order:
    raw = order.tracking_status or ""
    said = normalise(raw, None, rules)
    extra = {**order.extra, RAW: raw}
    if said and said.sub:
        extra[DETAIL] = said.sub
    if said and said.alert:
        extra[ALERT] = "oui"
    return replace(order, tracking_status=said.status if said else None, extra=extra)


def _reopened(order: Order, now: datetime) -> bool:
    event, delivered = order.tracking_last_event_at, order.delivered_at
    if event is None or delivered is None or not delivered < event <= now:
        return False
    if order.tracking_status == "retour" and (
        order.status in _RETURNED
        or text(order, "withdrawal_received_at")
        or text(order, "return_received_at")
    ):
        return False  # the customer sent it back
    return order.tracking_status in _AFTER_DELIVERY

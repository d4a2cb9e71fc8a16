"""Order ↔ row of the orders table: the payload (JSON) and the keys that are looked up."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mailbot.identifiers import fold_id, fold_name
from mailbot.model import Line, Order

_MOMENTS = ("placed_at", "shipped_at", "delivered_at", "tracking_last_event_at", "ship_by", "refunded_at")
_DATES = ("estimated_delivery_min", "estimated_delivery_max")
_AMOUNTS = ("refund_amount", "total")
_TEXTS = (
    "order_id",
    "channel",
    "status",
    "customer_name",
    "customer_email",
    "phone",
    "postal_code",
    "city",
    "country",
    "carrier",
    "tracking_number",
    "tracking_status",
    "delivery_proof",
    "fulfilment",
    "currency",
)


def facts_of(order: Order) -> dict[str, Any]:
    """What is known of the order, as JSON values; what is unknown is absent."""
    facts: dict[str, Any] = {name: value for name in _TEXTS if (value := getattr(order, name)) is not None}
    for name in (*_MOMENTS, *_DATES):
        if (value := getattr(order, name)) is not None:
            facts[name] = value.isoformat()
    for name in _AMOUNTS:
        if (value := getattr(order, name)) is not None:
            facts[name] = str(value)
    if order.lines:
        facts["lines"] = [
            [line.sku, line.label, line.qty, None if line.unit_price is None else str(line.unit_price)]
            for line in order.lines
        ]
    if order.extra:
        facts["extra"] = dict(order.extra)
    return facts


def merge(known: Mapping[str, Any], newer: Mapping[str, Any]) -> dict[str, Any]:
    """The newer facts over the known ones. What the newer file does not say (column absent or cell empty)
    stays."""
    merged = {**known, **newer}
    if "extra" in known and "extra" in newer:
        merged["extra"] = {**known["extra"], **newer["extra"]}
    return merged


def decode(payload: str) -> Order:
    """The order that a payload holds."""
    facts = json.loads(payload)
    values: dict[str, Any] = {name: facts[name] for name in _TEXTS if name in facts}
    values |= {name: datetime.fromisoformat(facts[name]) for name in _MOMENTS if name in facts}
    values |= {name: date.fromisoformat(facts[name]) for name in _DATES if name in facts}
    values |= {name: Decimal(facts[name]) for name in _AMOUNTS if name in facts}
    lines = tuple(
        Line(sku=sku, label=label, qty=qty, unit_price=None if price is None else Decimal(price))
        for sku, label, qty, price in facts.get("lines", ())
    )
    return Order(**values, lines=lines, extra=facts.get("extra", {}))


def row_of(facts: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The row of the orders table for these facts."""
    return {
        "order_id": facts["order_id"],
        "channel": facts["channel"],
        "ref_key": fold_id(facts["order_id"]) or None,
        "email_key": facts.get("customer_email"),
        "tracking_key": fold_id(facts.get("tracking_number", "")) or None,
        "tracking_key_2": fold_id(facts.get("extra", {}).get("tracking_number_2", "")) or None,
        "name_key": fold_name(facts.get("customer_name", "")) or None,
        "placed_at": datetime.fromisoformat(facts["placed_at"]),
        "payload": json.dumps(facts, ensure_ascii=False, separators=(",", ":")),
        "imported_at": now,
    }

"""Reads an answer of La Poste's tracking service (Suivi v2): JSON → what it says of each parcel. Pure; calls nobody."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from mailbot.model import Order
from mailbot.steps.calendar import PARIS
from mailbot.steps.tracking import ALERT, DETAIL, RAW, TrackingStatus, normalise
from mailbot.tracking_rules import TrackingRules

SOURCE = "la_poste_suivi_v2"
_FOUND, _UNKNOWN = 200, 404


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelNews:
    """What one answer says of one parcel. `status` None: nothing that may be relied on. `raw`: code and label of the
    newest event; `carrier`: id of a carrier rule; times aware; `problem`: why there is no news (French)."""

    number: str
    status: TrackingStatus | None = None
    raw: str = ""
    event_at: datetime | None = None
    delivered_at: datetime | None = None
    expected: date | None = None
    carrier: str | None = None
    problem: str = ""


def read(answer: str | bytes, rules: TrackingRules) -> tuple[ParcelNews, ...]:
    """Every parcel of an answer: one object, or an array for several numbers. An answer that is not JSON, or not of
    this shape, says nothing: (). Unknown numbers (404) are `inconnu`; refusals (400, 401, 429) tell no status."""
    try:
        data = json.loads(answer)
    except (ValueError, RecursionError):
        return ()
    items = data if isinstance(data, list) else [data]
    return tuple(_news(item, rules) for item in items if isinstance(item, dict) and _number(item))


def update(order: Order, news: ParcelNews) -> Order:
    """The order with the news of its parcel; without status, or older than what is known, it stays as it is."""
    known = order.tracking_last_event_at
    if news.status is None or (known and (news.event_at is None or news.event_at < known)):
        return order
    extra = {key: value for key, value in order.extra.items() if key not in (RAW, DETAIL, ALERT)}
    extra |= {RAW: news.raw} if news.raw else {}
    extra |= {DETAIL: news.status.sub} if news.status.sub else {}
    extra |= {ALERT: "oui"} if news.status.alert else {}
    return replace(
        order,
        tracking_number=order.tracking_number or news.number,
        tracking_status=news.status.status,
        tracking_last_event_at=news.event_at,
        delivered_at=news.delivered_at,
        carrier=order.carrier or news.carrier,
        estimated_delivery_max=order.estimated_delivery_max or news.expected,
        extra=extra,
    )


def _news(item: Mapping[str, Any], rules: TrackingRules) -> ParcelNews:
    number, code = _number(item), _integer(item.get("returnCode"))
    if code == _UNKNOWN:
        return ParcelNews(
            number=number, status=TrackingStatus("inconnu"), problem="numéro inconnu de La Poste"
        )
    shipment = item.get("shipment")
    if code not in (_FOUND, None) or not isinstance(shipment, dict):
        said = str(item.get("returnMessage") or "").strip()[:200]
        return ParcelNews(number=number, problem=f"réponse {code} de La Poste{f' : {said}' if said else ''}")
    return _of_shipment(number, shipment, rules)


def _of_shipment(number: str, shipment: Mapping[str, Any], rules: TrackingRules) -> ParcelNews:
    """The newest event decides, whatever `isFinal` says: that is true of a return, too."""
    events = sorted(_events(shipment), key=lambda event: event[0], reverse=True)  # stable: the first of a tie
    base = ParcelNews(
        number=number, carrier=_carrier(shipment, rules), expected=_day(shipment.get("estimDate"))
    )
    if not events:
        return replace(base, problem="aucun événement daté")
    when, code, label = events[0]
    status = normalise(code, SOURCE, rules) or normalise(label, SOURCE, rules)
    return replace(
        base,
        status=status,
        raw=f"{code} {label}".strip(),
        event_at=when,
        delivered_at=when if status and status.status == "livre" else None,
        problem="" if status else f"événement inconnu « {code} »",
    )


def _events(shipment: Mapping[str, Any]) -> Iterator[tuple[datetime, str, str]]:
    found = shipment.get("event")
    for event in found if isinstance(found, list) else ():
        if isinstance(event, dict) and (when := _instant(event.get("date"))):
            yield when, str(event.get("code") or "").strip(), str(event.get("label") or "").strip()


def _carrier(shipment: Mapping[str, Any], rules: TrackingRules) -> str | None:
    source = next((one for one in rules.sources if one.id == SOURCE), None)
    return source.porteurs.get(str(shipment.get("holder"))) if source else None


def _number(item: Mapping[str, Any]) -> str:
    shipment = item.get("shipment")
    inner = shipment.get("idShip") if isinstance(shipment, dict) else None
    return str(item.get("idShip") or inner or "").strip()


def _integer(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 9 else None


def _instant(value: object) -> datetime | None:
    try:
        when = datetime.fromisoformat(str(value))
        return when.astimezone(PARIS) if when.tzinfo else when.replace(tzinfo=PARIS)
    except (ValueError, OverflowError):
        return None


def _day(value: object) -> date | None:
    when = _instant(value)
    return when.date() if when else None

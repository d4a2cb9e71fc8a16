"""Two pictures of a case, as plain numbers a template draws: the order's way, and the deadlines as bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from mailbot.edges.store.deadlines import StoredDeadline
from mailbot.model import Order
from mailbot.web.words import PARCEL_STATES, on_day, remaining, short, urgency
from mailbot.zone import PARIS

WIDTH = 400.0
_MARGIN = 8.0
PLANNED = "livraison prévue"


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the order: where it stands in the picture (0 to WIDTH), its name, when; `level` row of the label."""

    x: float
    label: str
    when: str
    kind: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One clock: from where to where it runs in the picture."""

    clock: StoredDeadline
    x: float
    width: float
    level: str
    left: str


def order_steps(order: Order, asked: datetime, now: datetime) -> tuple[Step, ...]:
    """The order's events in time, with the customer's mail and the present among them."""
    planned = order.estimated_delivery_max
    facts: list[tuple[datetime | None, str, str]] = [
        (order.placed_at, "commande", "done"),
        (order.ship_by, "à expédier", "plan"),
        (order.shipped_at, "expédiée", "done"),
        (_noon(planned), PLANNED, "plan"),
        (
            order.tracking_last_event_at,
            PARCEL_STATES.get(order.tracking_status or "inconnu", "suivi"),
            "event",
        ),
        (order.delivered_at, "livrée", "done"),
        (order.refunded_at, "remboursée", "done"),
        (asked, "mail reçu", "mail"),
        (now, "aujourd'hui", "now"),
    ]
    known = sorted((at, label, kind) for at, label, kind in facts if at is not None)
    first, last = known[0][0], known[-1][0]
    return tuple(
        Step(
            round(_place(at, first, last), 1),
            label,
            on_day(planned) if planned and label == PLANNED and planned.year == now.year else _told(at, now),
            kind,
        )
        for at, label, kind in known
    )


def _told(at: datetime, now: datetime) -> str:
    """The day and hour, or, of another year, the whole date."""
    local = at.astimezone(PARIS)
    return short(at) if local.year == now.astimezone(PARIS).year else f"{local:%d/%m/%Y}"


def _noon(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(12), PARIS).astimezone(UTC)


def bars(clocks: Sequence[StoredDeadline], now: datetime) -> tuple[tuple[Bar, ...], float]:
    """The clocks as bars, and where the present stands."""
    if not clocks:
        return (), 0.0
    first = min(min(clock.start for clock in clocks), now)
    last = max(max(clock.due_at for clock in clocks), now + timedelta(hours=1))
    made = tuple(_bar(clock, first, last, now) for clock in clocks)
    return made, round(_place(now, first, last), 1)


def _bar(clock: StoredDeadline, first: datetime, last: datetime, now: datetime) -> Bar:
    start, end = _place(clock.start, first, last), _place(clock.due_at, first, last)
    if clock.met_at is not None:
        return Bar(clock, round(start, 1), round(max(2.0, end - start), 1), "met", "tenu")
    level = urgency(clock.due_at, now) if clock.duty else "theirs"
    return Bar(clock, round(start, 1), round(max(2.0, end - start), 1), level, remaining(clock.due_at, now))


def _place(at: datetime, first: datetime, last: datetime) -> float:
    span = (last - first).total_seconds() or 1.0
    return _MARGIN + (WIDTH - 2 * _MARGIN) * (at - first).total_seconds() / span

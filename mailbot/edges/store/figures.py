"""What happened in a period, row by row, for counting: tickets, answer clocks, parcels."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mailbot.edges.store import Store
from mailbot.edges.store.schema import cases, deadlines, orders, replies

_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket of the period and its reply. Times are UTC; `reply_state` None when there is no reply."""

    id: int
    received_at: datetime
    situation: str | None
    channel: str | None
    action: str
    state: str
    order_id: str | None
    reply_state: str | None
    auto: bool
    edited: bool
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock of the shop on a ticket of the period."""

    name: str
    label: str
    basis: str
    start: datetime
    due_at: datetime
    met_at: datetime | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What an order of the period says of its parcel; unknown is None."""

    order_id: str
    channel: str
    carrier: str
    shipped_at: datetime | None
    delivered_at: datetime | None
    promised: date | None


def tickets(store: Store, since: datetime, until: datetime) -> list[TicketRow]:
    """The tickets received from `since` (included) to `until` (excluded), oldest first."""
    columns = (
        cases.c.id, cases.c.received_at, cases.c.situation, cases.c.channel, cases.c.action, cases.c.state,
        cases.c.order_id, replies.c.state.label("reply_state"), replies.c.auto, replies.c.edited, replies.c.sent_at,
    )  # fmt: skip
    query = (
        select(*columns)
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .where(cases.c.received_at >= since, cases.c.received_at < until)
        .order_by(cases.c.received_at)
    )
    with store.read() as conn:
        return [
            TicketRow(*row[:8], auto=bool(row.auto), edited=bool(row.edited), sent_at=row.sent_at)
            for row in conn.execute(query)
        ]


def clocks(store: Store, since: datetime, until: datetime) -> list[ClockRow]:
    """The shop's clocks that began in the period."""
    columns = (
        deadlines.c.name, deadlines.c.label, deadlines.c.basis, deadlines.c.start, deadlines.c.due_at,
        deadlines.c.met_at,
    )  # fmt: skip
    query = select(*columns).where(deadlines.c.duty, deadlines.c.start >= since, deadlines.c.start < until)
    with store.read() as conn:
        return [ClockRow(*row) for row in conn.execute(query)]


def parcels(store: Store, since: datetime, until: datetime) -> Iterator[Parcel]:
    """The parcels of orders placed in the period, whose carrier is known."""
    after = 0
    while True:
        query = (
            select(orders.c.id, orders.c.order_id, orders.c.channel, orders.c.payload)
            .where(orders.c.id > after, orders.c.placed_at >= since, orders.c.placed_at < until)
            .order_by(orders.c.id)
            .limit(_PAGE)
        )
        with store.read() as conn:
            rows = conn.execute(query).all()
        if not rows:
            return
        for row in rows:
            facts = json.loads(row.payload)
            if facts.get("carrier"):
                yield _parcel(row.order_id, row.channel, facts)
        after = rows[-1].id


def _parcel(order_id: str, channel: str, facts: dict[str, Any]) -> Parcel:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(facts[name]) if facts.get(name) else None

    promised = facts.get("estimated_delivery_max")
    return Parcel(
        order_id=order_id,
        channel=channel,
        carrier=facts["carrier"],
        shipped_at=moment("shipped_at"),
        delivered_at=moment("delivered_at"),
        promised=date.fromisoformat(promised) if promised else None,
    )

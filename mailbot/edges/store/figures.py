"""What happened in a period, counted by the database: tickets, replies, clocks; and a sample of the parcels.

Everything is about the tickets received from `since` (included) to `until` (excluded). Indexes hold all that is asked,
so that no mail or letter is read for it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from mailbot.edges.store import Store
from mailbot.edges.store.columns import Instant
from mailbot.edges.store.schema import cases, deadlines, events, orders, replies
from mailbot.edges.store.spans import hour, shifted, wrote_again

_MOST_PARCELS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """How many tickets share these. `reply_state` None: there is no reply."""

    situation: str | None
    channel: str | None
    action: str
    reply_state: str | None
    auto: bool
    edited: bool
    tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """One kind of clock of the shop: how many were kept, kept with little to spare, missed, still run. `settled`: of
    the kept ones, those whose ticket a person closed without a mail. `middle`: start and end of the answer in the
    middle of all, by length; None before the first."""

    label: str
    basis: str
    kept: int
    at_risk: int
    missed: int
    running: int
    settled: int
    middle: tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What an order of the period says of its parcel; unknown is None."""

    order_id: str
    channel: str
    carrier: str
    shipped_at: datetime | None
    delivered_at: datetime | None
    promised: date | None


@dataclass(frozen=True, slots=True)
class Parcels:
    """One parcel in `every`, evenly over the period; `orders`: placed in it."""

    found: tuple[Parcel, ...]
    every: int
    orders: int


def _received(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return cases.c.received_at >= since, cases.c.received_at < until


def _with_replies(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(cases)
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .with_hint(cases, "INDEXED BY ix_cases_figures", "sqlite")
        .with_hint(replies, "INDEXED BY ix_replies_fate", "sqlite")
    )


def fates(store: Store, since: datetime, until: datetime) -> list[Fates]:
    """The tickets by situation, channel, action and what became of their reply."""
    columns = (
        cases.c.situation, cases.c.channel, cases.c.action, replies.c.state.label("reply_state"), replies.c.auto,
        replies.c.edited,
    )  # fmt: skip
    query = _with_replies(select(*columns, func.count().label("tickets")))
    query = query.where(*_received(since, until)).group_by(*columns)
    with store.read() as conn:
        return [
            Fates(
                situation=row.situation, channel=row.channel, action=row.action, reply_state=row.reply_state,
                auto=bool(row.auto), edited=bool(row.edited), tickets=row.tickets,
            )
            for row in conn.execute(query)
        ]  # fmt: skip


def volumes(
    store: Store, since: datetime, until: datetime
) -> tuple[dict[datetime, int], dict[datetime, int]]:
    """Tickets by the hour they were received in, and their replies by the hour they left in (UTC)."""
    with store.read() as conn:
        received = _by_hour(conn, cases.c.received_at, since, until)
        return received, _by_hour(conn, replies.c.sent_at, since, until)


def _by_hour(
    conn: Connection, moment: ColumnElement[Any], since: datetime, until: datetime
) -> dict[datetime, int]:
    begun = hour(conn, moment)
    columns: list[Any] = [begun.label("hour"), func.count().label("number")]
    query = _with_replies(select(*columns)) if moment is replies.c.sent_at else select(*columns)
    query = query.where(*_received(since, until), moment.is_not(None)).group_by(begun)
    return {row.hour: row.number for row in conn.execute(query)}


def clocks(store: Store, since: datetime, until: datetime, now: datetime, little: timedelta) -> list[Clocks]:
    """The shop's clocks on these tickets, the most frequent first. `little`: with less than this to spare a clock was
    kept only just. A ticket that a person closed without a mail keeps the clocks that had not run out."""
    with store.read() as conn:
        watched = _watched(conn, since, until, little)
        end, due, soon = watched.c.end, watched.c.due_at, watched.c.soon
        at = func.coalesce(end, literal(now, Instant))
        states = {
            "missed": at > due,
            "at_risk": (at <= due) & (at > soon),
            "kept": (at <= soon) & end.is_not(None),
            "running": (at <= soon) & end.is_(None),
            "settled": (at <= due) & watched.c.met_at.is_(None) & end.is_not(None),
        }
        sums = [func.sum(case((state, 1), else_=0)).label(name) for name, state in states.items()]
        keys = (watched.c.label, watched.c.basis)
        rows = conn.execute(select(*keys, *sums).group_by(*keys).order_by(func.count().desc(), *keys)).all()
        middles = _middles(conn, since, until)
    return [
        Clocks(
            label=row.label, basis=row.basis, kept=row.kept, at_risk=row.at_risk, missed=row.missed,
            running=row.running, settled=row.settled, middle=middles.get((row.label, row.basis)),
        )
        for row in rows
    ]  # fmt: skip


def _of_period(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """The shop's clocks on the period's tickets."""
    received = select(cases.c.id).where(*_received(since, until))
    return deadlines.c.duty, deadlines.c.case_id.in_(received)


def _watched(conn: Connection, since: datetime, until: datetime, little: timedelta) -> Any:
    closed = (
        select(events.c.case_id, func.max(events.c.at).label("at"))
        .join(cases, cases.c.id == events.c.case_id)
        .where(events.c.kind == "clos", cases.c.state == "closed")
        .group_by(events.c.case_id)
        .subquery("closed")
    )
    end = func.coalesce(deadlines.c.met_at, closed.c.at)
    return (
        select(
            deadlines.c.label, deadlines.c.basis, deadlines.c.due_at, deadlines.c.met_at,
            type_coerce(end, Instant).label("end"), shifted(conn, deadlines.c.due_at, -little).label("soon"),
        )
        .select_from(deadlines)
        .outerjoin(closed, closed.c.case_id == deadlines.c.case_id)
        .where(*_of_period(since, until))
        .subquery("watched")
    )  # fmt: skip


def _middles(
    conn: Connection, since: datetime, until: datetime
) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """The answer of middle length of each kind of clock, the shorter of the two when they are even in number."""
    kind = (deadlines.c.label, deadlines.c.basis)
    took = deadlines.c.met_at - deadlines.c.start
    ranked = (
        select(
            *kind, deadlines.c.start, deadlines.c.met_at,
            func.row_number().over(partition_by=kind, order_by=took).label("place"),
            func.count().over(partition_by=kind).label("answers"),
        )
        .where(*_of_period(since, until), deadlines.c.met_at.is_not(None))
        .subquery()
    )  # fmt: skip
    found = select(ranked).where(ranked.c.place == (ranked.c.answers + 1) // 2)
    return {(row.label, row.basis): (row.start, row.met_at) for row in conn.execute(found)}


def came_back(
    store: Store, since: datetime, until: datetime, now: datetime, within: timedelta
) -> tuple[int, int]:
    """Of the tickets' replies that left: how many can be judged (the customer wrote again, or had `within` to do so),
    and after how many the customer asked for something again."""
    with store.read() as conn:
        sent = _with_replies(select(replies.c.sent_at, wrote_again(conn, within).label("wrote")))
        sent_replies = sent.where(*_received(since, until), replies.c.state == "sent").subquery()
        known = or_(sent_replies.c.wrote, sent_replies.c.sent_at <= now - within)
        row = conn.execute(
            select(func.sum(case((known, 1), else_=0)), func.sum(case((sent_replies.c.wrote, 1), else_=0)))
        ).one()
    return int(row[0] or 0), int(row[1] or 0)


def troubled(
    store: Store, since: datetime, until: datetime, families: Sequence[str]
) -> list[tuple[str | None, str]]:
    """Channel and number of the orders that tickets of these families are about, once for each ticket."""
    about = or_(*(or_(cases.c.situation == one, cases.c.situation.startswith(f"{one}/")) for one in families))
    query = (
        select(cases.c.channel, cases.c.order_id)
        .with_hint(cases, "INDEXED BY ix_cases_figures", "sqlite")
        .where(*_received(since, until), cases.c.order_id.is_not(None), about)
    )
    with store.read() as conn:
        return [(row.channel, row.order_id) for row in conn.execute(query)]


def parcels(store: Store, since: datetime, until: datetime) -> Parcels:
    """The parcels of orders placed in the period whose carrier is known: all of them, or a sample of many."""
    placed = (orders.c.placed_at >= since, orders.c.placed_at < until)
    with store.read() as conn:
        count = conn.execute(select(func.count()).select_from(orders).where(*placed)).scalar_one()
        every = max(1, -(-count // _MOST_PARCELS))
        chosen = select(orders.c.id).where(*placed, orders.c.id % every == 0)
        rows = conn.execute(
            select(orders.c.order_id, orders.c.channel, orders.c.payload).where(orders.c.id.in_(chosen))
        ).all()
    found = [(row, json.loads(row.payload)) for row in rows]
    known = [_parcel(row.order_id, row.channel, facts) for row, facts in found if facts.get("carrier")]
    return Parcels(tuple(known), every, count)


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

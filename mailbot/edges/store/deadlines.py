"""The clocks that run: which are open, which are near, which were missed. Only an answer that left meets one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Row, Select, select

from mailbot.edges.store import Store
from mailbot.edges.store.schema import cases, deadlines
from mailbot.edges.store.statements import chunks

AlarmKind = Literal["24h", "4h", "breach"]
_DAY, _FOUR_HOURS = timedelta(hours=24), timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDeadline:
    """One clock of a ticket. `name` is the id the rules give it ('reponse', ...); times are UTC. `of_case`: the ticket
    that was merged into this one and brought it along."""

    id: int
    case_id: int
    name: str
    label: str
    rule: str
    start: datetime
    due_at: datetime
    basis: str
    steps: tuple[str, ...]
    rolled: bool
    duty: bool
    met_at: datetime | None
    breached_at: datetime | None
    of_case: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A clock that needs a person now: under 24 h or 4 h left, or passed."""

    kind: AlarmKind
    deadline: StoredDeadline
    account: str
    customer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClock:
    """A clock that runs, with what its ticket is about. `case_created_at` is UTC."""

    deadline: StoredDeadline
    account: str
    customer: str
    customer_name: str
    subject: str
    situation: str | None
    channel: str | None
    order_id: str | None
    case_created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which clocks to show. `situation`: a stem, or a family (all stems that begin with it); `before`: due by then;
    `customers_own`: also the customer's own time, which nobody watches."""

    channel: str | None = None
    situation: str | None = None
    before: datetime | None = None
    customers_own: bool = False


def _stored(row: Row[Any]) -> StoredDeadline:
    return StoredDeadline(
        id=row.id,
        case_id=row.case_id,
        name=row.name,
        label=row.label,
        rule=row.rule,
        start=row.start,
        due_at=row.due_at,
        basis=row.basis,
        steps=tuple(row.steps),
        rolled=row.rolled,
        duty=row.duty,
        met_at=row.met_at,
        breached_at=row.breached_at,
        of_case=row.of_case,
    )


def _running() -> Select[Any]:
    return (
        select(deadlines, cases.c.account, cases.c.customer, cases.c.subject)
        .join_from(deadlines, cases)
        .where(cases.c.state == "open", deadlines.c.met_at.is_(None), deadlines.c.duty)
        .order_by(deadlines.c.due_at, deadlines.c.id)
    )


def open_clocks(store: Store, wanted: Wanted, *, limit: int | None = None) -> list[OpenClock]:
    """The unmet clocks of open tickets, soonest first (missed ones come first of all)."""
    with store.read() as conn:
        return [_open_clock(row) for row in conn.execute(_chosen(wanted).limit(limit))]


def _chosen(wanted: Wanted) -> Select[Any]:
    query = (
        select(
            deadlines,
            *(cases.c[name] for name in ("account", "customer", "customer_name", "subject")),
            *(cases.c[name] for name in ("situation", "channel", "order_id")),
            cases.c.created_at.label("case_created_at"),
        )
        .join_from(deadlines, cases)
        .where(cases.c.state == "open", deadlines.c.met_at.is_(None))
        .order_by(deadlines.c.due_at, deadlines.c.id)
    )
    if not wanted.customers_own:
        query = query.where(deadlines.c.duty)
    if wanted.channel is not None:
        query = query.where(cases.c.channel == wanted.channel)
    if wanted.situation is not None:
        family = cases.c.situation.startswith(f"{wanted.situation}/", autoescape=True)
        query = query.where((cases.c.situation == wanted.situation) | family)
    if wanted.before is not None:
        query = query.where(deadlines.c.due_at <= wanted.before)
    return query


def _open_clock(row: Row[Any]) -> OpenClock:
    return OpenClock(
        deadline=_stored(row),
        account=row.account,
        customer=row.customer,
        customer_name=row.customer_name,
        subject=row.subject,
        situation=row.situation,
        channel=row.channel,
        order_id=row.order_id,
        case_created_at=row.case_created_at,
    )


def of_cases(store: Store, case_ids: Sequence[int]) -> dict[int, tuple[StoredDeadline, ...]]:
    """All clocks of these tickets, soonest first; every ticket asked for is a key."""
    found: dict[int, list[StoredDeadline]] = {number: [] for number in case_ids}
    with store.read() as conn:
        for part in chunks(case_ids):
            query = (
                select(deadlines)
                .where(deadlines.c.case_id.in_(part))
                .order_by(deadlines.c.due_at, deadlines.c.id)
            )
            for row in conn.execute(query):
                found[row.case_id].append(_stored(row))
    return {number: tuple(some) for number, some in found.items()}


def due_alarms(store: Store, now: datetime) -> list[Alarm]:
    """The alarms nobody was told of yet, soonest clock first; at most one, the gravest, for each clock.

    A clock of 24 h or less is not announced at 24 h: that would be at once, for every mail."""
    near = _running().where(deadlines.c.breached_at.is_(None), deadlines.c.due_at <= now + _DAY)
    with store.read() as conn:
        rows = conn.execute(near).all()
    return [
        Alarm(
            kind=kind, deadline=_stored(row), account=row.account, customer=row.customer, subject=row.subject
        )
        for row in rows
        if (kind := _kind(row, now)) is not None
    ]


def missed(store: Store, now: datetime, *, limit: int = 500) -> list[Alarm]:
    """The shop's clocks that have passed on open tickets, whoever was told of them; the latest `limit`, so that a pile
    of old ones hides no new one."""
    query = _running().where(deadlines.c.due_at <= now)
    query = query.order_by(None).order_by(deadlines.c.due_at.desc(), deadlines.c.id).limit(limit)
    with store.read() as conn:
        rows = conn.execute(query).all()
    return [
        Alarm(
            kind="breach",
            deadline=_stored(row),
            account=row.account,
            customer=row.customer,
            subject=row.subject,
        )
        for row in rows
    ]


def _kind(row: Row[Any], now: datetime) -> AlarmKind | None:
    left, length = row.due_at - now, row.due_at - row.start
    if left <= timedelta(0):
        return "breach"
    if left <= _FOUR_HOURS and length > _FOUR_HOURS:
        return "4h" if row.warned_4_at is None else None
    if length > _DAY and row.warned_24_at is None and row.warned_4_at is None:
        return "24h"
    return None


def mark_alarmed(store: Store, alarms: Sequence[Alarm], now: datetime) -> None:
    """Note that people were told, once the alarm has really left."""
    columns = {"24h": "warned_24_at", "4h": "warned_4_at", "breach": "breached_at"}
    with store.write() as conn:
        for kind, column in columns.items():
            numbers = [alarm.deadline.id for alarm in alarms if alarm.kind == kind]
            for part in chunks(numbers):
                conn.execute(deadlines.update().where(deadlines.c.id.in_(part)).values({column: now}))

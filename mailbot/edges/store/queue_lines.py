"""The lines of the queue: what an agent reads of a case before opening it, and where in the order it stands."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, exists, func, select

from mailbot.edges.store.desk_tables import desk_cases, second_opinions
from mailbot.edges.store.schema import cases, replies

_FIRST_WORDS = 240


class Found(NamedTuple):
    """A case, its first running clock, and the case this clock is of (one that gave way, or itself)."""

    case_id: int
    due: datetime | None
    clock_of: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after this clock, of this case (`Item.place`). `due` is None where no clock runs."""

    due: datetime | None
    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the queue. `asked`: a colleague's agreement is asked for; `score`: the probability of what was
    understood first; `clock_of`: the case whose clock `due_at` is, where it is not its own; times are UTC."""

    case_id: int
    due_at: datetime | None
    clock_of: int
    received_at: datetime
    customer: str
    customer_name: str
    subject: str
    first_words: str
    order_id: str | None
    channel: str | None
    situation: str | None
    action: str
    score: float | None
    reply_id: int | None
    reply_state: str | None
    auto: bool
    lacking: bool
    holder: str | None
    waiting_since: datetime | None
    asked: bool
    state: str

    @property
    def place(self) -> Place:
        """Where the lines after this one begin."""
        return Place(self.due_at, self.clock_of)


_COLUMNS = (
    cases.c.id,
    cases.c.received_at,
    cases.c.customer,
    cases.c.customer_name,
    cases.c.subject,
    func.substr(cases.c.text, 1, _FIRST_WORDS).label("first_words"),
    cases.c.order_id,
    cases.c.channel,
    cases.c.situation,
    cases.c.action,
    cases.c.verdict,
    cases.c.state,
    replies.c.id.label("reply_id"),
    replies.c.state.label("reply_state"),
    replies.c.auto,
    replies.c.missing,
    replies.c.blocked,
    desk_cases.c.holder,
    desk_cases.c.waiting_since,
    exists()
    .where(
        second_opinions.c.case_id == cases.c.id,
        second_opinions.c.granted.is_(None),
        second_opinions.c.version == replies.c.version,
    )
    .correlate(cases, replies)
    .label("asked"),
)


def from_cases(query: Select[Any]) -> Select[Any]:
    """Cases with their reply and what the desk notes of them."""
    return (
        query.select_from(cases)
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .outerjoin(desk_cases, desk_cases.c.case_id == cases.c.id)
    )


def lines(conn: Connection, found: Sequence[Found]) -> list[Item]:
    """The cases found, whole: their long texts are read only now."""
    query = from_cases(select(*_COLUMNS)).where(cases.c.id.in_([one.case_id for one in found]))
    rows = {row.id: row for row in conn.execute(query)}
    return [_item(rows[one.case_id], one) for one in found]


def _item(row: Row[Any], place: Found) -> Item:
    intents = json.loads(row.verdict).get("intents") or [{}]
    return Item(
        case_id=row.id,
        due_at=place.due,
        clock_of=place.clock_of,
        received_at=row.received_at,
        customer=row.customer,
        customer_name=row.customer_name,
        subject=row.subject,
        first_words=" ".join(row.first_words.split()),
        order_id=row.order_id,
        channel=row.channel,
        situation=row.situation,
        action=row.action,
        score=intents[0].get("score"),
        reply_id=row.reply_id,
        reply_state=row.reply_state,
        auto=bool(row.auto),
        lacking=bool(row.missing or row.blocked),
        holder=row.holder,
        waiting_since=row.waiting_since,
        asked=bool(row.asked),
        state=row.state,
    )

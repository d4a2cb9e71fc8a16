"""The agents' queue: what is due first at the top, a page at a time, quick at any number of cases.

Where most open cases are wanted, the running duties of the shop are walked in the order they end (a partial index), and
each case is shown at its first; where few are, they are found first and then sorted. Cases without such a clock come
after. A page begins where the one before it ended (`Place`), never at an offset."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Label,
    Row,
    Select,
    Tuple,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
)

from mailbot.edges.store import Store
from mailbot.edges.store.columns import Instant
from mailbot.edges.store.desk_tables import desk_cases, second_opinions
from mailbot.edges.store.queue_views import (
    BY_CLOCK,
    OPEN,
    WITHIN,
    Due,
    View,
    Wanted,
    allowed,
    conditions,
    runs,
)
from mailbot.edges.store.schema import cases, deadlines, replies
from mailbot.edges.store.tally import Tally

__all__ = ["Due", "Item", "Place", "View", "Wanted", "page", "some"]

_FIRST_WORDS = 240
_FEW = 5_000  # so many cases are sorted as quickly as they are walked
_WINDOW = 2_000  # clocks that are walked before sorting is tried instead
_Found = Sequence[tuple[int, datetime | None]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after this case. `due` is its clock, None when it has none that runs."""

    due: datetime | None
    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the queue. `asked`: a colleague's agreement is asked for; `score`: the probability of what was
    understood first; times are UTC."""

    case_id: int
    due_at: datetime | None
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


def page(
    store: Store,
    wanted: Wanted,
    now: datetime,
    *,
    after: Place | None = None,
    limit: int = 50,
    tally: Tally | None = None,
) -> list[Item]:
    """The next lines after a place, at most `limit`. `tally`: how many cases there are, which tells the quickest way
    to the same lines."""
    with store.read() as conn:
        if wanted.view not in BY_CLOCK:
            found = _sent_or_closed(conn, wanted, after, limit)
        elif wanted.view == "moi":
            found = _sorted(conn, wanted, now, after, limit)
        elif tally is None:
            found = _walked(conn, wanted, now, after, limit)
        else:
            found = _quickest(conn, wanted, now, after, limit, tally)
        return _lines(conn, found)


def _quickest(
    conn: Connection, wanted: Wanted, now: datetime, after: Place | None, limit: int, tally: Tally
) -> _Found:
    count = tally.counts(wanted).get(wanted.view, 0)
    if count > max(_FEW, tally.all // 2):
        return _walked(conn, wanted, now, after, limit)
    if count > _FEW and (after is None or after.due is not None):
        found = _clocks(conn, _by_clock(wanted, now, after, _WINDOW), limit)
        if len(found) == limit:
            return found
    return _sorted(conn, wanted, now, after, limit)


def _clocks(conn: Connection, query: Select[Any], limit: int) -> list[tuple[int, datetime | None]]:
    return [(row.id, row.due_at) for row in conn.execute(query.limit(limit))]


def _walked(conn: Connection, wanted: Wanted, now: datetime, after: Place | None, limit: int) -> _Found:
    """The running clocks one by one until the page is full, then the cases that have none."""
    found: list[tuple[int, datetime | None]] = []
    if after is None or after.due is not None:
        found = _clocks(conn, _by_clock(wanted, now, after), limit)
    if len(found) < limit and wanted.due is None:
        rest = _without_clock(wanted, after if after is not None and after.due is None else None)
        found += _clocks(conn, rest, limit - len(found))
    return found


def _lines(conn: Connection, found: _Found) -> list[Item]:
    """The cases found, whole: their long texts are read only now."""
    query = _from_cases(select(*_COLUMNS)).where(cases.c.id.in_([number for number, _due in found]))
    rows = {row.id: row for row in conn.execute(query)}
    return [_item(rows[number], due) for number, due in found]


def some(store: Store, case_ids: Sequence[int], accounts: tuple[str, ...] | None) -> list[Item]:
    """These cases as lines, in the order given."""
    query = select(cases.c.id, _soonest()).where(cases.c.id.in_(case_ids))
    if accounts is not None:
        query = query.where(cases.c.account.in_(accounts))
    with store.read() as conn:
        known = {row.id: row.due_at for row in conn.execute(query)}
        return _lines(conn, [(number, known[number]) for number in case_ids if number in known])


def _soonest() -> Label[Any]:
    """The first running clock of a case."""
    mine = select(func.min(deadlines.c.due_at)).where(deadlines.c.case_id == cases.c.id, *runs())
    return mine.correlate(cases).scalar_subquery().label("due_at")


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


def _from_cases(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(cases)
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .outerjoin(desk_cases, desk_cases.c.case_id == cases.c.id)
    )


def _by_clock(wanted: Wanted, now: datetime, after: Place | None, window: int | None = None) -> Select[Any]:
    """Cases at their first running clock, of the next `window` clocks."""
    running = (
        select(deadlines.c.id, deadlines.c.case_id, deadlines.c.due_at)
        .with_hint(deadlines, "INDEXED BY ix_deadlines_running", "sqlite")
        .where(*runs())
        .order_by(deadlines.c.due_at, deadlines.c.case_id)
        .limit(window)
    )
    if after is not None:
        running = running.where(tuple_(deadlines.c.due_at, deadlines.c.case_id) > _place(after))
    if wanted.due is not None:
        running = running.where(deadlines.c.due_at <= now + WITHIN[wanted.due])
    one, earlier = running.subquery("one"), deadlines.alias("earlier")
    first = ~exists().where(
        earlier.c.case_id == one.c.case_id,
        earlier.c.met_at.is_(None),
        earlier.c.duty,
        tuple_(earlier.c.due_at, earlier.c.id) < tuple_(one.c.due_at, one.c.id),
    )
    query = (
        select(cases.c.id, one.c.due_at)
        .select_from(one)
        .join(cases, cases.c.id == one.c.case_id)
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .outerjoin(desk_cases, desk_cases.c.case_id == cases.c.id)
        .where(first, *OPEN, conditions(wanted.view, wanted.person))
        .order_by(one.c.due_at, one.c.case_id)
    )
    return allowed(query, wanted)


def _without_clock(wanted: Wanted, after: Place | None) -> Select[Any]:
    none = ~exists().where(deadlines.c.case_id == cases.c.id, *runs())
    query = _from_cases(select(cases.c.id, text("NULL AS due_at"))).where(none, *OPEN).order_by(cases.c.id)
    if after is not None:
        query = query.where(cases.c.id > after.case_id)
    return allowed(query.where(conditions(wanted.view, wanted.person)), wanted)


def _sorted(conn: Connection, wanted: Wanted, now: datetime, after: Place | None, limit: int) -> _Found:
    """Few cases are wanted: they are found first, by an index that holds what is asked, and sorted by their clocks."""
    chosen = _from_cases(select(cases.c.id, _soonest())).where(*OPEN)
    chosen = allowed(chosen.where(conditions(wanted.view, wanted.person)), wanted)
    if wanted.view in ("moi", "attente"):
        touched = select(desk_cases.c.case_id).where(conditions(wanted.view, wanted.person))
        chosen = chosen.where(cases.c.id.in_(touched)).with_hint(cases, "NOT INDEXED", "sqlite")
    else:
        chosen = chosen.with_hint(cases, "INDEXED BY ix_cases_queue", "sqlite")
    found = chosen.subquery()
    due, number = found.c.due_at, found.c.id
    query = select(number, due).order_by(due.is_(None), due, number)
    if after is not None and after.due is not None:
        query = query.where(or_(tuple_(due, number) > _place(after), due.is_(None)))
    elif after is not None:
        query = query.where(due.is_(None), number > after.case_id)
    if wanted.due is not None:
        query = query.where(due <= now + WITHIN[wanted.due])
    return _clocks(conn, query, limit)


def _place(after: Place) -> Tuple:
    return tuple_(literal(after.due, Instant), literal(after.case_id))


def _sent_or_closed(conn: Connection, wanted: Wanted, after: Place | None, limit: int) -> _Found:
    """The newest first."""
    number = cases.c.id if wanted.view == "clos" else replies.c.case_id  # an index of each ends with it
    query = _from_cases(select(cases.c.id, text("NULL AS due_at"))).order_by(number.desc())
    if after is not None:
        query = query.where(number < after.case_id)
    return _clocks(conn, allowed(query.where(conditions(wanted.view, wanted.person)), wanted), limit)


def _item(row: Row[Any], due: datetime | None) -> Item:
    intents = json.loads(row.verdict).get("intents") or [{}]
    return Item(
        case_id=row.id,
        due_at=due,
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

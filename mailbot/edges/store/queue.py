"""The agents' queue: what is due first at the top, a page at a time, quick at any number of cases.

The running duties of the shop are walked in the order they end (a partial index), and each case is shown at its first;
cases without such a clock come after. A page begins where the one before it ended (`Place`), never at an offset."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    Row,
    Select,
    Tuple,
    and_,
    case,
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
from mailbot.edges.store.schema import cases, deadlines, replies

View = Literal["a_traiter", "moi", "humain", "attente", "suites", "partent", "seuls", "envoyees", "clos"]
BY_CLOCK: tuple[View, ...] = ("a_traiter", "moi", "humain", "attente", "suites")
Due = Literal["depasse", "4h", "24h", "semaine"]
_WITHIN = {
    "depasse": timedelta(0),
    "4h": timedelta(hours=4),
    "24h": timedelta(days=1),
    "semaine": timedelta(days=7),
}
_FIRST_WORDS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to show. `accounts`: the mail accounts a person may see (None: all); `situation`: a stem or a family."""

    view: View = "a_traiter"
    person: str = ""
    accounts: tuple[str, ...] | None = None
    situation: str = ""
    channel: str = ""
    due: Due | None = None


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
    store: Store, wanted: Wanted, now: datetime, *, after: Place | None = None, limit: int = 50
) -> list[Item]:
    """The next lines after a place, at most `limit`."""
    with store.read() as conn:
        if wanted.view not in BY_CLOCK:
            query = _newest_first(wanted, after)
        elif wanted.view == "a_traiter" and not (wanted.channel or wanted.situation or wanted.due):
            return _lines(conn, _walked(conn, wanted, after, limit))
        else:
            query = _sorted(wanted, now, after)
        return _lines(conn, [(row.id, row.due_at) for row in conn.execute(query.limit(limit))])


def _walked(
    conn: Connection, wanted: Wanted, after: Place | None, limit: int
) -> list[tuple[int, datetime | None]]:
    """Nearly every running clock is wanted: they are walked until the page is full."""
    found: list[tuple[int, datetime | None]] = []
    if after is None or after.due is not None:
        found = [(row.id, row.due_at) for row in conn.execute(_by_clock(wanted, after).limit(limit))]
    if len(found) < limit:
        rest = _without_clock(wanted, after if after is not None and after.due is None else None)
        found += [(row.id, None) for row in conn.execute(rest.limit(limit - len(found)))]
    return found


def _lines(conn: Connection, found: Sequence[tuple[int, datetime | None]]) -> list[Item]:
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
    mine = select(func.min(deadlines.c.due_at)).where(deadlines.c.case_id == cases.c.id, *_runs())
    return mine.correlate(cases).scalar_subquery().label("due_at")


def counts(store: Store, wanted: Wanted) -> dict[View, int]:
    """How many cases each view by clock holds, for this person."""
    sums = [
        func.sum(case((and_(*_conditions(view, wanted.person)), 1), else_=0)).label(view) for view in BY_CLOCK
    ]
    query = _from_cases(select(*sums)).where(*_OPEN)
    with store.read() as conn:
        row = conn.execute(_allowed(query, wanted)).one()
    return {view: int(getattr(row, view) or 0) for view in BY_CLOCK}


def choices(store: Store) -> tuple[list[str], list[str]]:
    """The situations and channels that open cases have, for the filters."""
    with store.read() as conn:
        open_ones = cases.c.state == "open"
        situations = conn.execute(select(cases.c.situation).where(open_ones).distinct()).scalars()
        channels = conn.execute(select(cases.c.channel).where(open_ones).distinct()).scalars()
        return sorted(filter(None, situations)), sorted(filter(None, channels))


_OPEN = (cases.c.state == "open", cases.c.superseded_by.is_(None))
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


def _runs() -> tuple[ColumnElement[bool], ...]:
    # spelt as in the partial index: SQLite compares the words
    return (deadlines.c.met_at.is_(None), text("deadlines.duty"))  # type: ignore[return-value]


def _from_cases(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(cases)
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .outerjoin(desk_cases, desk_cases.c.case_id == cases.c.id)
    )


def _by_clock(wanted: Wanted, after: Place | None) -> Select[Any]:
    earlier = deadlines.alias("earlier")
    first = ~exists().where(
        earlier.c.case_id == deadlines.c.case_id,
        earlier.c.met_at.is_(None),
        earlier.c.duty,
        tuple_(earlier.c.due_at, earlier.c.id) < tuple_(deadlines.c.due_at, deadlines.c.id),
    )
    query = (
        select(cases.c.id, deadlines.c.due_at)
        .select_from(deadlines)
        .join(cases, cases.c.id == deadlines.c.case_id)
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .outerjoin(desk_cases, desk_cases.c.case_id == cases.c.id)
        .with_hint(deadlines, "INDEXED BY ix_deadlines_running", "sqlite")
        .where(*_runs(), first, *_OPEN)
        .order_by(deadlines.c.due_at, deadlines.c.case_id)
    )
    if after is not None:
        query = query.where(tuple_(deadlines.c.due_at, deadlines.c.case_id) > _place(after))
    return _allowed(query.where(*_conditions(wanted.view, wanted.person)), wanted)


def _without_clock(wanted: Wanted, after: Place | None) -> Select[Any]:
    none = ~exists().where(deadlines.c.case_id == cases.c.id, *_runs())
    query = _from_cases(select(cases.c.id)).where(none, *_OPEN).order_by(cases.c.id)
    if after is not None:
        query = query.where(cases.c.id > after.case_id)
    return _allowed(query.where(*_conditions(wanted.view, wanted.person)), wanted)


def _sorted(wanted: Wanted, now: datetime, after: Place | None) -> Select[Any]:
    """Few cases are wanted: they are found first, by an index that holds what is asked, and sorted by their clocks."""
    chosen = _from_cases(select(cases.c.id, _soonest())).where(*_OPEN)
    chosen = _allowed(chosen.where(*_conditions(wanted.view, wanted.person)), wanted)
    found = chosen.with_hint(cases, "INDEXED BY ix_cases_queue", "sqlite").subquery()
    due, number = found.c.due_at, found.c.id
    query = select(number, due).order_by(due.is_(None), due, number)
    if after is not None and after.due is not None:
        query = query.where(or_(tuple_(due, number) > _place(after), due.is_(None)))
    elif after is not None:
        query = query.where(due.is_(None), number > after.case_id)
    if wanted.due is not None:
        query = query.where(due <= now + _WITHIN[wanted.due])
    return query


def _place(after: Place) -> Tuple:
    return tuple_(literal(after.due, Instant), literal(after.case_id))


def _newest_first(wanted: Wanted, after: Place | None) -> Select[Any]:
    number = cases.c.id if wanted.view == "clos" else replies.c.case_id  # an index of each ends with it
    query = _from_cases(select(cases.c.id, text("NULL AS due_at"))).order_by(number.desc())
    if after is not None:
        query = query.where(number < after.case_id)
    return _allowed(query.where(*_conditions(wanted.view, wanted.person)), wanted)


def _conditions(view: View, person: str) -> tuple[ColumnElement[bool], ...]:
    """What a view asks of a case; the views by clock also ask that it is open."""
    reply = replies.c.state
    to_do = or_(reply.is_(None), reply.in_(("draft", "failed", "uncertain", "refused")))
    ours = desk_cases.c.waiting_since.is_(None)
    known: dict[View, tuple[ColumnElement[bool], ...]] = {
        "a_traiter": (to_do, ours),
        "moi": (desk_cases.c.holder == person,),
        "humain": (to_do, ours, or_(cases.c.action == "human", reply.is_(None))),
        "attente": (desk_cases.c.waiting_since.is_not(None),),
        "suites": (reply == "sent", ours),
        "partent": (reply.in_(("approved", "sending")),),
        "seuls": (replies.c.auto, reply.in_(("approved", "sending", "sent", "uncertain"))),
        "envoyees": (reply == "sent",),
        "clos": (cases.c.state == "closed",),
    }
    return known[view]


def _allowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    """The filters every view shares."""
    if wanted.accounts is not None:
        query = query.where(cases.c.account.in_(wanted.accounts))
    if wanted.channel:
        query = query.where(cases.c.channel == wanted.channel)
    if wanted.situation:
        family = cases.c.situation.startswith(f"{wanted.situation}/", autoescape=True)
        query = query.where(or_(cases.c.situation == wanted.situation, family))
    return query


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

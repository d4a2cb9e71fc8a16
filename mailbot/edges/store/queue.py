"""The agents' queue: what is due first at the top, a page at a time, quick at any number of cases.

Where most open cases are wanted, the running duties of the shop are walked in the order they end (a partial index), and
each case is shown at its first; where few are, they are found first and then sorted. The clocks of a case that gave way
to a newer mail run on for the case that answers it. Cases without any clock come after. A page begins where the one
before it ended (`Place`), never at an offset."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Exists,
    FromClause,
    Select,
    Subquery,
    Tuple,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from mailbot.edges.store import Store
from mailbot.edges.store.columns import Instant
from mailbot.edges.store.desk_tables import desk_cases
from mailbot.edges.store.queue_lines import Found, Item, Place, from_cases, lines
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

__all__ = ["Due", "Item", "Place", "View", "Wanted", "page", "place_of", "some"]

_FEW = 5_000  # so many cases are sorted as quickly as they are walked
_WINDOW = 2_000  # clocks that are walked before sorting is tried instead
_MATE = cases.alias("mate")  # a case that gave way to another


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
        return lines(conn, found)


def _quickest(
    conn: Connection, wanted: Wanted, now: datetime, after: Place | None, limit: int, tally: Tally
) -> list[Found]:
    count = tally.counts(wanted).get(wanted.view, 0)
    if count > max(_FEW, tally.all // 2):
        return _walked(conn, wanted, now, after, limit)
    if count > _FEW and (after is None or after.due is not None):
        found = _found(conn, _by_clock(wanted, now, after, _WINDOW), limit)
        if len(found) == limit:
            return found
    return _sorted(conn, wanted, now, after, limit)


def _found(conn: Connection, query: Select[Any], limit: int) -> list[Found]:
    return [Found(row.id, row.due_at, row.clock_of) for row in conn.execute(query.limit(limit))]


def _walked(conn: Connection, wanted: Wanted, now: datetime, after: Place | None, limit: int) -> list[Found]:
    """The running clocks one by one until the page is full, then the cases that have none."""
    found: list[Found] = []
    if after is None or after.due is not None:
        found = _found(conn, _by_clock(wanted, now, after), limit)
    if len(found) < limit and wanted.due is None:
        rest = _without_clock(wanted, after if after is not None and after.due is None else None)
        found += _found(conn, rest, limit - len(found))
    return found


def some(store: Store, case_ids: Sequence[int], accounts: tuple[str, ...] | None) -> list[Item]:
    """These cases as lines, in the order given."""
    query = select(cases.c.id).where(cases.c.id.in_(case_ids))
    if accounts is not None:
        query = query.where(cases.c.account.in_(accounts))
    with store.read() as conn:
        first = _first_clocks(query.subquery("chosen"))
        known = {one.case_id: one for one in _found(conn, first, len(case_ids))}
        return lines(conn, [known[number] for number in case_ids if number in known])


def place_of(store: Store, case_id: int) -> Place:
    """Where a case stands in the views by clock."""
    one = select(cases.c.id).where(cases.c.id == case_id).subquery("chosen")
    with store.read() as conn:
        found = _found(conn, _first_clocks(one), 1)
    return Place(found[0].due, found[0].clock_of) if found else Place(None, case_id)


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
    one, own = running.subquery("one"), cases.alias("own")
    query = (
        select(cases.c.id, one.c.due_at, one.c.case_id.label("clock_of"))
        .select_from(one)
        .join(own, own.c.id == one.c.case_id)
        .with_hint(own, "NOT INDEXED", "sqlite")
        .with_hint(cases, "NOT INDEXED", "sqlite")
        .join(cases, cases.c.id == func.coalesce(own.c.superseded_by, own.c.id))
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .outerjoin(desk_cases, desk_cases.c.case_id == cases.c.id)
        .where(own.c.state == "open", *(~one_earlier for one_earlier in _earlier(one)))
        .where(*OPEN, conditions(wanted.view, wanted.person))
        .order_by(one.c.due_at, one.c.case_id)
    )
    return allowed(query, wanted)


def _earlier(one: Subquery) -> tuple[Exists, Exists]:
    """A clock of the same case that ends before this one: its own, or that of a case which gave way to it."""
    clock = deadlines.alias("earlier")
    before = (
        clock.c.met_at.is_(None),
        clock.c.duty,
        tuple_(clock.c.due_at, clock.c.case_id, clock.c.id) < tuple_(one.c.due_at, one.c.case_id, one.c.id),
    )
    own = select(clock.c.id).where(clock.c.case_id == cases.c.id, *before)
    theirs = select(clock.c.id).where(clock.c.case_id == _MATE.c.id, *before)
    return _by_case(own, clock).correlate(cases, one).exists(), _theirs(theirs, clock).correlate(
        cases, one
    ).exists()


def _by_case(query: Select[Any], clock: FromClause) -> Select[Any]:
    return query.with_hint(clock, "INDEXED BY ix_deadlines_case_id", "sqlite")


def _theirs(query: Select[Any], clock: FromClause) -> Select[Any]:
    """Of the open cases that gave way to a case."""
    mates = query.where(_MATE.c.superseded_by == cases.c.id, _MATE.c.state == "open")
    return _by_case(mates, clock).with_hint(_MATE, "INDEXED BY ix_cases_superseded_by", "sqlite")


def _without_clock(wanted: Wanted, after: Place | None) -> Select[Any]:
    own = _by_case(select(deadlines.c.id).where(deadlines.c.case_id == cases.c.id, *runs()), deadlines)
    theirs = _theirs(select(deadlines.c.id).where(deadlines.c.case_id == _MATE.c.id, *runs()), deadlines)
    none = ~own.correlate(cases).exists(), ~theirs.correlate(cases).exists()
    query = from_cases(select(*_NO_CLOCK)).where(*none, *OPEN).order_by(cases.c.id)
    if after is not None:
        query = query.where(cases.c.id > after.case_id)
    return allowed(query.where(conditions(wanted.view, wanted.person)), wanted)


_NO_CLOCK = (cases.c.id, literal(None, Instant).label("due_at"), cases.c.id.label("clock_of"))


def _first_clocks(chosen: FromClause) -> Select[Any]:
    """The cases of `chosen` with the first clock that runs for each: due, and of which case."""
    theirs = (_MATE.c.superseded_by == chosen.c.id) & (_MATE.c.state == "open")
    columns = chosen.c.id, deadlines.c.due_at, deadlines.c.case_id.label("clock_of")
    clocks: Select[Any] = _by_case(select(*columns).where(*runs()), deadlines)
    own = clocks.join_from(chosen, deadlines, deadlines.c.case_id == chosen.c.id)
    given = clocks.join_from(chosen, _MATE, theirs).join(deadlines, deadlines.c.case_id == _MATE.c.id)
    given = given.with_hint(_MATE, "INDEXED BY ix_cases_superseded_by", "sqlite")
    every = union_all(own, given).subquery("every")
    rank = func.row_number().over(partition_by=every.c.id, order_by=(every.c.due_at, every.c.clock_of))
    first = select(every, rank.label("rank")).subquery("first")
    return select(
        chosen.c.id, first.c.due_at, func.coalesce(first.c.clock_of, chosen.c.id).label("clock_of")
    ).outerjoin_from(chosen, first, (first.c.id == chosen.c.id) & (first.c.rank == 1))


def _sorted(conn: Connection, wanted: Wanted, now: datetime, after: Place | None, limit: int) -> list[Found]:
    """Few cases are wanted: they are found first, by an index that holds what is asked, and sorted by their clocks."""
    chosen = from_cases(select(cases.c.id)).where(*OPEN)
    chosen = allowed(chosen.where(conditions(wanted.view, wanted.person)), wanted)
    if wanted.view in ("moi", "attente"):
        touched = select(desk_cases.c.case_id).where(conditions(wanted.view, wanted.person))
        chosen = chosen.where(cases.c.id.in_(touched)).with_hint(cases, "NOT INDEXED", "sqlite")
    else:
        chosen = chosen.with_hint(cases, "INDEXED BY ix_cases_queue", "sqlite")
    found = _first_clocks(chosen.cte("chosen")).subquery("found")
    due, number = found.c.due_at, found.c.clock_of
    query = select(found).order_by(due.is_(None), due, number)
    if after is not None and after.due is not None:
        query = query.where(or_(tuple_(due, number) > _place(after), due.is_(None)))
    elif after is not None:
        query = query.where(due.is_(None), number > after.case_id)
    if wanted.due is not None:
        query = query.where(due <= now + WITHIN[wanted.due])
    return _found(conn, query, limit)


def _place(after: Place) -> Tuple:
    return tuple_(literal(after.due, Instant), literal(after.case_id))


def _sent_or_closed(conn: Connection, wanted: Wanted, after: Place | None, limit: int) -> list[Found]:
    """The newest first."""
    number = cases.c.id if wanted.view == "clos" else replies.c.case_id  # an index of each ends with it
    query = from_cases(select(*_NO_CLOCK)).order_by(number.desc())
    if after is not None:
        query = query.where(number < after.case_id)
    return _found(conn, allowed(query.where(conditions(wanted.view, wanted.person)), wanted), limit)

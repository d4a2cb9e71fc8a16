"""The other mails of a conversation and of a customer, for whoever reads one of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from mailbot.edges.store import Store
from mailbot.edges.store.cases import StoredCase, stored
from mailbot.edges.store.deadlines import StoredDeadline, of_cases
from mailbot.edges.store.schema import cases, replies

_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another case of the thread (`same_thread`) or of the customer, with what was answered. `open`: it may be merged
    with."""

    case_id: int
    received_at: datetime
    subject: str
    text: str
    same_thread: bool
    open: bool
    reply_state: str | None
    reply_text: str
    sent_at: datetime | None


def others(
    store: Store, case: StoredCase, accounts: tuple[str, ...] | None, *, limit: int = 20
) -> list[Neighbour]:
    """The newest first. `accounts`: the mail accounts the reader may see, None for all."""
    related = cases.c.thread == case.thread
    if case.customer:
        related = or_(related, cases.c.customer == case.customer)
    query: Select[Any] = (
        select(
            cases.c.id,
            cases.c.received_at,
            cases.c.subject,
            cases.c.thread,
            cases.c.state.label("case_state"),
            cases.c.superseded_by,
            func.substr(cases.c.text, 1, 2000).label("text"),
            replies.c.state,
            replies.c.text.label("reply_text"),
            replies.c.sent_at,
        )
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .where(related, cases.c.id != case.id)
        .order_by(cases.c.id.desc())
        .limit(limit)
    )
    if accounts is not None:
        query = query.where(cases.c.account.in_(accounts))
    with store.read() as conn:
        return [_neighbour(row, case.thread) for row in conn.execute(query)]


def _neighbour(row: Row[Any], thread: str) -> Neighbour:
    return Neighbour(
        case_id=row.id,
        received_at=row.received_at,
        subject=row.subject,
        text=row.text,
        same_thread=row.thread == thread,
        open=row.case_state == "open" and row.superseded_by is None,
        reply_state=row.state,
        reply_text=row.reply_text or "",
        sent_at=row.sent_at,
    )


def open_nearby(store: Store, one: StoredCase, accounts: tuple[str, ...] | None) -> list[StoredCase]:
    """The other open cases of its mail account by its customer or about its order, newest first; none for a reader
    without that account."""
    same = [cases.c.customer == one.customer] if one.customer else []
    if one.order_id is not None:
        same.append((cases.c.order_id == one.order_id) & (cases.c.channel == one.channel))
    if not same or (accounts is not None and one.account not in accounts):
        return []
    query = (
        select(cases)
        .where(or_(*same), cases.c.account == one.account, cases.c.id != one.id)
        .where(cases.c.state == "open", cases.c.superseded_by.is_(None))
        .order_by(cases.c.id.desc())
        .limit(_MOST)
    )
    with store.read() as conn:
        return [stored(row) for row in conn.execute(query)]


def clocks(store: Store, case_id: int) -> tuple[StoredDeadline, ...]:
    """The clocks of a case, and those that run on in the cases that gave way to it; soonest first."""
    older = gave_way(store, case_id)
    found = of_cases(store, [case_id, *older])
    theirs = [clock for number in older for clock in found[number] if clock.met_at is None]
    return tuple(sorted((*found[case_id], *theirs), key=lambda clock: (clock.due_at, clock.id)))


def gave_way(store: Store, case_id: int) -> list[int]:
    """The open cases that a newer mail, this one's, has replaced: their clocks run on."""
    query = select(cases.c.id).where(cases.c.superseded_by == case_id, cases.c.state == "open")
    with store.read() as conn:
        return list(conn.execute(query.order_by(cases.c.id)).scalars())

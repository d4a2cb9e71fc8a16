"""Tickets as a list: every mail that became a case, with or without a draft, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from mailbot.edges.store import Store, cases
from mailbot.edges.store.case_rows import deadline_row
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.merging import require_apart
from mailbot.edges.store.moves import record
from mailbot.edges.store.schema import cases as table
from mailbot.edges.store.schema import deadlines, replies
from mailbot.model import Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A case, its reply if it has one, and its soonest unmet duty of the shop (UTC)."""

    case: cases.StoredCase
    reply_id: int | None
    reply_state: str | None
    due_at: datetime | None


def list_tickets(
    store: Store, *, state: str = "open", without_draft: bool = False, limit: int = 200
) -> list[Ticket]:
    """Tickets in this state ('open' or 'closed'), soonest duty first, then the oldest. `without_draft`: only those
    nothing is prepared for, or whose draft was refused."""
    own = table.alias("own")
    answers = func.coalesce(own.c.superseded_by, own.c.id)
    soonest = (
        select(answers.label("case_id"), func.min(deadlines.c.due_at).label("soonest_due"))
        .join_from(deadlines, own, own.c.id == deadlines.c.case_id)
        .where(deadlines.c.met_at.is_(None), deadlines.c.duty, own.c.state == state)
        .group_by(answers)
        .subquery()
    )
    query = (
        select(
            table, replies.c.id.label("reply_id"), replies.c.state.label("reply_state"), soonest.c.soonest_due
        )
        .outerjoin(replies, replies.c.case_id == table.c.id)
        .outerjoin(soonest, soonest.c.case_id == table.c.id)
        .where(table.c.state == state)
        .order_by(soonest.c.soonest_due.is_(None), soonest.c.soonest_due, table.c.id)
        .limit(limit)
    )
    if without_draft:
        query = query.where(
            func.coalesce(replies.c.state, "refused") == "refused", table.c.superseded_by.is_(None)
        )
    with store.read() as conn:
        return [
            Ticket(
                case=cases.stored(row),
                reply_id=row.reply_id,
                reply_state=row.reply_state,
                due_at=row.soonest_due,
            )
            for row in conn.execute(query)
        ]


def reopen(store: Store, case_id: int, clocks: Sequence[Deadline], actor: str, now: datetime) -> None:
    """A person takes a closed ticket up again, for example one that was filed without an answer by mistake; `clocks`
    are the deadlines that run from then on. Raises Impossible (French) when it is not closed."""
    with store.write() as conn:
        closed = (table.c.id == case_id) & (table.c.state == "closed")
        again = {
            "state": "open",
            "superseded_by": None,
        }  # a matter of its own, in the queue, whatever took its place
        if conn.execute(table.update().where(closed).values(again)).rowcount != 1:
            raise Impossible(f"le ticket {case_id} n'existe pas ou est déjà ouvert.")
        require_apart(conn, case_id)
        if clocks:
            conn.execute(deadlines.insert(), [deadline_row(case_id, clock) for clock in clocks])
        record(conn, now, actor, case_id, "rouvert", "ticket repris par un agent")

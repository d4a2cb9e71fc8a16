"""The views of the agents' queue: what each asks of a case, and the filters they share."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, or_, text

from mailbot.edges.store.desk_tables import desk_cases
from mailbot.edges.store.schema import cases, deadlines, replies

View = Literal["a_traiter", "moi", "humain", "attente", "suites", "partent", "seuls", "envoyees", "clos"]
BY_CLOCK: tuple[View, ...] = ("a_traiter", "moi", "humain", "attente", "suites")
Due = Literal["depasse", "4h", "24h", "semaine"]
WITHIN: dict[Due, timedelta] = {
    "depasse": timedelta(0),
    "4h": timedelta(hours=4),
    "24h": timedelta(days=1),
    "semaine": timedelta(days=7),
}
OPEN = (cases.c.state == "open", cases.c.superseded_by.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to show. `accounts`: the mail accounts a person may see (None: all); `situation`: a stem or a family."""

    view: View = "a_traiter"
    person: str = ""
    accounts: tuple[str, ...] | None = None
    situation: str = ""
    channel: str = ""
    due: Due | None = None


def conditions(view: View, person: str) -> ColumnElement[bool]:
    """What a view asks of a case; the views by clock also ask that it is open."""
    reply = replies.c.state
    to_do = or_(reply.is_(None), reply.in_(("draft", "failed", "uncertain", "refused")))
    ours = desk_cases.c.waiting_since.is_(None)
    known: dict[View, ColumnElement[bool]] = {
        "a_traiter": to_do & ours,
        "moi": desk_cases.c.holder == person,
        "humain": to_do & ours & or_(cases.c.action == "human", reply.is_(None)),
        "attente": desk_cases.c.waiting_since.is_not(None),
        "suites": (reply == "sent") & ours,
        "partent": reply.in_(("approved", "sending")),
        "seuls": replies.c.auto & reply.in_(("approved", "sending", "sent", "uncertain")),
        "envoyees": reply == "sent",
        "clos": cases.c.state == "closed",
    }
    return known[view]


def allowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    """The filters every view shares."""
    if wanted.accounts is not None:
        query = query.where(cases.c.account.in_(wanted.accounts))
    if wanted.channel:
        query = query.where(cases.c.channel == wanted.channel)
    if wanted.situation:
        family = cases.c.situation.startswith(f"{wanted.situation}/", autoescape=True)
        query = query.where(or_(cases.c.situation == wanted.situation, family))
    return query


def runs() -> tuple[ColumnElement[bool], ...]:
    """A duty of the shop that is not met."""
    # spelt as in the partial index: SQLite compares the words
    return (deadlines.c.met_at.is_(None), text("deadlines.duty"))  # type: ignore[return-value]

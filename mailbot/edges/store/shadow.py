"""Drafts that would have left without a person, and what people did with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select

from mailbot.edges.store import Store
from mailbot.edges.store.learning_tables import corrections
from mailbot.edges.store.moves import SERVICE
from mailbot.edges.store.schema import cases, replies
from mailbot.edges.store.spans import hour
from mailbot.edges.store.versions_tables import shadow_sends
from mailbot.model import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Would:
    """A draft that would have left alone at `at` (UTC), as it was then. `state`, `last_text`: of the reply now (None:
    it has none any more); `alone`: it really left alone; `by_person`: a person moved it last; `corrected`: an agent
    said that the mail was understood wrongly; `closed`: the ticket is."""

    case_id: int
    at: datetime
    situation: str
    text: str
    account: str
    thread: str
    customer: str
    state: str | None
    last_text: str | None
    alone: bool
    by_person: bool
    corrected: bool
    closed: bool


def keep(conn: Connection, judged: Sequence[tuple[int, Judgement]], now: datetime) -> None:
    """Note the tickets whose reply would have left alone."""
    rows = [
        {"case_id": number, "at": now, "situation": one.decision.situation, "text": one.reply.text}
        for number, one in judged
        if one.alone and one.reply is not None and one.decision.situation is not None
    ]
    if rows:
        conn.execute(shadow_sends.insert(), rows)


def would_have_left(store: Store, since: datetime | None = None) -> list[Would]:
    """Every draft noted since then, oldest first."""
    wrong = exists().where(corrections.c.case_id == cases.c.id)
    query = (
        select(
            *(shadow_sends.c.case_id, shadow_sends.c.at, shadow_sends.c.situation, shadow_sends.c.text),
            *(cases.c.account, cases.c.thread, cases.c.customer, cases.c.state.label("case_state")),
            *(replies.c.state, replies.c.text.label("last_text"), replies.c.auto, replies.c.actor),
            wrong.label("corrected"),
        )
        .join_from(shadow_sends, cases, cases.c.id == shadow_sends.c.case_id)
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .order_by(shadow_sends.c.at, shadow_sends.c.case_id)
    )
    if since is not None:
        query = query.where(shadow_sends.c.at >= since)
    with store.read() as conn:
        return [
            Would(
                case_id=row.case_id,
                at=row.at,
                situation=row.situation,
                text=row.text,
                account=row.account,
                thread=row.thread,
                customer=row.customer,
                state=row.state,
                last_text=row.last_text,
                alone=bool(row.auto),
                by_person=row.actor is not None and row.actor != SERVICE,
                corrected=bool(row.corrected),
                closed=row.case_state == "closed",
            )
            for row in conn.execute(query)
        ]


def judged_when(store: Store, since: datetime | None = None) -> list[tuple[str | None, datetime, int]]:
    """How many mails that ask for something were judged since then, by situation and hour."""
    with store.read() as conn:
        begun = hour(conn, cases.c.created_at)
        columns: list[Any] = [cases.c.situation, begun.label("hour"), func.count().label("number")]
        query = select(*columns).where(cases.c.action != "ignore").group_by(cases.c.situation, begun)
        if since is not None:
            query = query.where(cases.c.created_at >= since)
        return [(row.situation, row.hour, row.number) for row in conn.execute(query)]

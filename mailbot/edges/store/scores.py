"""What became of replies, for judging the templates they were written from."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from mailbot.edges.store import Store, originals
from mailbot.edges.store.moves import SERVICE
from mailbot.edges.store.schema import cases, replies
from mailbot.edges.store.statements import chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One reply and what became of it. `digest`: of the rulebook that wrote it. `rewritten`: its first and its last
    text, when a person changed it and it left. `by_person`: a person moved it last. `wrote_again_at`: the customer's
    next mail that asks for something after it left; None when there was none. Times are UTC."""

    template: str
    digest: str
    state: str
    auto: bool
    by_person: bool
    created_at: datetime
    approved_at: datetime | None
    sent_at: datetime | None
    rewritten: tuple[str, str] | None
    wrote_again_at: datetime | None


def fates(store: Store, since: datetime | None = None, template: str | None = None) -> list[Fate]:
    """Every reply made since then (None: all that are kept), of one template or all, oldest first."""
    columns = (
        *(
            replies.c.id,
            replies.c.template,
            replies.c.state,
            replies.c.auto,
            replies.c.edited,
            replies.c.actor,
        ),
        *(replies.c.created_at, replies.c.approved_at, replies.c.sent_at),
        *(cases.c.rulebook_digest, cases.c.account, cases.c.customer),
    )
    query = select(*columns).join_from(replies, cases).order_by(replies.c.id)
    if since is not None:
        query = query.where(replies.c.created_at >= since)
    if template is not None:
        query = query.where(replies.c.template == template)
    with store.read() as conn:
        rows = conn.execute(query).all()
        rewritten = _rewritten(conn, [row.id for row in rows if row.edited and row.state == "sent"])
        first = min((row.sent_at for row in rows if row.sent_at), default=None)
        known = None if template is None else sorted({row.customer for row in rows if row.sent_at})
        contacts = _contacts(conn, first, known) if first else {}
    return [_fate(row, rewritten.get(row.id), contacts) for row in rows]


def _fate(
    row: Any, rewritten: tuple[str, str] | None, contacts: dict[tuple[str, str], list[datetime]]
) -> Fate:
    return Fate(
        template=row.template,
        digest=row.rulebook_digest,
        state=row.state,
        auto=row.auto,
        by_person=row.actor != SERVICE,
        created_at=row.created_at,
        approved_at=row.approved_at,
        sent_at=row.sent_at,
        rewritten=rewritten,
        wrote_again_at=_next(contacts.get((row.account, row.customer), []), row.sent_at),
    )


def _next(written: Sequence[datetime], after: datetime | None) -> datetime | None:
    if after is None:
        return None
    place = bisect_right(written, after)
    return written[place] if place < len(written) else None


def _contacts(
    conn: Connection, since: datetime, customers: Sequence[str] | None
) -> dict[tuple[str, str], list[datetime]]:
    """When each customer (None: everybody) wrote; what needed no answer (thanks, machines) does not count."""
    query = (
        select(cases.c.account, cases.c.customer, cases.c.received_at)
        .where(cases.c.received_at > since, cases.c.action != "ignore", cases.c.customer != "")
        .order_by(cases.c.received_at)
    )
    found: dict[tuple[str, str], list[datetime]] = {}
    parts = (
        [query]
        if customers is None
        else (query.where(cases.c.customer.in_(part)) for part in chunks(customers))
    )
    for account, customer, at in (row for part in parts for row in conn.execute(part)):
        found.setdefault((account, customer), []).append(at)
    return found


def _rewritten(conn: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, str]]:
    first = originals.texts(conn, numbers)
    found: dict[int, tuple[str, str]] = {}
    for part in chunks(sorted(first)):
        rows = conn.execute(select(replies.c.id, replies.c.text).where(replies.c.id.in_(part)))
        found.update((row.id, (first[row.id], row.text)) for row in rows)
    return found

"""What became of replies, for judging the templates they were written from; counted by the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, func, or_, select

from mailbot.edges.store import Store, originals
from mailbot.edges.store.moves import SERVICE
from mailbot.edges.store.schema import cases, replies
from mailbot.edges.store.spans import between, length, wrote_again
from mailbot.edges.store.statements import chunks

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """How many replies share these. `digest`: of the rulebook that wrote them; `by_person`: a person moved them last.
    Of those that left, `followed` can be judged, because the customer wrote again within the span asked for
    (`recontacted`) or had the time to."""

    template: str
    digest: str
    state: str
    auto: bool
    by_person: bool
    many: int
    followed: int
    recontacted: int


@dataclass(frozen=True, slots=True)
class Fates:
    """All groups; and by template and digest, the first and the last text of what a person changed before it left, and
    the waits until a person approved."""

    groups: tuple[Fate, ...]
    rewritten: dict[Key, list[tuple[str, str]]]
    waits: dict[Key, list[timedelta]]


def fates(
    store: Store, now: datetime, within: timedelta, since: datetime | None = None, template: str | None = None
) -> Fates:
    """The replies made since then (None: all that are kept), of one template or all."""
    with store.read() as conn:
        groups = tuple(_groups(conn, now, within, since, template))
        return Fates(groups, _rewritten(conn, since, template), _waits(conn, since, template))


def _chosen(query: Select[Any], since: datetime | None, template: str | None) -> Select[Any]:
    query = query.join_from(replies, cases)
    if since is not None:
        query = query.where(replies.c.created_at >= since)
    return query if template is None else query.where(replies.c.template == template)


def _groups(
    conn: Connection, now: datetime, within: timedelta, since: datetime | None, template: str | None
) -> list[Fate]:
    left = replies.c.state == "sent"
    again = case((left, case((wrote_again(conn, within), 1), else_=0)), else_=0)
    columns: list[Any] = [
        replies.c.template, cases.c.rulebook_digest, replies.c.state, replies.c.auto,
        (replies.c.actor != SERVICE).label("by_person"), replies.c.sent_at, again.label("again"),
    ]  # fmt: skip
    one = _chosen(select(*columns), since, template).subquery("one")
    keys = (one.c.template, one.c.rulebook_digest, one.c.state, one.c.auto, one.c.by_person)
    known = (one.c.state == "sent") & or_(one.c.again == 1, one.c.sent_at <= now - within)
    sums: list[Any] = [
        func.count().label("many"),
        func.sum(case((known, 1), else_=0)).label("followed"),
        func.sum(one.c.again).label("recontacted"),
    ]
    rows = conn.execute(select(*keys, *sums).group_by(*keys))
    return [
        Fate(
            template=row.template, digest=row.rulebook_digest, state=row.state, auto=bool(row.auto),
            by_person=bool(row.by_person), many=row.many, followed=int(row.followed),
            recontacted=int(row.recontacted),
        )
        for row in rows
    ]  # fmt: skip


def _rewritten(
    conn: Connection, since: datetime | None, template: str | None
) -> dict[Key, list[tuple[str, str]]]:
    changed = select(replies.c.id, replies.c.template, cases.c.rulebook_digest)
    query = _chosen(changed, since, template).where(replies.c.edited, replies.c.state == "sent")
    rows = {row.id: row for row in conn.execute(query.order_by(replies.c.id))}
    first = originals.texts(conn, list(rows))
    last: dict[int, str] = {}
    for part in chunks(sorted(first)):
        texts = conn.execute(select(replies.c.id, replies.c.text).where(replies.c.id.in_(part)))
        last.update((row.id, row.text) for row in texts)
    found: dict[Key, list[tuple[str, str]]] = {}
    for number, text in sorted(first.items()):
        key = rows[number].template, rows[number].rulebook_digest
        found.setdefault(key, []).append((text, last[number]))
    return found


def _waits(conn: Connection, since: datetime | None, template: str | None) -> dict[Key, list[timedelta]]:
    waited = between(replies.c.created_at, replies.c.approved_at).label("waited")
    columns: list[Any] = [replies.c.template, cases.c.rulebook_digest, waited]
    query = _chosen(select(*columns), since, template)
    found: dict[Key, list[timedelta]] = {}
    for row in conn.execute(query.where(replies.c.approved_at.is_not(None), ~replies.c.auto)):
        found.setdefault((row.template, row.rulebook_digest), []).append(length(row.waited))
    return found

"""How much each situation decides, its newest cases, and what became of its replies."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from mailbot.edges.store import Store
from mailbot.edges.store.moves import SERVICE
from mailbot.edges.store.schema import cases, raw_mails, replies


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the replies of one template. `waiting`: drafts and all that is on its way."""

    as_is: int = 0
    edited: int = 0
    alone: int = 0
    thrown_away: int = 0
    waiting: int = 0

    @property
    def sent(self) -> int:
        """All that left."""
        return self.as_is + self.edited + self.alone


def volumes(store: Store, since: datetime, accounts: tuple[str, ...] | None = None) -> dict[str, int]:
    """Situation → mails received since then, of these mail accounts (None: all)."""
    query = select(cases.c.situation, func.count()).where(
        cases.c.received_at >= since, cases.c.situation.is_not(None)
    )
    if accounts is not None:
        query = query.where(cases.c.account.in_(accounts))
    with store.read() as conn:
        return {row[0]: row[1] for row in conn.execute(query.group_by(cases.c.situation))}


def latest(
    store: Store,
    situation: str,
    accounts: tuple[str, ...] | None = None,
    *,
    limit: int = 20,
    kept: bool = False,
) -> list[int]:
    """The newest cases a situation decided. `kept`: only those whose mail may still be judged again."""
    query = select(cases.c.id).where(cases.c.situation == situation)
    if accounts is not None:
        query = query.where(cases.c.account.in_(accounts))
    if kept:
        query = query.join(raw_mails, raw_mails.c.mail_id == cases.c.mail_id)
    with store.read() as conn:
        return list(conn.execute(query.order_by(cases.c.id.desc()).limit(limit)).scalars())


def tallies(store: Store, since: datetime) -> dict[str, Tally]:
    """Template → what became of the replies written since then."""
    by_person = replies.c.actor != SERVICE
    columns = (
        replies.c.template,
        replies.c.state,
        replies.c.auto,
        replies.c.edited,
        by_person.label("person"),
    )
    query = select(*columns, func.count().label("many")).where(replies.c.created_at >= since)
    found: dict[str, dict[str, int]] = {}
    with store.read() as conn:
        for row in conn.execute(query.group_by(*columns)):
            if (name := _name(row.state, auto=row.auto, edited=row.edited, person=row.person)) is not None:
                sums = found.setdefault(row.template, {})
                sums[name] = sums.get(name, 0) + row.many
    return {template: Tally(**sums) for template, sums in found.items()}


def _name(state: str, *, auto: bool, edited: bool, person: bool) -> str | None:
    """Which sum a reply counts for; None for those a newer mail put aside."""
    if state == "sent":
        return "alone" if auto else "edited" if edited else "as_is"
    if state == "refused":
        return "thrown_away" if person else None
    return "waiting"

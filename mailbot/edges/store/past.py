"""Past mails with what was made of them, for replays and reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from mailbot.edges.store import Store, cases, deadlines, mails, originals, replies
from mailbot.edges.store.schema import cases as case_table
from mailbot.edges.store.schema import raw_mails
from mailbot.edges.store.schema import replies as reply_table
from mailbot.edges.store.statements import chunks
from mailbot.model import RawMail

_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One mail as it was judged. `first_text`: what the service wrote, whatever a person made of it since; None when
    there is no reply. `clocks`: soonest first."""

    raw: RawMail
    case: cases.StoredCase
    clocks: tuple[deadlines.StoredDeadline, ...]
    reply: replies.StoredReply | None
    first_text: str | None

    @property
    def is_copy(self) -> bool:
        """Its reply stands in the ticket of an earlier copy of the mail."""
        return self.reply is None and self.case.superseded_by is not None


def count(store: Store, last: int | None, since: datetime | None = None) -> int:
    """How many mails `judged` would yield."""
    with store.read() as conn:
        rows = _numbers(last, since).subquery()
        return int(conn.execute(select(func.count()).select_from(rows)).scalar_one())


def judged(store: Store, last: int | None, since: datetime | None = None) -> Iterator[Past]:
    """The newest `last` judged mails (None: all) received since then whose bytes are kept, oldest first."""
    with store.read() as conn:
        rows = conn.execute(_numbers(last, since)).all()
    for part in chunks([row.mail_id for row in reversed(rows)], _PAGE):
        found = cases.of_mails(store, part)
        numbers = [case.id for case in found.values()]
        query = replies.whole().where(reply_table.c.case_id.in_(numbers))
        answered = {reply.case.id: reply for reply in replies.read_all(store, query)}
        clocks = deadlines.of_cases(store, numbers)
        with store.read() as conn:
            first = originals.texts(conn, [reply.id for reply in answered.values()])
        for case in (found[number] for number in part if number in found):
            reply = answered.get(case.id)
            text = None if reply is None else first.get(reply.id, reply.reply.text)
            raw = mails.raw(store, case.mail_id)
            yield Past(raw=raw, case=case, clocks=clocks[case.id], reply=reply, first_text=text)


def _numbers(last: int | None, since: datetime | None) -> Select[Any]:
    query = select(case_table.c.mail_id).join(raw_mails, raw_mails.c.mail_id == case_table.c.mail_id)
    query = query.where(case_table.c.part.is_(None))  # a part that an agent split off was judged by the agent
    if since is not None:
        query = query.where(case_table.c.received_at >= since)
    return query.order_by(case_table.c.mail_id.desc()).limit(last)

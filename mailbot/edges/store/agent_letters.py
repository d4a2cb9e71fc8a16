"""What agents sent from their own mail programs, as it left: kept for dispute files, as long as the mails received."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mailbot.edges.store import Store
from mailbot.edges.store.mailbox_tables import sent_answers, sent_mails, sent_raws
from mailbot.edges.store.statements import chunks, insert


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLetter:
    """A mail of an agent that answered a ticket. `data`: its bytes, empty when they are no longer kept or were never
    read; `reply_id`: the reply it was made from or took the place of; `message_id`: '' when it has none."""

    sent_id: int
    case_id: int
    reply_id: int | None
    sent_at: datetime
    recipients: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    data: bytes


def keep(conn: Connection, sent_id: int, data: bytes) -> None:
    """Keep the bytes of a mail found in Sent; the first ones kept stay."""
    row = {"sent_id": sent_id, "data": zlib.compress(data, 1)}
    conn.execute(insert(conn, sent_raws).values(row).on_conflict_do_nothing(index_elements=["sent_id"]))


def of_cases(store: Store, case_ids: Sequence[int]) -> list[AgentLetter]:
    """The agents' answers that were written to these tickets, oldest first; each once, with the ticket it was meant
    for."""
    found: list[AgentLetter] = []
    with store.read() as conn:
        for part in chunks(case_ids):
            query = (
                select(
                    sent_answers,
                    sent_mails.c.sent_at,
                    sent_mails.c.recipients,
                    sent_mails.c.known_by,
                    sent_raws.c.data,
                )
                .join_from(sent_answers, sent_mails, sent_mails.c.id == sent_answers.c.sent_id)
                .outerjoin(sent_raws, sent_raws.c.sent_id == sent_answers.c.sent_id)
                .where(sent_answers.c.case_id.in_(part), sent_answers.c.answered)
                .where(sent_answers.c.text_after.is_not(None))
            )
            found += [
                AgentLetter(
                    sent_id=row.sent_id,
                    case_id=row.case_id,
                    reply_id=row.reply_id,
                    sent_at=row.sent_at,
                    recipients=tuple(row.recipients),
                    subject=row.subject,
                    text=row.text_after,
                    message_id=row.known_by if row.known_by.startswith("<") else "",
                    data=zlib.decompress(row.data) if row.data else b"",
                )
                for row in conn.execute(query)
            ]
    return sorted(found, key=lambda one: (one.sent_at, one.sent_id))


def forget_before(conn: Connection, before: datetime, limit: int) -> int:
    """Forget the bytes of mails noted before this, at most `limit`; returns how many."""
    old = (
        select(sent_raws.c.sent_id)
        .join_from(sent_raws, sent_mails, sent_mails.c.id == sent_raws.c.sent_id)
        .where(sent_mails.c.noted_at < before)
        .limit(limit)
    )
    return conn.execute(sent_raws.delete().where(sent_raws.c.sent_id.in_(old))).rowcount


def forget_cases(conn: Connection, case_ids: Sequence[int]) -> None:
    """Forget the answers to these tickets, and the bytes of those that answered no other ticket."""
    theirs = sent_answers.c.case_id.in_(case_ids)
    numbers = set(conn.execute(select(sent_answers.c.sent_id).where(theirs)).scalars())
    conn.execute(sent_answers.delete().where(theirs))
    for part in chunks(sorted(numbers)):
        still = select(sent_answers.c.sent_id).where(sent_answers.c.sent_id.in_(part))
        gone = sent_raws.c.sent_id.in_(part) & sent_raws.c.sent_id.not_in(still)
        conn.execute(sent_raws.delete().where(gone))

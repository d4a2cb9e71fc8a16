"""An agent answered from an ordinary mail program: the ticket is answered, its clocks stop, nothing else may leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mailbot.edges.store import Store, agent_letters, originals
from mailbot.edges.store.give_way import meet_clocks, with_replaced
from mailbot.edges.store.mailbox_tables import sent_answers
from mailbot.edges.store.merging import head_of
from mailbot.edges.store.moves import move, move_all, record
from mailbot.edges.store.schema import cases, replies
from mailbot.edges.store.statements import insert
from mailbot.model import ReplyState

AGENT = "agent (messagerie)"  # a mail program does not say which agent it was
_WAITING: tuple[ReplyState, ...] = ("draft", "approved", "failed", "uncertain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an agent sent. `from_ours`: made from our draft, which said `before`; `text`: what it newly says, None when
    only its header was read; `changed`: it differs from our draft; `data`: its bytes, kept with the ticket."""

    sent_id: int
    case_id: int
    how: str
    subject: str
    sent_at: datetime
    from_ours: bool = False
    before: str | None = None
    text: str | None = None
    changed: bool = False
    data: bytes = b""


def answered(store: Store, answer: Answer, now: datetime) -> bool:
    """Write the answer down with all that follows from it. False when it was written down before.

    The ticket, those that gave way to it and the earlier ones of its thread are answered; their replies that wait leave
    no more. Our draft, if it is what was sent, is `sent` with the text as it left."""
    at = min(answer.sent_at, now)
    with store.write() as conn:
        if not _settled(conn, answer, answer.case_id, now):
            return False
        reply = conn.execute(
            select(replies).where(replies.c.case_id == answer.case_id).with_for_update()
        ).first()
        _write_down(conn, answer, reply, at, now)
        earlier = _earlier(conn, answer.case_id)
        for other in earlier:
            _settled(conn, answer, other, now)
        _stop(conn, earlier, f"un agent a répondu depuis sa messagerie (ticket {answer.case_id})", now)
        meet_clocks(conn, [answer.case_id, *earlier], at)
    return True


def beside(store: Store, answer: Answer, told: str, now: datetime) -> bool:
    """An agent wrote about the ticket, but nobody can say that it was answered (`told`, French): the clocks run on.
    False when this was written down before."""
    with store.write() as conn:
        if not _settled(conn, answer, answer.case_id, now, answered=False):
            return False
        record(conn, now, AGENT, answer.case_id, "agent_ecrit", told)
    return True


def was_ours(store: Store, reply_id: int, at: datetime, now: datetime) -> bool:
    """One of our own replies stands in Sent although its row says that it has not left (a database that was restored,
    an uncertain sending): it is sent. False when the row knew, or is being sent right now."""
    with store.write() as conn:
        case_id = conn.execute(select(replies.c.case_id).where(replies.c.id == reply_id)).scalar_one()
        values: dict[str, Any] = {"sent_at": at, "sent_copy_at": now, "reason": None, "lease_owner": None}
        if not move(conn, reply_id, _WAITING, "sent", actor=AGENT, now=now, **values):
            return False
        meet_clocks(conn, with_replaced(conn, case_id), min(at, now))
        record(conn, now, AGENT, case_id, "envoye", "cette réponse se trouve déjà parmi les mails envoyés")
    return True


def _settled(conn: Connection, answer: Answer, case_id: int, now: datetime, *, answered: bool = True) -> bool:
    """Note the pair of mail and ticket once; the texts only with the ticket that was written to."""
    own = case_id == answer.case_id
    row = {
        "sent_id": answer.sent_id,
        "case_id": case_id,
        "answered": answered,
        "how": answer.how,
        "subject": answer.subject,
        "changed": answer.changed and own,
        "at": now,
        "text_before": answer.before if own else None,
        "text_after": answer.text if own else None,
    }
    statement = insert(conn, sent_answers).values(row).on_conflict_do_nothing()
    if conn.execute(statement.returning(sent_answers.c.sent_id)).first() is None:
        return False
    if own and answered and answer.data:
        agent_letters.keep(conn, answer.sent_id, answer.data)
    return True


def _write_down(
    conn: Connection, answer: Answer, reply: Row[Any] | None, at: datetime, now: datetime
) -> None:
    """The fate of the ticket's own reply, and its line in the story."""
    told = f"un agent a répondu depuis sa messagerie : « {answer.subject} »"
    if reply is not None and reply.state in ("sent", "sending"):
        told += " ; une réponse était déjà partie d'ici, à vérifier"
        record(conn, now, AGENT, answer.case_id, "reponse_en_double", told)
        return
    if reply is not None:
        pair = (sent_answers.c.sent_id == answer.sent_id) & (sent_answers.c.case_id == answer.case_id)
        conn.execute(sent_answers.update().where(pair).values(reply_id=reply.id))
    if reply is not None and answer.from_ours:
        _sent_by_agent(conn, answer, reply, at, now)
        told = "brouillon envoyé par un agent depuis sa messagerie" + (", modifié" if answer.changed else "")
    elif reply is not None:
        reason = "un agent a répondu lui-même depuis sa messagerie"
        move(conn, reply.id, _WAITING, "refused", actor=AGENT, now=now, reason=reason, send_after=None)
    record(conn, now, AGENT, answer.case_id, "envoye", told)


def _sent_by_agent(conn: Connection, answer: Answer, reply: Row[Any], at: datetime, now: datetime) -> None:
    values: dict[str, Any] = {
        "auto": False,
        "approved_by": AGENT,
        "approved_at": at,
        "sent_at": at,
        "sent_copy_at": now,
        "reason": None,
        "send_after": None,
        "lease_owner": None,
        "server_text": None,
    }
    if answer.changed and answer.text is not None:
        if not reply.edited:
            originals.keep(conn, reply.id)
        values |= {"text": answer.text, "subject": answer.subject, "html": None, "edited": True}
        values |= {"missing": [], "blocked": []}
        newer = replies.update().where(replies.c.id == reply.id).values(version=reply.version + 1)
        conn.execute(newer)
    move(conn, reply.id, (*_WAITING, "refused"), "sent", actor=AGENT, now=now, **values)


def _earlier(conn: Connection, case_id: int) -> list[int]:
    """The tickets that are answered along with this one: those that gave way to it, the one of the same customer it is
    merged into, and earlier open ones of that customer in the same thread, other parts of the same mail excepted. Later
    ones are not: nobody knows whether the agent had read them."""
    columns = (cases.c.thread, cases.c.customer, cases.c.split_from)
    this = conn.execute(select(*columns).where(cases.c.id == case_id)).one()
    earlier = (
        (cases.c.thread == this.thread)
        & (cases.c.customer == this.customer)
        & (cases.c.state == "open")
        & (cases.c.id < case_id)
    )
    rows = conn.execute(select(cases.c.id, cases.c.split_from).where(earlier)).all()
    found = [row.id for row in rows if (row.split_from or row.id) != (this.split_from or case_id)]
    head = head_of(conn, case_id)
    theirs = conn.execute(select(cases.c.customer).where(cases.c.id == head)).scalar()
    heads = with_replaced(conn, head) if theirs == this.customer != "" else []
    return sorted({*found, *with_replaced(conn, case_id), *heads} - {case_id})


def _stop(conn: Connection, case_ids: Sequence[int], reason: str, now: datetime) -> None:
    waiting = select(replies.c.id).where(replies.c.case_id.in_(case_ids))
    numbers = list(conn.execute(waiting).scalars())
    move_all(conn, numbers, _WAITING, "refused", actor=AGENT, now=now, reason=reason, send_after=None)

"""Replies on their way out. 'sending' is committed before SMTP is spoken to; in doubt a reply is 'uncertain'."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Exists, Select, exists, or_, select

from mailbot.edges.store import Store, replies
from mailbot.edges.store.conflicts import AlreadyHandled
from mailbot.edges.store.give_way import meet_clocks, with_replaced
from mailbot.edges.store.mailbox_drafts import in_the_mailbox
from mailbot.edges.store.merging_tables import merges
from mailbot.edges.store.moves import SERVICE, move, record
from mailbot.edges.store.replies import StoredReply
from mailbot.edges.store.schema import cases, mails
from mailbot.edges.store.schema import replies as table
from mailbot.edges.store.sent_mails import answered_already
from mailbot.model import ReplyState

WITHDRAWN_WITHIN = timedelta(minutes=2)  # by then an approved reply's draft is out of the agents' mailbox


def claim_due(
    store: Store, owner: str, now: datetime, lease: timedelta, *, account: str | None = None
) -> StoredReply | None:
    """Take the next approved reply whose time has come; it is 'sending', committed, and ours until `now +
    lease`.

    None when nothing is due. A reply waits while a newer mail of its customer has not been judged, while an agent's own
    answer in Sent has not been told to its ticket (or to one merged into it), and a little while its draft is still in
    the agents' mailbox.
    `owner` must be unique to the worker."""
    with store.write() as conn:
        number = conn.execute(_next_due(now, account)).scalar()
        values: dict[str, Any] = {
            "lease_owner": owner,
            "lease_until": now + lease,
            "attempts": table.c.attempts + 1,
        }
        if number is None or not move(
            conn, number, ["approved"], "sending", actor=SERVICE, now=now, **values
        ):
            return None
    return replies.get(store, number)


def _next_due(now: datetime, account: str | None) -> Select[Any]:
    unread = exists().where(mails.c.state == "received", mails.c.sender != "")
    # two conditions rather than one with OR: databases then use the index for both
    nothing_new = (
        ~unread.where(mails.c.sender == cases.c.customer),
        ~unread.where(mails.c.sender == table.c.to_addr),
    )
    query = (
        select(table.c.id)
        .join_from(table, cases)
        .where(
            table.c.state == "approved",
            table.c.send_after <= now,
            table.c.next_attempt_at <= now,
            *nothing_new,
            ~answered_already(cases.c.message_id),
            *_nothing_new_beside(unread),
            or_(~in_the_mailbox(table.c.id), table.c.approved_at <= now - WITHDRAWN_WITHIN),
        )
        .order_by(table.c.next_attempt_at, table.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=table)
    )
    return query if account is None else query.where(cases.c.account == account)


def _nothing_new_beside(unread: Exists) -> tuple[ColumnElement[bool], ...]:
    """The same of the tickets that are merged into the one this answer is for."""
    merged = cases.alias("merged")
    here = (merges.c.into_case == cases.c.id, merges.c.ended_at.is_(None), merged.c.id == merges.c.case_id)
    newer = exists().where(*here, unread.where(mails.c.sender == merged.c.customer).correlate(merged))
    answered = exists().where(*here, answered_already(merged.c.message_id))
    return ~newer.correlate(cases), ~answered.correlate(cases)


def sent(
    store: Store, reply_id: int, owner: str, now: datetime, *, code: int | None = None, server_text: str = ""
) -> bool:
    """The server took it: the ticket's answer clocks are met. False when the reply was no longer ours.

    A reply that became 'uncertain' meanwhile is 'sent' as well: now we know."""
    values: dict[str, Any] = {"sent_at": now, "server_code": code, "server_text": server_text, "reason": None}
    with store.write() as conn:
        moved = move(
            conn, reply_id, ["sending", "uncertain"], "sent", actor=SERVICE, now=now, owner=owner, **values
        )
        if moved:
            _answered(conn, reply_id, now, SERVICE, "réponse envoyée")
        return moved


def _answered(conn: Connection, reply_id: int, now: datetime, actor: str, detail: str) -> None:
    case_id = conn.execute(select(table.c.case_id).where(table.c.id == reply_id)).scalar_one()
    meet_clocks(conn, with_replaced(conn, case_id), now)
    record(conn, now, actor, case_id, "envoye", detail)


def retry_later(
    store: Store,
    reply_id: int,
    owner: str,
    now: datetime,
    at: datetime,
    *,
    code: int | None = None,
    server_text: str = "",
) -> bool:
    """Surely not sent: it leaves again at `at`. False when the reply was no longer ours."""
    values: dict[str, Any] = {"next_attempt_at": at, "server_code": code, "server_text": server_text}
    return _end(store, reply_id, owner, now, "approved", **values)


def wait(store: Store, reply_id: int, owner: str, now: datetime, at: datetime) -> bool:
    """It was claimed too early: it is claimed again at `at`, and no attempt was made. False when no longer ours."""
    not_tried = {"next_attempt_at": at, "attempts": table.c.attempts - 1}
    return _end(store, reply_id, owner, now, "approved", **not_tried)


def hold_back(store: Store, reply_id: int, owner: str, now: datetime, reason: str) -> bool:
    """It was claimed but must be read again before it leaves (`reason` French): a draft. False when no longer ours."""
    with store.write() as conn:
        if not move(conn, reply_id, ["sending"], "approved", actor=SERVICE, now=now, owner=owner):
            return False
        move(conn, reply_id, ["approved"], "draft", actor=SERVICE, now=now, reason=reason, send_after=None)
        case_id = conn.execute(select(table.c.case_id).where(table.c.id == reply_id)).scalar_one()
        record(conn, now, SERVICE, case_id, "envoi_suspendu", reason)
        return True


def failed(
    store: Store,
    reply_id: int,
    owner: str,
    now: datetime,
    reason: str,
    *,
    code: int | None = None,
    server_text: str = "",
) -> bool:
    """Surely not sent, and only a person can mend it (`reason` French). False when it was no longer ours."""
    return _end(
        store, reply_id, owner, now, "failed", reason=reason, server_code=code, server_text=server_text
    )


def uncertain(
    store: Store, reply_id: int, owner: str, now: datetime, reason: str, *, server_text: str = ""
) -> bool:
    """The server may have it (`reason` French): never sent again blindly. False when it was no longer
    ours."""
    return _end(store, reply_id, owner, now, "uncertain", reason=reason, server_text=server_text)


def _end(store: Store, reply_id: int, owner: str, now: datetime, to: ReplyState, **values: Any) -> bool:
    with store.write() as conn:
        moved = move(conn, reply_id, ["sending"], to, actor=SERVICE, now=now, owner=owner, **values)
        if moved and to != "approved":
            case_id = conn.execute(select(table.c.case_id).where(table.c.id == reply_id)).scalar_one()
            kind = "echec" if to == "failed" else "incertain"
            record(conn, now, SERVICE, case_id, kind, str(values["reason"]))
        return moved


def expired_sending(store: Store, now: datetime) -> list[StoredReply]:
    """Replies whose worker died while sending become 'uncertain'; returns those that did just now."""
    query = select(table.c.id, table.c.case_id).where(table.c.state == "sending", table.c.lease_until < now)
    reason = "le programme s'est arrêté pendant l'envoi : la réponse est peut-être partie"
    moved = []
    with store.write() as conn:
        for row in conn.execute(query.with_for_update(skip_locked=True)).all():
            if move(conn, row.id, ["sending"], "uncertain", actor=SERVICE, now=now, reason=reason):
                record(conn, now, SERVICE, row.case_id, "incertain", reason)
                moved.append(row.id)
    return _read(store, moved)


def list_uncertain(store: Store, limit: int = 200) -> list[StoredReply]:
    """Replies that may have left, oldest first."""
    query = replies.whole().where(table.c.state == "uncertain").order_by(table.c.moved_at, table.c.id)
    return replies.read_all(store, query.limit(limit))


def resolve_uncertain(store: Store, reply_id: int, *, sent: bool, actor: str, now: datetime) -> None:
    """Somebody looked (a person, or the search in Sent): it had left, or it is to be sent again now.

    Raises AlreadyHandled (French) when the reply is no longer uncertain."""
    target: ReplyState = "sent" if sent else "approved"
    values: dict[str, Any] = {"sent_at": now} if sent else {"send_after": now, "next_attempt_at": now}
    with store.write() as conn:
        if not move(
            conn,
            reply_id,
            ["uncertain"],
            target,
            actor=actor,
            now=now,
            reason=None,
            lease_owner=None,
            **values,
        ):
            raise AlreadyHandled(f"réponse {reply_id} : son envoi n'est pas (ou plus) incertain.")
        if sent:
            _answered(conn, reply_id, now, actor, "envoi confirmé après vérification")
            return
        case_id = conn.execute(select(table.c.case_id).where(table.c.id == reply_id)).scalar_one()
        record(conn, now, actor, case_id, "renvoi", "la réponse n'était pas partie : nouvel envoi")


def pending_sent_copies(store: Store, limit: int = 50) -> list[StoredReply]:
    """Sent replies that are not yet in the Sent folder, oldest first."""
    query = replies.whole().where(table.c.state == "sent", table.c.sent_copy_at.is_(None))
    return replies.read_all(store, query.order_by(table.c.sent_at, table.c.id).limit(limit))


def mark_sent_copy(store: Store, reply_id: int, now: datetime) -> None:
    """The copy is in the Sent folder (or is not wanted)."""
    with store.write() as conn:
        conn.execute(table.update().where(table.c.id == reply_id).values(sent_copy_at=now))


def _read(store: Store, numbers: Sequence[int]) -> list[StoredReply]:
    return replies.read_all(store, replies.whole().where(table.c.id.in_(numbers))) if numbers else []

"""The ledger of what stands in Sent, and the tickets a mail there may answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, literal, select

from mailbot.edges.store import Store
from mailbot.edges.store.columns import as_key
from mailbot.edges.store.mailbox_tables import mailbox_drafts, sent_answers, sent_mails, sent_refs
from mailbot.edges.store.schema import cases, replies
from mailbot.edges.store.statements import chunks, insert

SentKind = Literal["new", "agent", "ours", "automatic", "copy"]
How = Literal["draft", "ticket", "thread", "writer"]
_REFS = 40  # the nearest ids of a thread that are kept
_LATEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """A mail as it stands in Sent. `known_by`: its Message-ID, else the hash of its header; `threads`: the ids it
    answers, the nearest first; times are UTC."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    known_by: str
    sent_at: datetime
    kind: SentKind
    recipients: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A ticket that a mail may answer, and how it was found. `addresses`: where its customer is written to;
    `our_text`: what our draft says; `draft_state`: where that is in the agents' mailbox, None when it is not there."""

    how: How
    case_id: int
    mail_id: int
    customer: str
    thread: str
    subject: str
    received_at: datetime
    open: bool
    addresses: frozenset[str]
    reply_id: int | None
    our_text: str | None
    draft_state: str | None


def high_water(store: Store, account: str, folder: str, uidvalidity: int) -> int:
    """The highest UID in the ledger, 0 when there is none."""
    query = select(func.max(sent_mails.c.uid)).where(
        sent_mails.c.account == account,
        sent_mails.c.folder == folder,
        sent_mails.c.uidvalidity == uidvalidity,
    )
    with store.read() as conn:
        return conn.execute(query).scalar() or 0


def note(store: Store, mail: SentMail, now: datetime) -> int | None:
    """Enter a mail; its number, or None when it is in the ledger already. One that is still 'new' has its number again:
    whoever entered it died before the tickets were told (see `told`)."""
    row = {
        **{name: getattr(mail, name) for name in ("account", "folder", "uidvalidity", "uid", "known_by")},
        "sent_at": mail.sent_at,
        "noted_at": now,
        "kind": mail.kind,
        "recipients": list(mail.recipients),
    }
    keys = ["account", "folder", "uidvalidity", "uid"]
    with store.write() as conn:
        statement = insert(conn, sent_mails).values(row).on_conflict_do_nothing(index_elements=keys)
        number = conn.execute(statement.returning(sent_mails.c.id)).scalar()
        if number is not None and mail.kind == "new":
            _note_threads(conn, number, mail.threads)
        if number is None:
            same = [sent_mails.c[name] == row[name] for name in keys]
            unfinished = select(sent_mails.c.id).where(*same, sent_mails.c.kind == "new")
            number = conn.execute(unfinished).scalar()
    return number


def told(store: Store, number: int) -> None:
    """All tickets the mail concerns have been told."""
    with store.write() as conn:
        new = (sent_mails.c.id == number) & (sent_mails.c.kind == "new")
        conn.execute(sent_mails.update().where(new).values(kind="agent"))


def unfinished(store: Store, account: str, folder: str, uidvalidity: int) -> list[int]:
    """The UIDs of mails whose tickets have not been told yet."""
    query = select(sent_mails.c.uid).where(
        sent_mails.c.account == account,
        sent_mails.c.folder == folder,
        sent_mails.c.uidvalidity == uidvalidity,
        sent_mails.c.kind == "new",
    )
    with store.read() as conn:
        return list(conn.execute(query.order_by(sent_mails.c.uid)).scalars())


def _note_threads(conn: Connection, number: int, threads: Sequence[str]) -> None:
    rows = [
        {"sent_id": number, "message_id": key}
        for key in dict.fromkeys(as_key(ref) for ref in threads[:_REFS])
    ]
    if rows:
        conn.execute(sent_refs.insert(), rows)


def is_known(store: Store, mail: SentMail) -> bool:
    """Whether this very mail is in the ledger under another key (a folder that was rebuilt, a copy)."""
    here = and_(*(sent_mails.c[name] == getattr(mail, name) for name in ("folder", "uidvalidity", "uid")))
    query = select(sent_mails.c.id).where(
        sent_mails.c.account == mail.account, sent_mails.c.known_by == as_key(mail.known_by), ~here
    )
    with store.read() as conn:
        return conn.execute(query.limit(1)).first() is not None


def our_reply(store: Store, message_id: str) -> int | None:
    """The reply of ours with this Message-ID."""
    with store.read() as conn:
        return conn.execute(select(replies.c.id).where(replies.c.message_id == as_key(message_id))).scalar()


def by_draft(store: Store, account: str, token: str | None, message_id: str) -> list[Target]:
    """The ticket whose draft says itself that the mail was made from it."""
    query = select(mailbox_drafts.c.case_id).where(mailbox_drafts.c.account == account)
    queries = [query.where(mailbox_drafts.c.message_id == as_key(message_id or "?"))]
    queries += [query.where(mailbox_drafts.c.token == token)] if token else []
    with store.read() as conn:
        return _targets(conn, "draft", _numbers(conn, queries))


def by_ticket(store: Store, account: str, ticket: int) -> list[Target]:
    """The ticket of that number; only a hint, another installation numbers its tickets alike."""
    query = select(cases.c.id).where(cases.c.id == ticket, cases.c.account == account)
    with store.read() as conn:
        return _targets(conn, "ticket", _numbers(conn, [query]))


def by_thread(store: Store, account: str, ids: Sequence[str]) -> list[Target]:
    """The tickets whose customer's mail, or whose reply, the mail names; the nearest id first, then the newest."""
    keys = [as_key(one) for one in ids[:_REFS]]
    theirs = select(cases.c.id, cases.c.message_id.label("named")).where(cases.c.message_id.in_(keys))
    ours = select(cases.c.id, replies.c.message_id.label("named")).join_from(replies, cases)
    rank: dict[int, int] = {}
    with store.read() as conn:
        for query in (theirs, ours.where(replies.c.message_id.in_(keys))):
            for row in conn.execute(query.where(cases.c.account == account)):
                rank[row.id] = min(keys.index(row.named), rank.get(row.id, len(keys)))
        found = _targets(conn, "thread", list(rank))
    return sorted(found, key=lambda target: (rank[target.case_id], -target.case_id))


def by_writer(store: Store, account: str, recipients: Iterable[str], before: datetime) -> list[Target]:
    """The open tickets of these customers that came before, newest first."""
    keys = [as_key(one) for one in recipients]
    fitting = (cases.c.account == account, cases.c.state == "open", cases.c.received_at <= before)
    newest = cases.c.id.desc()
    wrote = select(cases.c.id).where(cases.c.customer.in_(keys), *fitting).order_by(newest)
    written_to = select(cases.c.id).join_from(replies, cases).where(replies.c.to_addr.in_(keys), *fitting)
    with store.read() as conn:
        queries = [wrote.limit(_LATEST), written_to.order_by(newest).limit(_LATEST)]
        return _targets(conn, "writer", _numbers(conn, queries))


def unsettled(store: Store) -> list[tuple[int, SentMail, Target]]:
    """Agents' mails that answer a ticket made only later, or one of another mailbox that the same mail came to:
    (number, mail, ticket)."""
    settled = exists().where(sent_answers.c.sent_id == sent_mails.c.id, sent_answers.c.case_id == cases.c.id)
    query = (
        select(sent_mails, cases.c.id.label("case_id"))
        .join_from(sent_refs, sent_mails, sent_refs.c.sent_id == sent_mails.c.id)
        .join(cases, cases.c.message_id == sent_refs.c.message_id)
        .where(sent_mails.c.kind == "agent", cases.c.state == "open")
        .where(~settled)
        .order_by(sent_mails.c.id)
        .limit(500)
    )
    with store.read() as conn:
        rows = conn.execute(query).all()
        numbers = {row.case_id for row in rows}
        targets = {one.case_id: one for one in _targets(conn, "thread", list(numbers))}
    return [(row.id, _sent(row), targets[row.case_id]) for row in rows if row.case_id in targets]


def _sent(row: Row[Any]) -> SentMail:
    plain = {name: getattr(row, name) for name in ("account", "folder", "uidvalidity", "uid", "known_by")}
    return SentMail(**plain, sent_at=row.sent_at, kind=row.kind, recipients=tuple(row.recipients))


def answered_already(case_message_id: ColumnElement[str]) -> ColumnElement[bool]:
    """True of a ticket that an agent's mail in Sent answers and that nobody has settled yet."""
    settled = exists().where(
        sent_answers.c.sent_id == sent_refs.c.sent_id, sent_answers.c.case_id == cases.c.id
    )
    return exists().where(sent_refs.c.message_id == case_message_id, ~settled.correlate(sent_refs, cases))


def _numbers(conn: Connection, queries: Iterable[Select[Any]]) -> list[int]:
    """One question for each index: databases use none for an OR across tables."""
    return sorted({int(number) for query in queries for number in conn.execute(query).scalars()})


def _targets(conn: Connection, how: How, numbers: Sequence[int]) -> list[Target]:
    """These tickets, newest first."""
    copy = mailbox_drafts.alias()
    newest = select(func.max(copy.c.id)).where(copy.c.case_id == cases.c.id).scalar_subquery()
    own = ("id", "mail_id", "customer", "thread", "subject", "received_at", "state")
    query: Select[Any] = (
        select(
            *(cases.c[name] for name in own),
            replies.c.id.label("reply_id"),
            replies.c.to_addr,
            func.coalesce(mailbox_drafts.c.text, replies.c.text).label("our_text"),
            mailbox_drafts.c.state.label("draft_state"),
            literal(how).label("how"),
        )
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .outerjoin(mailbox_drafts, mailbox_drafts.c.id == newest)
        .order_by(cases.c.id.desc())
    )
    return [
        _target(row)
        for part in chunks(sorted(numbers, reverse=True))
        for row in conn.execute(query.where(cases.c.id.in_(part))).all()
    ]


def _target(row: Row[Any]) -> Target:
    return Target(
        how=row.how,
        case_id=row.id,
        mail_id=row.mail_id,
        customer=row.customer,
        thread=row.thread,
        subject=row.subject,
        received_at=row.received_at,
        open=row.state == "open",
        addresses=frozenset(one for one in (row.customer, row.to_addr) if one),
        reply_id=row.reply_id,
        our_text=row.our_text,
        draft_state=row.draft_state,
    )

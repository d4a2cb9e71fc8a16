"""Drafts of ours that stand (or are about to stand) in the agents' own Drafts folder, a row for each copy.

planned → placed → edited | missing → …; the row is written before the mailbox is touched, and kept afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, exists, literal, select

from mailbot.edges.store import Store
from mailbot.edges.store.columns import Json
from mailbot.edges.store.mailbox_tables import mailbox_drafts as table
from mailbot.edges.store.moves import SERVICE, record
from mailbot.edges.store.replies import StoredReply, read_all, whole
from mailbot.edges.store.schema import cases, replies

DraftState = Literal[
    "planned", "placed", "edited", "missing", "leaving", "withdrawn", "sent", "refused", "left", "lost"
]
LIVE: tuple[DraftState, ...] = ("planned", "placed", "edited", "missing", "leaving")
_OWN = (
    *("id", "account", "case_id", "reply_id", "version", "token", "message_id", "text", "state", "folder"),
    *("uidvalidity", "floor", "uid", "planned_at", "missing_since"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxDraft:
    """One copy in Drafts, with what its reply and ticket are now. No UID below `floor` can be it; `uid` is None until
    it is known; `leaving`: we are taking it out."""

    id: int
    account: str
    case_id: int
    reply_id: int
    version: int
    token: str
    message_id: str
    text: str
    state: DraftState
    folder: str
    uidvalidity: int
    floor: int
    uid: int | None
    planned_at: datetime
    missing_since: datetime | None
    reply_state: str
    reply_version: int
    to_addr: str
    subject: str
    in_reply_to: str | None
    thread: str
    customer: str


def live(store: Store, account: str) -> list[MailboxDraft]:
    """The copies that are, or may be, in the account's Drafts, oldest first."""
    query: Select[Any] = (
        select(
            *(table.c[name] for name in _OWN),
            replies.c.state.label("reply_state"),
            replies.c.version.label("reply_version"),
            *(replies.c[name] for name in ("to_addr", "subject", "in_reply_to")),
            *(cases.c[name] for name in ("thread", "customer")),
        )
        .join_from(table, replies, replies.c.id == table.c.reply_id)
        .join(cases, cases.c.id == table.c.case_id)
        .where(table.c.account == account, table.c.state.in_(LIVE))
        .order_by(table.c.id)
    )
    with store.read() as conn:
        return [_draft(row) for row in conn.execute(query).all()]


def _draft(row: Row[Any]) -> MailboxDraft:
    names = (*_OWN, "reply_state", "reply_version", "to_addr", "subject", "in_reply_to", "thread", "customer")
    return MailboxDraft(**{name: getattr(row, name) for name in names})


def to_place(store: Store, account: str, limit: int = 100) -> list[StoredReply]:
    """Drafts that may be sent as they are and have no copy in the mailbox, oldest first; none of a thread in which an
    agent is at work on an earlier draft."""
    nothing = literal([], Json())
    here = exists().where(table.c.reply_id == replies.c.id, table.c.state.in_(LIVE))
    other = cases.alias()
    at_work = (
        exists()
        .where(table.c.account == cases.c.account, table.c.state.in_(("edited", "missing")))
        .where(table.c.case_id == other.c.id)
        .where(other.c.thread == cases.c.thread, other.c.customer == cases.c.customer)
    )
    query = (
        whole()
        .where(replies.c.state == "draft", replies.c.missing == nothing, replies.c.blocked == nothing)
        .where(cases.c.account == account, cases.c.state == "open", cases.c.superseded_by.is_(None))
        .where(~here.correlate(replies), ~at_work.correlate(cases))
        .order_by(replies.c.id)
        .limit(limit)
    )
    return read_all(store, query)


def in_the_mailbox(reply_id: ColumnElement[int]) -> ColumnElement[bool]:
    """True of a reply whose untouched draft an agent could still send from the mailbox."""
    return exists().where(table.c.reply_id == reply_id, table.c.state.in_(("planned", "placed", "leaving")))


def copies(store: Store, reply_id: int) -> int:
    """How many copies of a reply there have been."""
    with store.read() as conn:
        return len(conn.execute(select(table.c.id).where(table.c.reply_id == reply_id)).all())


def plan(
    store: Store,
    reply: StoredReply,
    *,
    token: str,
    message_id: str,
    folder: str,
    uidvalidity: int,
    floor: int,
    now: datetime,
) -> int | None:
    """Write down that this version is about to be put into the folder. None when it is a draft no longer, has been
    changed, or is there already."""
    with store.write() as conn:
        still = select(replies.c.id).where(
            replies.c.id == reply.id, replies.c.state == "draft", replies.c.version == reply.version
        )
        if conn.execute(still.with_for_update()).first() is None:
            return None
        there = select(table.c.id).where(table.c.reply_id == reply.id, table.c.state.in_(LIVE))
        if conn.execute(there).first() is not None:
            return None
        row = {
            "account": reply.case.account,
            "case_id": reply.case.id,
            "reply_id": reply.id,
            "version": reply.version,
            "token": token,
            "message_id": message_id,
            "text": reply.reply.text,
            "state": "planned",
            "folder": folder,
            "uidvalidity": uidvalidity,
            "floor": floor,
            "planned_at": now,
            "moved_at": now,
        }
        return int(conn.execute(table.insert().values(row).returning(table.c.id)).scalar_one())


def change(
    store: Store,
    draft: MailboxDraft,
    to: DraftState,
    now: datetime,
    *,
    told: str | None = None,
    actor: str = SERVICE,
    **values: Any,
) -> bool:
    """Move a copy from the state it was read in, and set `values` with it; `told` (French) is written into the ticket's
    story. False, and nothing is changed, when it was moved meanwhile."""
    same = (table.c.id == draft.id) & (table.c.state == draft.state)
    values |= {"reason": told} if told else {}
    with store.write() as conn:
        moved = (
            conn.execute(table.update().where(same).values(state=to, moved_at=now, **values)).rowcount == 1
        )
        if moved and told:
            record(conn, now, actor, draft.case_id, "messagerie", told)
        return moved


def sent(store: Store, case_id: int, now: datetime) -> None:
    """The ticket's copies whose text has just been sent: an edited one is the agent's mail program's to remove."""
    gone = (table.c.case_id == case_id) & table.c.state.in_(("edited", "missing"))
    with store.write() as conn:
        conn.execute(table.update().where(gone).values(state="sent", moved_at=now))


def counts(store: Store, account: str) -> dict[str, int]:
    """How many copies are in each live state."""
    found = dict.fromkeys(LIVE, 0)
    query = select(table.c.state).where(table.c.account == account, table.c.state.in_(LIVE))
    with store.read() as conn:
        for state in conn.execute(query).scalars():
            found[state] += 1
    return {str(state): number for state, number in found.items()}


def accounts_with(store: Store, accounts: Sequence[str]) -> set[str]:
    """Those of the accounts that have copies in their mailbox."""
    query = select(table.c.account).where(table.c.account.in_(accounts), table.c.state.in_(LIVE)).distinct()
    with store.read() as conn:
        return set(conn.execute(query).scalars())

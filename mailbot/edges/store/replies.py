"""Replies as people handle them: list, read, approve, refuse, edit. Sending is in outbox.py."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select

from mailbot.edges.store import Store, cases, deadlines, originals, overrides
from mailbot.edges.store import schema as tables
from mailbot.edges.store.conflicts import Impossible, NotSendable
from mailbot.edges.store.merging import require_apart
from mailbot.edges.store.moves import move
from mailbot.edges.store.reply_hold import locked, require, require_version, settle
from mailbot.model import Address, Enclosure, Reply, ReplyState

_REPLIES = tables.replies


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReply:
    """A reply with its ticket and clocks. `reply` is what would leave (or left); `actor` moved it last, at
    `moved_at`; `auto`: no human approved it; `reason` (French) says why it is refused, failed or back in
    draft. Times are UTC."""

    id: int
    case: cases.StoredCase
    deadlines: tuple[deadlines.StoredDeadline, ...]
    reply: Reply
    state: ReplyState
    auto: bool
    version: int
    edited: bool
    actor: str
    moved_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    send_after: datetime | None
    next_attempt_at: datetime | None
    attempts: int
    lease_until: datetime | None
    server_code: int | None
    server_text: str | None
    sent_at: datetime | None
    sent_copy_at: datetime | None
    reason: str | None


_PLAIN = (
    *(
        "id",
        "state",
        "auto",
        "version",
        "edited",
        "actor",
        "moved_at",
        "approved_by",
        "approved_at",
        "send_after",
    ),
    *(
        "next_attempt_at",
        "attempts",
        "lease_until",
        "server_code",
        "server_text",
        "sent_at",
        "sent_copy_at",
        "reason",
    ),
)


def whole() -> Select[Any]:
    """Replies with their cases' columns, labelled case_…; read the rows with `read_all`."""
    case_columns = [column.label(f"case_{column.name}") for column in tables.cases.c]
    # the reply's own case_id equals case_id of the case: one of both is enough
    own = [column for column in _REPLIES.c if column.name != "case_id"]
    return select(*own, *case_columns).join_from(_REPLIES, tables.cases)


def read_all(store: Store, query: Select[Any]) -> list[StoredReply]:
    """Run a query made from `whole` and attach the clocks."""
    with store.read() as conn:
        rows = conn.execute(query).all()
    clocks = deadlines.of_cases(store, [row.case_id for row in rows])
    return [_stored(row, clocks[row.case_id]) for row in rows]


def _stored(row: Row[Any], clocks: tuple[deadlines.StoredDeadline, ...]) -> StoredReply:
    reply = Reply(
        template=row.template,
        to=Address(name=row.to_name, addr=row.to_addr),
        subject=row.subject,
        text=row.text,
        html=row.html,
        message_id=row.message_id,
        in_reply_to=row.in_reply_to,
        references=tuple(row.refs),
        missing=tuple(row.missing),
        blocked=tuple(row.blocked),
        facts=row.facts,
        attachments=tuple(Enclosure(**one) for one in row.attachments or ()),
    )
    plain = {name: getattr(row, name) for name in _PLAIN}
    return StoredReply(case=cases.stored(row, "case_"), deadlines=clocks, reply=reply, **plain)


def list_drafts(
    store: Store,
    *,
    states: Sequence[ReplyState] = ("draft",),
    customer: str | None = None,
    limit: int = 200,
) -> list[StoredReply]:
    """Replies in these states, the soonest unmet clock first, then the oldest."""
    clocks = tables.deadlines
    soonest = (
        select(clocks.c.case_id, func.min(clocks.c.due_at).label("due_at"))
        .where(clocks.c.met_at.is_(None), clocks.c.duty)
        .group_by(clocks.c.case_id)
        .subquery()
    )
    query = (
        whole()
        .outerjoin(soonest, soonest.c.case_id == _REPLIES.c.case_id)
        .where(_REPLIES.c.state.in_(states))
    )
    if customer is not None:
        query = query.where(tables.cases.c.customer == customer)
    order = (soonest.c.due_at.is_(None), soonest.c.due_at, _REPLIES.c.id)
    return read_all(store, query.order_by(*order).limit(limit))


def get(store: Store, reply_id: int) -> StoredReply:
    """One reply. Raises Impossible (French) when there is none of this number."""
    found = read_all(store, whole().where(_REPLIES.c.id == reply_id))
    if not found:
        raise Impossible(f"la réponse {reply_id} n'existe pas.")
    return found[0]


def of_case(store: Store, case_id: int) -> StoredReply | None:
    """The reply of a ticket, or None."""
    found = read_all(store, whole().where(_REPLIES.c.case_id == case_id))
    return found[0] if found else None


def approve(
    store: Store,
    reply_id: int,
    actor: str,
    now: datetime,
    undo: timedelta,
    *,
    expected_version: int | None = None,
    despite: overrides.Despite | None = None,
) -> None:
    """A person has the reply sent after `undo`. `despite`: what the guards say of it today and what of that is passed
    over; None holds it to what they said when it was written. Raises AlreadyHandled, NotSendable or ChangedSince
    (French)."""
    with store.write() as conn:
        row = locked(conn, reply_id)
        require(row, ("draft", "failed"))
        require_version(row, expected_version)
        despite = despite or overrides.Despite(blocked=tuple(row.blocked))
        missing = [*row.missing, *_files_not_there(row)]
        if missing or despite.remaining:
            wrong = [f"il manque : {', '.join(missing)}."] if missing else []
            wrong += despite.remaining
            raise NotSendable(f"réponse {reply_id} : envoi impossible. {' '.join(wrong)}")
        overrides.keep(conn, reply_id, row.version, despite, actor, now)
        leave = now + undo
        moved = move(
            conn, reply_id, ["draft", "failed"], "approved", actor=actor, now=now, version=row.version, auto=False,
            approved_by=actor, approved_at=now, send_after=leave, next_attempt_at=leave, attempts=0, reason=None,
        )  # fmt: skip
        many = "s" if len(despite.blocked) > 1 else ""
        told = f" malgré {len(despite.blocked)} garde-fou{many} : {despite.reason}" if despite.blocked else ""
        settle(conn, moved, row, now, actor, "approuve", f"réponse approuvée (version {row.version}){told}")


def _files_not_there(row: Row[Any]) -> list[str]:
    """A rewritten text has no missing facts any more, but its file may still be missing."""
    if row.missing:
        return []
    return [f"fichier « {one['name'] or one['title']} »" for one in row.attachments or () if not one["size"]]


def take_back(store: Store, reply_id: int, actor: str, now: datetime) -> None:
    """A person stops an approved reply that has not begun to leave: it is a draft again. Raises
    AlreadyHandled."""
    with store.write() as conn:
        row = locked(conn, reply_id)
        require(row, ("approved",))
        moved = move(conn, reply_id, ["approved"], "draft", actor=actor, now=now, send_after=None)
        settle(
            conn,
            moved,
            row,
            now,
            actor,
            "envoi_annule",
            "envoi annulé, la réponse est de nouveau un brouillon",
        )


def refuse(store: Store, reply_id: int, actor: str, now: datetime, *, reason: str = "") -> None:
    """A person decides that this reply never leaves; the ticket's clocks run on. Raises AlreadyHandled."""
    states: tuple[ReplyState, ...] = ("draft", "approved", "failed", "uncertain")
    with store.write() as conn:
        row = locked(conn, reply_id)
        require(row, states)
        moved = move(conn, reply_id, states, "refused", actor=actor, now=now, reason=reason or None)
        settle(conn, moved, row, now, actor, "refuse", reason or "réponse refusée")


def redraft(store: Store, reply_id: int, actor: str, now: datetime) -> None:
    """A refused or failed reply becomes a draft again. Raises AlreadyHandled, Impossible for a merged ticket."""
    with store.write() as conn:
        row = locked(conn, reply_id)
        require(row, ("refused", "failed"))
        require_apart(conn, row.case_id)
        moved = move(conn, reply_id, ["refused", "failed"], "draft", actor=actor, now=now)
        settle(conn, moved, row, now, actor, "repris", "réponse reprise comme brouillon")


def edit(
    store: Store,
    reply_id: int,
    actor: str,
    *,
    text: str,
    subject: str,
    now: datetime,
    missing: Sequence[str] | None = None,
    blocked: Sequence[str] | None = None,
    expected_version: int | None = None,
) -> int:
    """A person rewrites a draft; returns the new version. The HTML part is dropped: it would say something
    else.

    `missing` and `blocked` are what the guards say of the new text; None keeps what was found before. Raises
    AlreadyHandled or ChangedSince (French)."""
    with store.write() as conn:
        row = locked(conn, reply_id)
        require(row, ("draft", "failed"))
        require_version(row, expected_version)
        values: dict[str, Any] = {"text": text, "subject": subject, "html": None, "edited": True}
        values |= {} if missing is None else {"missing": list(missing)}
        values |= {} if blocked is None else {"blocked": list(blocked)}
        if not row.edited:
            originals.keep(conn, reply_id)
        mine = (
            (_REPLIES.c.id == reply_id)
            & (_REPLIES.c.version == row.version)
            & (_REPLIES.c.state == row.state)
        )
        statement = (
            _REPLIES.update().where(mine).values(version=row.version + 1, actor=actor, moved_at=now, **values)
        )
        changed = conn.execute(statement).rowcount == 1
        settle(conn, changed, row, now, actor, "modifie", f"réponse modifiée (version {row.version + 1})")
        return int(row.version) + 1


def enclose(
    store: Store,
    reply_id: int,
    actor: str,
    attachments: Sequence[Enclosure],
    missing: Sequence[str],
    now: datetime,
) -> None:
    """A person changes which files go along with a draft. Raises AlreadyHandled (French)."""
    with store.write() as conn:
        row = locked(conn, reply_id)
        require(row, ("draft", "failed"))
        mine = (_REPLIES.c.id == reply_id) & (_REPLIES.c.version == row.version)
        values = {"attachments": [asdict(one) for one in attachments], "missing": list(missing)}
        done = conn.execute(
            _REPLIES.update().where(mine).values(version=row.version + 1, actor=actor, moved_at=now, **values)
        )
        names = ", ".join(one.name for one in attachments if one.size) or "aucune"
        settle(conn, done.rowcount == 1, row, now, actor, "pieces_jointes", f"pièces jointes : {names}")

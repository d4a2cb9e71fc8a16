"""Two cases that are one matter: one is merged into the other, which then answers both; and the way back.

The merged case is closed, its draft never leaves, its clocks run on with the case it was merged into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mailbot.edges.store import Store
from mailbot.edges.store.conflicts import AlreadyHandled, Impossible
from mailbot.edges.store.mailbox_tables import sent_answers
from mailbot.edges.store.merging_tables import merges as table
from mailbot.edges.store.moves import SERVICE, move, record
from mailbot.edges.store.schema import cases, deadlines, replies
from mailbot.edges.store.statements import chunks, one_at_a_time

_LONGEST_CHAIN = 50
_ON_ITS_WAY = ("approved", "sending", "uncertain")
_GONE = (*_ON_ITS_WAY, "sent")


class OtherCustomer(Impossible):
    """The two cases are of different customers: only a person who says so may merge them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Case `case_id` is merged into `into_case`; `confirmed`: a person said that two customers are one."""

    case_id: int
    into_case: int
    at: datetime
    actor: str
    confirmed: bool


def merge(
    store: Store, case_id: int, into: int, actor: str, now: datetime, *, confirmed: bool = False
) -> None:
    """Have case `into` answer `case_id` as well. Raises OtherCustomer unless `confirmed`, Impossible or AlreadyHandled
    (French) when an answer has left or is leaving, or one of the two already gave way."""
    if case_id == into:
        raise Impossible("un ticket ne se fusionne pas avec lui-même.")
    with store.write() as conn:
        of_case, its_reply = _locked(conn, (case_id, into))
        one, target = of_case[case_id], of_case[into]
        _can_take(target, its_reply.get(into), one)
        _can_go(one, its_reply.get(case_id))
        same = one.customer == target.customer != ""
        if not same and not confirmed:
            raise OtherCustomer(
                f"les tickets {case_id} ({one.customer or 'inconnu'}) et {into} ({target.customer or 'inconnu'}) ne "
                "sont pas du même client : confirmez que c'est la même affaire."
            )
        row = _written(conn, one, target, its_reply.get(case_id), actor, now, same=same)
        conn.execute(table.insert(), row)
        _retire(conn, its_reply.get(case_id), into, now)
        _renew(conn, its_reply.get(into), actor, now)
        _move_clocks(conn, case_id, into)
        record(conn, now, actor, case_id, "fusionne", f"fusionné dans le ticket {into}")
        told = "" if same else f" (autre adresse, confirmé : {one.customer})"
        record(conn, now, actor, into, "fusion", f"le ticket {case_id} est fusionné ici{told}")


def _locked(
    conn: Connection, numbers: Sequence[int]
) -> tuple[Mapping[int, Row[Any]], Mapping[int, Row[Any]]]:
    """The cases and their replies, by case; nobody else changes them until the end, nor takes a mail of these
    customers in. Replies are locked before cases, as everywhere."""
    known = conn.execute(select(cases.c.id, cases.c.customer).where(cases.c.id.in_(numbers))).all()
    for number in numbers:
        if number not in {row.id for row in known}:
            raise Impossible(f"le ticket {number} n'existe pas.")
    one_at_a_time(conn, {row.customer for row in known})
    both = replies.c.case_id.in_(numbers)
    conn.execute(select(replies.c.id).where(both).order_by(replies.c.id).with_for_update()).all()
    rows = conn.execute(
        select(cases).where(cases.c.id.in_(numbers)).order_by(cases.c.id).with_for_update()
    ).all()
    found = conn.execute(select(replies).where(both).order_by(replies.c.id).with_for_update()).all()
    return {row.id: row for row in rows}, {row.case_id: row for row in found}


def _can_take(target: Row[Any], reply: Row[Any] | None, one: Row[Any]) -> None:
    if target.account != one.account:
        raise Impossible("les deux tickets ne viennent pas du même compte de messagerie.")
    if target.superseded_by is not None:
        raise Impossible(
            f"le ticket {target.id} a lui-même laissé la place au ticket {target.superseded_by} : fusionnez dans "
            "celui-là."
        )
    if target.state != "open":
        raise Impossible(
            f"le ticket {target.id} est clos : rouvrez-le d'abord, ou fusionnez dans l'autre sens."
        )
    if reply is not None and reply.state == "sent":
        raise Impossible(
            f"la réponse du ticket {target.id} est déjà partie : fusionnez-le plutôt dans le ticket {one.id}."
        )
    if reply is not None and reply.state in _ON_ITS_WAY:
        raise _leaving(target, reply)


def _can_go(one: Row[Any], reply: Row[Any] | None) -> None:
    if one.superseded_by is not None:
        raise AlreadyHandled(f"le ticket {one.id} a déjà laissé la place au ticket {one.superseded_by}.")
    if reply is not None and reply.state in _ON_ITS_WAY:
        raise _leaving(one, reply)


def _leaving(one: Row[Any], reply: Row[Any]) -> AlreadyHandled:
    return AlreadyHandled(
        f"ticket {one.id} : la réponse approuvée par {reply.approved_by or reply.actor} part ou est peut-être partie. "
        "Annulez-la d'abord, ou attendez."
    )


def _written(
    conn: Connection, one: Row[Any], target: Row[Any], reply: Row[Any] | None, actor: str, now: datetime, *,
    same: bool,
) -> dict[str, Any]:  # fmt: skip
    """Put the case in its new place; returns the row that says how it was before."""
    followers = list(conn.execute(select(cases.c.id).where(cases.c.superseded_by == one.id)).scalars())
    moved: list[int] = []
    if same and one.thread != target.thread:
        thread = (cases.c.thread == one.thread, cases.c.account == one.account)
        moved = list(
            conn.execute(select(cases.c.id).where(*thread, cases.c.customer == one.customer)).scalars()
        )
        _set(conn, moved, thread=target.thread)
    _set(conn, [one.id, *followers], superseded_by=target.id)
    _set(conn, [one.id], state="closed")
    return {
        "case_id": one.id, "into_case": target.id, "at": now, "actor": actor, "confirmed": not same,
        "state_before": one.state, "thread_before": one.thread, "moved": moved, "followers": followers,
        "reply_before": reply.state if reply else None,
    }  # fmt: skip


def _set(conn: Connection, numbers: Sequence[int], **values: Any) -> None:
    for part in chunks(numbers):
        conn.execute(cases.update().where(cases.c.id.in_(part)).values(**values))


def _retire(conn: Connection, reply: Row[Any] | None, into: int, now: datetime) -> None:
    """One answer for both: the merged case's own never leaves. Its copy in the agents' Drafts is then taken out. It is
    retired, not thrown away: that says nothing against its template."""
    if reply is not None and reply.state in ("draft", "failed"):
        reason = f"fusionné dans le ticket {into}"
        move(conn, reply.id, ["draft", "failed"], "refused", actor=SERVICE, now=now, reason=reason)


def _renew(conn: Connection, reply: Row[Any] | None, actor: str, now: datetime) -> None:
    """Whoever read the other draft before has not read all it answers now: their approval must be refused."""
    if reply is not None and reply.state in ("draft", "failed", "refused"):
        values: dict[str, Any] = {"version": reply.version + 1}
        if reply.state != "refused":  # whoever threw it away did
            values |= {"actor": actor, "moved_at": now}
        conn.execute(replies.update().where(replies.c.id == reply.id).values(**values))


def _move_clocks(conn: Connection, case_id: int, into: int) -> None:
    """Every clock of the case, met or not, goes along; each remembers whose it is."""
    mine = deadlines.c.case_id == case_id
    conn.execute(deadlines.update().where(mine & deadlines.c.of_case.is_(None)).values(of_case=case_id))
    conn.execute(deadlines.update().where(mine).values(case_id=into))


def unmerge(store: Store, case_id: int, actor: str, now: datetime) -> int:
    """Take a merge back: the case has its place, clocks and draft again. Returns the case it was merged into. Raises
    Impossible when it is not merged, AlreadyHandled when the common answer has left or is leaving (French)."""
    with store.write() as conn:
        known = _active(conn, [case_id]).get(case_id)
        if known is None:
            raise Impossible(f"le ticket {case_id} n'est pas fusionné.")
        head = conn.execute(select(cases.c.superseded_by).where(cases.c.id == case_id)).scalar_one()
        of_case, its_reply = _locked(conn, sorted({case_id, known.into_case, head or known.into_case}))
        open_still = (table.c.id == known.id) & table.c.ended_at.is_(None)
        ended = conn.execute(table.update().where(open_still).values(ended_at=now, ended_by=actor))
        if ended.rowcount != 1:
            raise AlreadyHandled(f"ticket {case_id} : quelqu'un d'autre vient de le séparer.")
        for number in (known.into_case, head):
            answer = its_reply.get(number)
            if answer is not None and answer.state in _GONE:
                raise AlreadyHandled(
                    f"ticket {case_id} : la réponse commune (ticket {number}) est partie ou part, il ne se sépare plus."
                )
        if _answered_by_hand(conn, known):
            raise AlreadyHandled(
                f"ticket {case_id} : un agent y a répondu depuis sa messagerie après la fusion, il ne se sépare plus."
            )
        _put_back(conn, known, of_case[case_id].superseded_by)
        _revive(conn, its_reply.get(case_id), known, actor, now)
        _renew(conn, its_reply.get(known.into_case), actor, now)
        record(conn, now, actor, case_id, "separe", f"séparé du ticket {known.into_case}")
        record(
            conn, now, actor, known.into_case, "separation", f"le ticket {case_id} en est de nouveau séparé"
        )
        return int(known.into_case)


def _answered_by_hand(conn: Connection, known: Row[Any]) -> bool:
    """Whether an agent's own mail has answered the case since it was merged: to it, or to the one it is in."""
    answers = sent_answers.c.case_id == known.case_id
    since = select(sent_answers.c.sent_id).where(
        answers, sent_answers.c.answered, sent_answers.c.at >= known.at
    )
    return conn.execute(since).first() is not None


def _put_back(conn: Connection, known: Row[Any], head: int | None) -> None:
    """Thread, place and clocks as they were; what has come since stays where it is."""
    number = known.case_id
    _set(conn, list(known.moved), thread=known.thread_before)
    _set(conn, [number], superseded_by=None, state=known.state_before)
    still = select(cases.c.id).where(cases.c.id.in_(known.followers), cases.c.superseded_by == head)
    _set(conn, list(conn.execute(still).scalars()), superseded_by=number)
    inside = [number, *_all_inside(conn, number)]
    for part in chunks(inside):
        conn.execute(deadlines.update().where(deadlines.c.of_case.in_(part)).values(case_id=number))
    own = (deadlines.c.of_case == number) & (deadlines.c.case_id == number)
    conn.execute(deadlines.update().where(own).values(of_case=None))


def _all_inside(conn: Connection, number: int) -> list[int]:
    """The cases that were merged into this one, and into those."""
    found: list[int] = []
    front = [number]
    while front:
        inner = select(table.c.case_id).where(table.c.into_case.in_(front), table.c.ended_at.is_(None))
        front = [one for one in conn.execute(inner).scalars() if one not in found]
        found += front
    return found


def _revive(conn: Connection, reply: Row[Any] | None, known: Row[Any], actor: str, now: datetime) -> None:
    if reply is not None and reply.state == "refused" and known.reply_before in ("draft", "failed"):
        values: dict[str, Any] = {"reason": None, "send_after": None}
        move(conn, reply.id, ["refused"], "draft", actor=actor, now=now, **values)


def _active(conn: Connection, numbers: Sequence[int]) -> dict[int, Row[Any]]:
    """The merges that hold for these cases, by case."""
    query = select(table).where(table.c.case_id.in_(numbers), table.c.ended_at.is_(None))
    return {row.case_id: row for row in conn.execute(query)}


def require_apart(conn: Connection, case_id: int) -> None:
    """Raises Impossible (French) for a case that is merged into another: it has no answer of its own any more. Call it
    once the case or its reply is locked."""
    known = _active(conn, [case_id]).get(case_id)
    if known is not None:
        raise Impossible(
            f"le ticket {case_id} est fusionné dans le ticket {known.into_case} : répondez là, ou séparez-les "
            "d'abord."
        )


def require_alone(conn: Connection, case_id: int) -> None:
    """Raises Impossible (French) for a case that is merged into another, or that answers for others."""
    require_apart(conn, case_id)
    if inner := _all_inside(conn, case_id):
        numbers = ", ".join(map(str, sorted(inner)))
        raise Impossible(f"le ticket {case_id} répond aussi pour d'autres ({numbers}) : séparez-les d'abord.")


def head_of(conn: Connection, case_id: int) -> int:
    """The case that answers for this one: itself, or the one it is (in the end) merged into."""
    for _ in range(_LONGEST_CHAIN):
        known = _active(conn, [case_id]).get(case_id)
        if known is None:
            break
        case_id = known.into_case
    return case_id


def of_case(store: Store, case_id: int) -> Merged | None:
    """Where this case is merged into, or None."""
    with store.read() as conn:
        row = _active(conn, [case_id]).get(case_id)
    return None if row is None else _merged(row)


def inside(store: Store, case_id: int) -> list[Merged]:
    """The cases merged into this one, and into those, oldest first."""
    with store.read() as conn:
        found = _active(conn, _all_inside(conn, case_id))
    return [_merged(found[number]) for number in sorted(found)]


def _merged(row: Row[Any]) -> Merged:
    return Merged(
        case_id=row.case_id, into_case=row.into_case, at=row.at, actor=row.actor, confirmed=row.confirmed
    )

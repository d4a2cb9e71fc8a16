"""Second approvals: who asked whom to look at which version of a reply, and what was said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from mailbot.edges.store import Store
from mailbot.edges.store.conflicts import AlreadyHandled, Impossible
from mailbot.edges.store.desk_tables import second_opinions as table
from mailbot.edges.store.moves import record


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One request. `granted` is None while nobody has answered."""

    id: int
    case_id: int
    reply_id: int
    version: int
    asked_by: str
    asked_at: datetime
    question: str
    given_by: str | None
    given_at: datetime | None
    granted: bool | None


def ask(
    store: Store, case_id: int, reply_id: int, version: int, actor: str, question: str, now: datetime
) -> None:
    """Ask for a second approval of this version; an earlier request that is still open gives way."""
    with store.write() as conn:
        waiting = (table.c.case_id == case_id) & table.c.granted.is_(None)
        conn.execute(table.delete().where(waiting))
        row = {"case_id": case_id, "reply_id": reply_id, "version": version, "asked_by": actor}
        conn.execute(table.insert(), {**row, "asked_at": now, "question": question})
        record(conn, now, actor, case_id, "accord_demande", question or "accord d'un collègue demandé")


def answer(store: Store, opinion_id: int, actor: str, now: datetime, *, granted: bool) -> Opinion:
    """Agree or not. Raises Impossible for one's own request, AlreadyHandled when somebody answered (French)."""
    with store.write() as conn:
        row = conn.execute(select(table).where(table.c.id == opinion_id).with_for_update()).first()
        if row is None:
            raise Impossible("cette demande d'accord n'existe plus.")
        if row.asked_by == actor:
            raise Impossible("une autre personne que vous doit donner son accord.")
        if row.granted is not None:
            raise AlreadyHandled(f"{row.given_by} a déjà répondu à cette demande d'accord.")
        given = {"granted": granted, "given_by": actor, "given_at": now}
        conn.execute(table.update().where(table.c.id == opinion_id).values(**given))
        kind = "accord_donne" if granted else "accord_refuse"
        record(conn, now, actor, row.case_id, kind, "accord donné" if granted else "accord refusé")
        return _stored(conn.execute(select(table).where(table.c.id == opinion_id)).one())


def of_case(store: Store, case_id: int) -> Opinion | None:
    """The newest request of a case, or None."""
    query = select(table).where(table.c.case_id == case_id).order_by(table.c.id.desc()).limit(1)
    with store.read() as conn:
        row = conn.execute(query).first()
    return None if row is None else _stored(row)


def _stored(row: Row[Any]) -> Opinion:
    return Opinion(
        id=row.id,
        case_id=row.case_id,
        reply_id=row.reply_id,
        version=row.version,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        question=row.question,
        given_by=row.given_by,
        given_at=row.given_at,
        granted=row.granted,
    )

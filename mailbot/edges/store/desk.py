"""Who is on a case, what waits for the customer, internal notes: what agents do besides answering."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from mailbot.edges.store import Store
from mailbot.edges.store.conflicts import AlreadyHandled, Impossible
from mailbot.edges.store.desk_tables import desk_cases, notes, viewers
from mailbot.edges.store.moves import record
from mailbot.edges.store.schema import cases, events
from mailbot.edges.store.statements import chunks, insert

PRESENT = timedelta(seconds=30)  # a view without JavaScript is seen for as long, a live page renews it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What agents have said of a case: who has taken it since when, and whether it waits for the customer."""

    holder: str | None = None
    held_at: datetime | None = None
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """An internal note; customers never see it."""

    at: datetime
    actor: str
    text: str


def hold(store: Store, case_id: int) -> Hold:
    """What agents have said of this case."""
    with store.read() as conn:
        row = conn.execute(select(desk_cases).where(desk_cases.c.case_id == case_id)).first()
    if row is None:
        return Hold()
    return Hold(holder=row.holder, held_at=row.held_at, waiting_since=row.waiting_since)


def take(store: Store, case_id: int, person: str, now: datetime, *, over: bool = False) -> None:
    """This person is on the case; `over` takes it from whoever has it. Raises AlreadyHandled (French)."""
    with store.write() as conn:
        _known(conn, case_id, now)
        free = desk_cases.c.holder.is_(None) | (desk_cases.c.holder == person)
        mine = (desk_cases.c.case_id == case_id) & (True if over else free)
        values = {"holder": person, "held_at": now, "changed_at": now}
        if conn.execute(desk_cases.update().where(mine).values(**values)).rowcount != 1:
            holder = conn.execute(select(desk_cases.c.holder).where(desk_cases.c.case_id == case_id)).scalar()
            raise AlreadyHandled(f"ticket {case_id} : {holder} s'en occupe déjà.")
        record(conn, now, person, case_id, "pris", f"pris par {person}")


def release(store: Store, case_id: int, person: str, now: datetime) -> None:
    """Nobody is on the case any more, if this person was; otherwise nothing changes."""
    with store.write() as conn:
        mine = (desk_cases.c.case_id == case_id) & (desk_cases.c.holder == person)
        values = {"holder": None, "held_at": None, "changed_at": now}
        if conn.execute(desk_cases.update().where(mine).values(**values)).rowcount:
            record(conn, now, person, case_id, "rendu", f"rendu par {person}")


def assign(store: Store, case_id: int, to: str, actor: str, now: datetime) -> None:
    """Hand the case to somebody."""
    with store.write() as conn:
        _known(conn, case_id, now)
        values = {"holder": to, "held_at": now, "changed_at": now}
        conn.execute(desk_cases.update().where(desk_cases.c.case_id == case_id).values(**values))
        record(conn, now, actor, case_id, "confie", f"confié à {to}")


def wait(store: Store, case_id: int, actor: str, now: datetime, *, waiting: bool) -> None:
    """The next step is the customer's (or, with False, ours again). The clocks run on."""
    with store.write() as conn:
        _known(conn, case_id, now)
        values = {"waiting_since": now if waiting else None, "changed_at": now}
        conn.execute(desk_cases.update().where(desk_cases.c.case_id == case_id).values(**values))
        said = "en attente du client" if waiting else "remis dans la file"
        record(conn, now, actor, case_id, "attente" if waiting else "reprise", said)


def _known(conn: Connection, case_id: int, now: datetime) -> None:
    if conn.execute(select(cases.c.id).where(cases.c.id == case_id)).first() is None:
        raise Impossible(f"le ticket {case_id} n'existe pas.")
    row = {"case_id": case_id, "changed_at": now}
    conn.execute(insert(conn, desk_cases).on_conflict_do_nothing(index_elements=["case_id"]), row)


def look(store: Store, case_id: int, person: str, now: datetime) -> None:
    """This person has the case on the screen."""
    with store.write() as conn:
        row = {"case_id": case_id, "person": person, "seen_at": now}
        seen = insert(conn, viewers).values(row)
        conn.execute(seen.on_conflict_do_update(index_elements=["case_id", "person"], set_={"seen_at": now}))
        conn.execute(viewers.delete().where(viewers.c.seen_at < now - timedelta(hours=1)))


def leave(store: Store, case_id: int, person: str) -> None:
    """This person has the case on the screen no longer."""
    gone = (viewers.c.case_id == case_id) & (viewers.c.person == person)
    with store.write() as conn:
        conn.execute(viewers.delete().where(gone))


def present(store: Store, case_ids: Sequence[int], now: datetime) -> dict[int, tuple[str, ...]]:
    """Who has these cases on the screen, by case; cases nobody looks at are absent."""
    found: dict[int, list[str]] = {}
    with store.read() as conn:
        for part in chunks(case_ids):
            fresh = (viewers.c.case_id.in_(part), viewers.c.seen_at > now - PRESENT)
            for row in conn.execute(select(viewers).where(*fresh).order_by(viewers.c.person)):
                found.setdefault(row.case_id, []).append(row.person)
    return {number: tuple(names) for number, names in found.items()}


def note(store: Store, case_id: int, actor: str, text: str, now: datetime) -> None:
    """Write an internal note. Raises Impossible (French) when it is empty."""
    if not text.strip():
        raise Impossible("la note est vide.")
    with store.write() as conn:
        _known(conn, case_id, now)
        row = {"case_id": case_id, "at": now, "actor": actor, "text": text.strip()}
        conn.execute(notes.insert(), row)
        record(conn, now, actor, case_id, "note", "note interne")


def notes_of(store: Store, case_id: int) -> list[Note]:
    """The internal notes of a case, oldest first."""
    query = select(notes).where(notes.c.case_id == case_id).order_by(notes.c.id)
    with store.read() as conn:
        return [Note(row.at, row.actor, row.text) for row in conn.execute(query)]


def pulse(store: Store, now: datetime) -> dict[str, Any]:
    """Numbers that change when something happens that a page shows: new cases, acts, who is on what."""
    with store.read() as conn:
        changed = conn.execute(select(func.max(desk_cases.c.changed_at))).scalar()
        looking = select(viewers.c.case_id, viewers.c.person).where(viewers.c.seen_at > now - PRESENT)
        return {
            "cases": conn.execute(select(func.max(cases.c.id))).scalar() or 0,
            "events": conn.execute(select(func.max(events.c.id))).scalar() or 0,
            "desk": changed.isoformat() if changed else "",
            "viewers": sorted([row.case_id, row.person] for row in conn.execute(looking)),
        }

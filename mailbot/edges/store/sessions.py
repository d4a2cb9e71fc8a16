"""Sessions of the page, and the brake on guessing passwords. Only digests of the cookies are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from mailbot.edges.store import Store, people
from mailbot.edges.store.people import Person, name_key
from mailbot.edges.store.people_tables import login_failures, sessions
from mailbot.edges.store.people_tables import people as table

_NOTED_EVERY = timedelta(minutes=1)  # a view must not always be a write
_KEPT = timedelta(days=30)  # ended sessions are of no use after that
WINDOW = timedelta(minutes=15)
MOST_PER_NAME, MOST_PER_ADDRESS = 5, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser of a person. Times are UTC."""

    id: int
    person: Person
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    browser: str
    address: str


def begin(
    store: Store, person_id: int, digest: str, now: datetime, life: timedelta, *, browser: str, address: str
) -> None:
    """A person has come in."""
    row = {
        "digest": digest,
        "person_id": person_id,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + life,
        "browser": browser[:200],
        "address": address,
    }
    with store.write() as conn:
        conn.execute(sessions.delete().where(sessions.c.expires_at < now - _KEPT))
        conn.execute(sessions.insert(), row)


def find(store: Store, digest: str, now: datetime, idle: timedelta, *, noted: bool = True) -> Session | None:
    """The running session of a cookie; None when it has ended, is too old, or was idle too long. `noted`: somebody does
    something with it, which keeps it from growing idle."""
    alive = (
        sessions.c.digest == digest,
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > now,
        sessions.c.seen_at > now - idle,
        table.c.disabled_at.is_(None),
    )
    own = [column.label(f"session_{column.name}") for column in sessions.c]
    with store.read() as conn:
        row = conn.execute(select(table, *own).join(sessions).where(*alive)).first()
    if row is None:
        return None
    if noted and now - row.session_seen_at > _NOTED_EVERY:
        with store.write() as conn:
            conn.execute(sessions.update().where(sessions.c.id == row.session_id).values(seen_at=now))
    return Session(
        id=row.session_id,
        person=people.stored(row),
        created_at=row.session_created_at,
        seen_at=row.session_seen_at,
        expires_at=row.session_expires_at,
        browser=row.session_browser,
        address=row.session_address,
    )


def of_person(store: Store, person: Person, now: datetime) -> list[Session]:
    """The running sessions of a person, the newest first."""
    mine = (sessions.c.person_id == person.id, sessions.c.ended_at.is_(None), sessions.c.expires_at > now)
    with store.read() as conn:
        rows = conn.execute(select(sessions).where(*mine).order_by(sessions.c.seen_at.desc())).all()
    return [
        Session(
            id=row.id,
            person=person,
            created_at=row.created_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            browser=row.browser,
            address=row.address,
        )
        for row in rows
    ]


def end(store: Store, session_id: int, person_id: int, now: datetime) -> bool:
    """End one session of a person; False when it is not theirs or has ended."""
    mine = (sessions.c.id == session_id, sessions.c.person_id == person_id, sessions.c.ended_at.is_(None))
    with store.write() as conn:
        return conn.execute(sessions.update().where(*mine).values(ended_at=now)).rowcount == 1


def end_others(store: Store, person_id: int, now: datetime, *, kept: int | None = None) -> int:
    """End all sessions of a person but `kept`; returns how many."""
    mine = (sessions.c.person_id == person_id, sessions.c.ended_at.is_(None), sessions.c.id != (kept or 0))
    with store.write() as conn:
        return conn.execute(sessions.update().where(*mine).values(ended_at=now)).rowcount


def failed(store: Store, name: str, address: str, now: datetime) -> None:
    """Somebody tried a wrong password or code."""
    with store.write() as conn:
        conn.execute(login_failures.delete().where(login_failures.c.at < now - WINDOW))
        row = {"at": now, "name_key": name_key(name), "address": address}
        conn.execute(login_failures.insert(), row)


def must_wait(store: Store, name: str, address: str, now: datetime) -> bool:
    """True after too many failures for this name, or from this address, within WINDOW."""
    recent = select(func.count()).select_from(login_failures).where(login_failures.c.at > now - WINDOW)
    with store.read() as conn:
        of_name = conn.execute(recent.where(login_failures.c.name_key == name_key(name))).scalar_one()
        of_address = conn.execute(recent.where(login_failures.c.address == address)).scalar_one()
    return of_name >= MOST_PER_NAME or of_address >= MOST_PER_ADDRESS


def succeeded(store: Store, name: str, now: datetime) -> None:
    """The person is known again: their failures are forgotten."""
    old = login_failures.c.at < now - WINDOW
    with store.write() as conn:
        conn.execute(login_failures.delete().where(old | (login_failures.c.name_key == name_key(name))))

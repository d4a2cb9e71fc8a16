"""The agents' accounts: who may come in, in which role, and to which mail accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select

from mailbot.edges.store import Store
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.people_tables import invitations, people, recovery_codes, sessions

Role = Literal["agent", "lead", "admin"]
RANKS: dict[str, int] = {"agent": 1, "lead": 2, "admin": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An agent. `accounts`: the mail accounts whose cases they may see, None for all. `password` is a hash, None until
    the invitation was used; `totp_secret` in base32, None when there is no second factor."""

    id: int
    name: str
    role: Role
    accounts: tuple[str, ...] | None
    password: str | None
    totp_secret: str | None
    created_at: datetime
    disabled_at: datetime | None

    def may(self, role: Role) -> bool:
        """True when this person's role is that one or a higher one."""
        return RANKS[self.role] >= RANKS[role]

    def sees(self, account: str) -> bool:
        """True when this person may see the cases of this mail account."""
        return self.accounts is None or account in self.accounts


def name_key(name: str) -> str:
    """What two spellings of one name share."""
    return " ".join(name.split()).casefold()


def stored(row: Row[Any]) -> Person:
    """A row that has the columns of `people` as a value."""
    at = row._mapping
    return Person(
        id=at["id"],
        name=at["name"],
        role=at["role"],
        accounts=None if at["accounts"] is None else tuple(at["accounts"]),
        password=at["password"],
        totp_secret=at["totp_secret"],
        created_at=at["created_at"],
        disabled_at=at["disabled_at"],
    )


def add(
    store: Store, name: str, role: Role, now: datetime, *, accounts: Sequence[str] | None = None
) -> Person:
    """A new account, without password: see `invite`. Raises Impossible (French) when the name is taken or empty."""
    shown, key = " ".join(name.split()), name_key(name)
    if not shown:
        raise Impossible("un nom est attendu.")
    with store.write() as conn:
        if conn.execute(select(people.c.id).where(people.c.name_key == key)).first() is not None:
            raise Impossible(f"le nom « {shown} » est déjà pris.")
        chosen = None if accounts is None else list(accounts)
        values = {"name": shown, "name_key": key, "role": role, "accounts": chosen, "created_at": now}
        conn.execute(people.insert(), values)
    return named(store, shown)


def everybody(store: Store) -> list[Person]:
    """All accounts, by name."""
    with store.read() as conn:
        return [stored(row) for row in conn.execute(select(people).order_by(people.c.name_key))]


def anybody(store: Store) -> bool:
    """True when somebody has a password, so that somebody can come in."""
    with store.read() as conn:
        query = select(people.c.id).where(people.c.password.is_not(None), people.c.disabled_at.is_(None))
        return conn.execute(query.limit(1)).first() is not None


def find(store: Store, name: str) -> Person | None:
    """The account of this name, however it is spelt, or None."""
    with store.read() as conn:
        row = conn.execute(select(people).where(people.c.name_key == name_key(name))).first()
    return None if row is None else stored(row)


def named(store: Store, name: str) -> Person:
    """The account of this name. Raises Impossible (French)."""
    if (person := find(store, name)) is None:
        raise Impossible(f"personne ne s'appelle « {name} ».")
    return person


def get(store: Store, person_id: int) -> Person:
    """One account. Raises Impossible (French)."""
    with store.read() as conn:
        row = conn.execute(select(people).where(people.c.id == person_id)).first()
    if row is None:
        raise Impossible(f"le compte n° {person_id} n'existe pas.")
    return stored(row)


def change(store: Store, person_id: int, role: Role, accounts: Sequence[str] | None) -> None:
    """Another role, other mail accounts. The last admin stays one: raises Impossible (French)."""
    with store.write() as conn:
        if role != "admin":
            _require_other_admin(conn, person_id)
        chosen = None if accounts is None else list(accounts)
        conn.execute(people.update().where(people.c.id == person_id).values(role=role, accounts=chosen))


def disable(store: Store, person_id: int, now: datetime) -> None:
    """Nobody comes in by this account any more; its sessions end. Raises Impossible (French) for the last admin."""
    with store.write() as conn:
        _require_other_admin(conn, person_id)
        conn.execute(people.update().where(people.c.id == person_id).values(disabled_at=now))
        mine = (sessions.c.person_id == person_id) & sessions.c.ended_at.is_(None)
        conn.execute(sessions.update().where(mine).values(ended_at=now))


def enable(store: Store, person_id: int) -> None:
    """The account may be used again."""
    with store.write() as conn:
        conn.execute(people.update().where(people.c.id == person_id).values(disabled_at=None))


def _require_other_admin(conn: Connection, person_id: int) -> None:
    able = (people.c.role == "admin", people.c.disabled_at.is_(None), people.c.id != person_id)
    own = select(people.c.role).where(people.c.id == person_id)
    others = conn.execute(select(func.count()).select_from(people).where(*able)).scalar_one()
    if conn.execute(own).scalar() == "admin" and not others:
        raise Impossible("c'est le dernier administrateur : nommez-en un autre d'abord.")


def invite(store: Store, person_id: int, digest: str, expires_at: datetime) -> None:
    """A one-time link to choose a password; earlier links of this person no longer work."""
    with store.write() as conn:
        conn.execute(invitations.delete().where(invitations.c.person_id == person_id))
        row = {"digest": digest, "person_id": person_id, "expires_at": expires_at}
        conn.execute(invitations.insert(), row)


def invited(store: Store, digest: str, now: datetime) -> Person:
    """Whose link this is. Raises Impossible (French) when it was used or is too old."""
    query = select(people).join(invitations, invitations.c.person_id == people.c.id)
    fresh = (invitations.c.digest == digest, invitations.c.used_at.is_(None), invitations.c.expires_at > now)
    with store.read() as conn:
        row = conn.execute(query.where(*fresh, people.c.disabled_at.is_(None))).first()
    if row is None:
        raise Impossible(
            "ce lien a déjà servi ou n'est plus valable. Demandez-en un autre à un administrateur."
        )
    return stored(row)


def accept(store: Store, digest: str, password: str, now: datetime) -> Person:
    """The link is used: the person has a password, and no second factor until they set one up again."""
    person = invited(store, digest, now)
    with store.write() as conn:
        unused = (invitations.c.digest == digest) & invitations.c.used_at.is_(None)
        if conn.execute(invitations.update().where(unused).values(used_at=now)).rowcount != 1:
            raise Impossible("ce lien vient de servir.")
        fresh = {"password": password, "totp_secret": None, "totp_step": None}
        conn.execute(people.update().where(people.c.id == person.id).values(**fresh))
        conn.execute(recovery_codes.delete().where(recovery_codes.c.person_id == person.id))
        mine = (sessions.c.person_id == person.id) & sessions.c.ended_at.is_(None)
        conn.execute(sessions.update().where(mine).values(ended_at=now))
    return person


def set_password(store: Store, person_id: int, password: str) -> None:
    """Another password (its hash)."""
    with store.write() as conn:
        conn.execute(people.update().where(people.c.id == person_id).values(password=password))


def set_second_factor(store: Store, person_id: int, secret: str | None, codes: Sequence[str]) -> None:
    """Codes of a telephone are asked for from now on (None: no longer); `codes` are digests of recovery codes."""
    with store.write() as conn:
        values = {"totp_secret": secret, "totp_step": None}
        conn.execute(people.update().where(people.c.id == person_id).values(**values))
        conn.execute(recovery_codes.delete().where(recovery_codes.c.person_id == person_id))
        if codes:
            conn.execute(
                recovery_codes.insert(), [{"digest": code, "person_id": person_id} for code in codes]
            )


def use_step(store: Store, person_id: int, step: int) -> bool:
    """A code of a telephone serves once: False when this one, or a later one, was used before."""
    later = people.c.totp_step.is_(None) | (people.c.totp_step < step)
    with store.write() as conn:
        statement = people.update().where(people.c.id == person_id, later).values(totp_step=step)
        return conn.execute(statement).rowcount == 1


def use_recovery_code(store: Store, person_id: int, digest: str, now: datetime) -> bool:
    """A recovery code serves once: False when it is unknown or was used."""
    unused = (
        recovery_codes.c.person_id == person_id,
        recovery_codes.c.digest == digest,
        recovery_codes.c.used_at.is_(None),
    )
    with store.write() as conn:
        return conn.execute(recovery_codes.update().where(*unused).values(used_at=now)).rowcount == 1


def recovery_codes_left(store: Store, person_id: int) -> int:
    """How many recovery codes were not used."""
    unused = (recovery_codes.c.person_id == person_id, recovery_codes.c.used_at.is_(None))
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(recovery_codes).where(*unused)).scalar_one()

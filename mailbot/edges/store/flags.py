"""Addresses that send our mail back: nothing leaves alone to them until a person says that they are good again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mailbot.edges.store import Store
from mailbot.edges.store.columns import as_key
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.mailbox_tables import flagged_addresses as table
from mailbot.edges.store.moves import record
from mailbot.edges.store.statements import chunks, insert


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """An address with the ticket whose reply came back last, since when, and why (French)."""

    address: str
    case_id: int
    flagged_at: datetime
    reason: str


def flag(conn: Connection, address: str, case_id: int, reason: str, now: datetime) -> None:
    """Mark an address; the latest reason stands. Nothing for an address that nobody knows."""
    if not address:
        return
    values = {"address": address.lower(), "case_id": case_id, "flagged_at": now, "reason": reason}
    statement = insert(conn, table).values(values)
    conn.execute(statement.on_conflict_do_update(index_elements=["address"], set_=values))


def flags(store: Store, addresses: Iterable[str] | None = None) -> dict[str, Flag]:
    """The marked ones among these addresses (None: all), by address as given."""
    if addresses is None:
        with store.read() as conn:
            rows = conn.execute(select(table).order_by(table.c.flagged_at)).mappings().all()
        return {row["address"]: Flag(**row) for row in rows}
    wanted = {as_key(one): one for one in addresses if one}
    found: dict[str, Flag] = {}
    with store.read() as conn:
        for part in chunks(sorted(wanted)):
            rows = conn.execute(select(table).where(table.c.address.in_(part))).mappings().all()
            found.update((wanted[row["address"]], Flag(**row)) for row in rows)
    return found


def lift(store: Store, address: str, actor: str, now: datetime) -> None:
    """A person says that the address is good. Raises Impossible (French) when it is not marked."""
    with store.write() as conn:
        gone = table.delete().where(table.c.address == address.lower()).returning(table.c.case_id)
        case_id = conn.execute(gone).scalar()
        if case_id is None:
            raise Impossible(f"l'adresse {address} n'est pas signalée.")
        record(conn, now, actor, case_id, "adresse_bonne", f"l'adresse {address} est de nouveau bonne")

"""What agents corrected, kept to learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from mailbot.edges.store import Store
from mailbot.edges.store.learning_tables import corrections
from mailbot.edges.store.statements import chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a mail was taken for and what it is. Intents primary first; `remedy` None: nothing precise; `used`: it was
    written among the examples. `id` is 0 until it is stored."""

    case_id: int
    at: datetime
    actor: str
    intents_before: tuple[str, ...]
    intents: tuple[str, ...]
    remedy_before: str | None
    remedy: str | None
    order_before: str | None
    order_id: str | None
    customer_name: str
    subject: str
    text: str
    used: bool = False
    id: int = 0


def record(conn: Connection, correction: Correction) -> None:
    """Keep one correction, within the caller's transaction."""
    names = (name for name in Correction.__dataclass_fields__ if name != "id")
    row = {name: getattr(correction, name) for name in names}
    row |= {"intents_before": list(correction.intents_before), "intents": list(correction.intents)}
    conn.execute(corrections.insert(), row)


def list_corrections(store: Store, *, unused: bool = False) -> list[Correction]:
    """The last correction of each ticket, oldest first; `unused`: only those not among the examples yet."""
    last = select(func.max(corrections.c.id)).group_by(corrections.c.case_id)
    query = select(corrections).where(corrections.c.id.in_(last)).order_by(corrections.c.id)
    if unused:
        query = query.where(corrections.c.used.is_(False))
    with store.read() as conn:
        rows = conn.execute(query).mappings().all()
    return [_value(dict(row)) for row in rows]


def of_case(store: Store, case_id: int) -> list[Correction]:
    """All corrections of a ticket, oldest first."""
    query = select(corrections).where(corrections.c.case_id == case_id).order_by(corrections.c.id)
    with store.read() as conn:
        rows = conn.execute(query).mappings().all()
    return [_value(dict(row)) for row in rows]


def _value(row: Mapping[str, Any]) -> Correction:
    lists = {name: tuple(row[name]) for name in ("intents", "intents_before")}
    return Correction(**{**row, **lists})


def mark_used(store: Store, numbers: Sequence[int]) -> None:
    """These corrections are among the examples now."""
    with store.write() as conn:
        for part in chunks(numbers):
            conn.execute(corrections.update().where(corrections.c.id.in_(part)).values(used=True))

"""The log of what people saw and did on the page: each line carries the hash of the one before it, so that a line that
was changed, taken out or put in between is noticed."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mailbot.edges.store import Store
from mailbot.edges.store.columns import clean
from mailbot.edges.store.people_tables import audit
from mailbot.edges.store.statements import one_at_a_time

FIRST = "0" * 64
_PAGE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: who did what (`kind`) when, on which case; `detail` French."""

    id: int
    at: datetime
    actor: str
    kind: str
    case_id: int | None
    detail: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a check of the whole log found: how many lines, the hash of the last, and the first broken one, if any."""

    lines: int
    digest: str
    broken: int | None


def write(
    store: Store, now: datetime, actor: str, kind: str, *, case_id: int | None = None, detail: str = ""
) -> None:
    """Add one line."""
    actor, detail = clean(actor), clean(detail)  # the hash is that of what can be read back
    with store.write() as conn:
        one_at_a_time(conn, ["journal d'audit"])
        newest = select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)
        previous = conn.execute(newest).scalar() or FIRST
        row = {"at": now, "actor": actor, "kind": kind, "case_id": case_id, "detail": detail}
        digest = _digest(previous, now, actor, kind, case_id, detail)
        conn.execute(audit.insert(), {**row, "previous": previous, "digest": digest})


def _digest(previous: str, at: datetime, actor: str, kind: str, case_id: int | None, detail: str) -> str:
    said = [previous, at.astimezone(UTC).isoformat(), actor, kind, case_id, detail]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def verify(store: Store) -> Verified:
    """Recompute every hash, oldest line first."""
    previous, count, broken = FIRST, 0, None
    with store.read() as conn:
        for row in _all(conn):
            count += 1
            told = _digest(row.previous, row.at, row.actor, row.kind, row.case_id, row.detail)
            if broken is None and (row.previous != previous or row.digest != told):
                broken = row.id
            previous = row.digest
    return Verified(lines=count, digest=previous, broken=broken)


def holds(store: Store, digest: str) -> bool:
    """True when a line has this hash: one that was noted elsewhere shows that the end was not cut off."""
    with store.read() as conn:
        return conn.execute(select(audit.c.id).where(audit.c.digest == digest)).first() is not None


def _all(conn: Connection) -> Iterator[Row[Any]]:
    after = 0
    while rows := conn.execute(
        select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(_PAGE)
    ).all():
        yield from rows
        after = rows[-1].id


def lines(
    store: Store, *, case_id: int | None = None, before: int | None = None, limit: int = 100
) -> list[Line]:
    """The newest lines first; of one case, or those older than the line `before`."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if case_id is not None:
        query = query.where(audit.c.case_id == case_id)
    if before is not None:
        query = query.where(audit.c.id < before)
    with store.read() as conn:
        return [
            Line(
                id=row.id,
                at=row.at,
                actor=row.actor,
                kind=row.kind,
                case_id=row.case_id,
                detail=row.detail,
                digest=row.digest,
            )
            for row in conn.execute(query)
        ]

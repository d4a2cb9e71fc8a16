"""Which rules the service judges with, and why it refused newer ones: written for other processes to see."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mailbot.edges.store import Store
from mailbot.edges.store.moves import SERVICE, record
from mailbot.edges.store.schema import events

_IN_SERVICE, _REFUSED = "regles", "regles_refusees"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """`digest`: of the rulebook in service since `since`. `refused` (French, a line for each problem): why the files as
    they have been since `refused_at` are not used; None when they are. Times are UTC."""

    digest: str
    since: datetime
    refused: str | None = None
    refused_at: datetime | None = None


def in_service(store: Store, digest: str, now: datetime) -> None:
    """Note that mails are judged with this rulebook from now on; nothing is written when that is known."""
    with store.write() as conn:
        state = rule_state(conn)
        if state is None or state.digest != digest or state.refused is not None:
            record(conn, now, SERVICE, None, _IN_SERVICE, digest)


def refused(store: Store, reasons: str, now: datetime) -> None:
    """Note that the files were changed and cannot be used; the rulebook before them stays in service."""
    with store.write() as conn:
        record(conn, now, SERVICE, None, _REFUSED, reasons)


def rule_state(conn: Connection) -> RuleState | None:
    """The state as last written; None before the service ever ran."""
    good, bad = _newest(conn, _IN_SERVICE), _newest(conn, _REFUSED)
    if good is None:
        return None
    _number, since, digest = good
    if bad is None or bad < good:
        return RuleState(digest=digest, since=since)
    return RuleState(digest=digest, since=since, refused=bad[2], refused_at=bad[1])


def _newest(conn: Connection, kind: str) -> tuple[int, datetime, str] | None:
    """Number, time and detail of the newest event of a kind."""
    query = select(events.c.id, events.c.at, events.c.detail).where(events.c.kind == kind)
    row = conn.execute(query.order_by(events.c.id.desc()).limit(1)).first()
    return None if row is None else (row.id, row.at, row.detail)

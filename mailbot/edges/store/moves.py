"""The only place that moves a reply's state: a conditional UPDATE that counts rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mailbot.edges.store.schema import events, replies
from mailbot.edges.store.statements import chunks
from mailbot.model import REPLY_MOVES, ReplyState

SERVICE = "mailbot"  # the actor when nobody asked


def move(
    conn: Connection,
    reply_id: int,
    from_states: Sequence[ReplyState],
    to: ReplyState,
    *,
    actor: str,
    now: datetime,
    owner: str | None = None,
    version: int | None = None,
    **values: Any,
) -> bool:
    """Move one reply and set `values` with it. False, and nothing is changed, when it is not in one of
    `from_states` or not at `version`, or when `owner` is given and does not hold it. Raises ValueError for a
    move REPLY_MOVES does not know."""
    return bool(
        move_all(
            conn, [reply_id], from_states, to, actor=actor, now=now, owner=owner, version=version, **values
        )
    )


def move_all(
    conn: Connection,
    reply_ids: Sequence[int],
    from_states: Sequence[ReplyState],
    to: ReplyState,
    *,
    actor: str,
    now: datetime,
    owner: str | None = None,
    version: int | None = None,
    **values: Any,
) -> list[int]:
    """As `move`, for many replies at once; returns the numbers of those that moved."""
    for source in from_states:
        if to not in REPLY_MOVES[source]:
            raise ValueError(f"no move from {source} to {to}")
    statement = (
        replies.update()
        .where(replies.c.state.in_(from_states))
        .values(state=to, actor=actor, moved_at=now, **values)
        .returning(replies.c.id)
    )
    if owner is not None:
        statement = statement.where(replies.c.lease_owner == owner)
    if version is not None:
        statement = statement.where(replies.c.version == version)
    return [
        number
        for part in chunks(reply_ids)
        for number in conn.execute(statement.where(replies.c.id.in_(part))).scalars()
    ]


def record(conn: Connection, now: datetime, actor: str, case_id: int | None, kind: str, detail: str) -> None:
    """Write one line of the audit trail (`detail` French)."""
    conn.execute(
        events.insert(), {"at": now, "actor": actor, "case_id": case_id, "kind": kind, "detail": detail}
    )


def record_all(
    conn: Connection, now: datetime, actor: str, kind: str, lines: Sequence[tuple[int, str]]
) -> None:
    """Write lines of one kind, each a ticket and its detail (French)."""
    rows = [
        {"at": now, "actor": actor, "case_id": case_id, "kind": kind, "detail": detail}
        for case_id, detail in lines
    ]
    if rows:
        conn.execute(events.insert(), rows)

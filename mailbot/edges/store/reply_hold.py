"""What a person's act on a reply rests on: the row held, its state and version as expected, one row changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mailbot.edges.store.conflicts import AlreadyHandled, ChangedSince, Impossible
from mailbot.edges.store.moves import record
from mailbot.edges.store.schema import replies
from mailbot.model import ReplyState
from mailbot.zone import PARIS

_WORDS: dict[ReplyState, str] = {
    "draft": "elle est encore à l'état de brouillon",
    "approved": "déjà approuvée",
    "sending": "en cours d'envoi",
    "sent": "déjà envoyée",
    "refused": "déjà refusée",
    "uncertain": "envoi incertain, à vérifier d'abord",
    "failed": "envoi en échec",
}


def locked(conn: Connection, reply_id: int) -> Row[Any]:
    """The reply, held until the transaction ends. Raises Impossible when there is none of this number."""
    row = conn.execute(select(replies).where(replies.c.id == reply_id).with_for_update()).first()
    if row is None:
        raise Impossible(f"la réponse {reply_id} n'existe pas.")
    return row


def require(row: Row[Any], states: Sequence[ReplyState]) -> None:
    """Raises AlreadyHandled (French) when the reply is in no such state."""
    if row.state not in states:
        when = row.moved_at.astimezone(PARIS)
        raise AlreadyHandled(
            f"réponse {row.id} : {_WORDS[row.state]} (par {row.actor}, le {when:%d/%m/%Y} à {when:%H:%M})."
        )


def require_version(row: Row[Any], expected: int | None) -> None:
    """Raises ChangedSince (French) when somebody has rewritten the reply since it was read."""
    if expected is not None and row.version != expected:
        raise ChangedSince(
            f"réponse {row.id} : {row.actor} l'a modifiée depuis que vous l'avez lue (version {row.version}, vous "
            f"aviez la {expected}). Relisez-la."
        )


def settle(
    conn: Connection, changed: bool, row: Row[Any], now: datetime, actor: str, kind: str, detail: str
) -> None:  # fmt: skip
    """Nothing half-done: what did not change exactly one row is undone; what did is written down."""
    if not changed:
        raise AlreadyHandled(f"réponse {row.id} : quelqu'un d'autre vient de la traiter. Relisez-la.")
    record(conn, now, actor, row.case_id, kind, detail)

"""Another letter for a case: in place of its draft, or the first one when there was none."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from mailbot.edges.store import Store
from mailbot.edges.store.conflicts import AlreadyHandled, ChangedSince, Impossible
from mailbot.edges.store.merging import require_apart
from mailbot.edges.store.moves import record
from mailbot.edges.store.schema import cases, replies
from mailbot.edges.store.statements import insert
from mailbot.model import Reply


def put(
    store: Store,
    case_id: int,
    letter: Reply,
    actor: str,
    now: datetime,
    *,
    expected_version: int,
    remedy: str = "",
) -> tuple[int, int]:
    """Make `letter` the draft of a case; returns the reply's number and new version. `expected_version` is that of the
    draft it takes the place of, 0 when there was none; `remedy` (French): what an agent chose to offer. Raises
    ChangedSince, AlreadyHandled or Impossible (French)."""
    with store.write() as conn:
        old = conn.execute(select(replies).where(replies.c.case_id == case_id).with_for_update()).first()
        if old is None:
            conn.execute(select(cases.c.id).where(cases.c.id == case_id).with_for_update()).all()
        require_apart(conn, case_id)
        if (old.version if old else 0) != expected_version:
            actor_before = old.actor if old else "quelqu'un"
            raise ChangedSince(
                f"ticket {case_id} : {actor_before} a changé la réponse depuis que vous l'avez lue."
            )
        if old is None:
            number, version = _first(conn, case_id, letter, actor, now), 1
        else:
            if old.state not in ("draft", "failed", "refused"):
                raise AlreadyHandled(f"ticket {case_id} : la réponse est déjà partie ou va partir.")
            number, version = old.id, old.version + 1
            same = (
                (replies.c.id == number) & (replies.c.version == old.version) & (replies.c.state == old.state)
            )
            values = {**_content(letter, actor, now), "version": version, "edited": False}
            if conn.execute(replies.update().where(same).values(**values)).rowcount != 1:
                raise AlreadyHandled(f"ticket {case_id} : quelqu'un d'autre vient de traiter la réponse.")
        chosen = f", remède « {remedy} »" if remedy else ""
        record(
            conn, now, actor, case_id, "modele", f"lettre « {letter.template} »{chosen} (version {version})"
        )
        return number, version


def _content(letter: Reply, actor: str, now: datetime) -> Mapping[str, Any]:
    return {
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "template": letter.template,
        "missing": list(letter.missing),
        "blocked": list(letter.blocked),
        "facts": dict(letter.facts),
        "attachments": [asdict(one) for one in letter.attachments],
        "actor": actor,
        "moved_at": now,
    }


def _first(conn: Connection, case_id: int, letter: Reply, actor: str, now: datetime) -> int:
    if conn.execute(select(cases.c.id).where(cases.c.id == case_id)).first() is None:
        raise Impossible(f"le ticket {case_id} n'existe pas.")
    row = {
        **_content(letter, actor, now),
        "case_id": case_id,
        "created_at": now,
        "state": "draft",
        "auto": False,
        "to_name": letter.to.name,
        "to_addr": letter.to.addr,
        "message_id": letter.message_id,
        "in_reply_to": letter.in_reply_to,
        "refs": list(letter.references),
        "version": 1,
        "edited": False,
        "attempts": 0,
    }
    made = insert(conn, replies).values(row).on_conflict_do_nothing(index_elements=["message_id"])
    number = conn.execute(made.returning(replies.c.id)).scalar()
    if number is None:
        raise AlreadyHandled(
            f"ticket {case_id} : une copie de ce mail a déjà sa réponse, dans un autre ticket."
        )
    return int(number)

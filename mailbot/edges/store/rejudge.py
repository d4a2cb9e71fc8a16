"""A ticket judged again after a correction: its judgement, clocks and draft are replaced, what left stays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from mailbot.edges.store import Store, learning
from mailbot.edges.store.case_rows import deadline_row, judged_columns, reply_row
from mailbot.edges.store.conflicts import AlreadyHandled
from mailbot.edges.store.learning import Correction
from mailbot.edges.store.merging import require_apart
from mailbot.edges.store.moves import move, record
from mailbot.edges.store.schema import cases, deadlines, replies
from mailbot.edges.store.statements import insert
from mailbot.model import Deadline, Judgement

Draft = Literal["replaced", "made", "none", "withdrawn", "kept_edited", "kept_left"]
_DRAFT_KEYS = (
    "to_name", "to_addr", "subject", "text", "html", "template", "missing", "blocked", "facts", "attachments",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """What became of the draft: replaced by another, newly made, none before or after, withdrawn because the mail asks
    for none, kept because a person had edited it, or kept because it had left or was being sent."""

    draft: Draft
    reply_id: int | None


def rejudge(
    store: Store, correction: Correction, judged: Judgement, rulebook_digest: str, now: datetime
) -> Rejudged:
    """Keep the correction and put the new judgement in the ticket's place, in one transaction."""
    with store.write() as conn:
        done = replace_judgement(conn, correction.case_id, judged, rulebook_digest, correction.actor, now)
        learning.record(conn, correction)
        record(conn, now, correction.actor, correction.case_id, "corrige", _told(correction))
        return done


def replace_judgement(
    conn: Connection, number: int, judged: Judgement, rulebook_digest: str, actor: str, now: datetime, *,
    kept: Collection[int] = (),
) -> Rejudged:  # fmt: skip
    """Put a new judgement in the ticket's place; the clocks of these numbers run on whatever it says. Raises Impossible
    (French) for a ticket that is merged into another."""
    reply = conn.execute(select(replies).where(replies.c.case_id == number).with_for_update()).first()
    values = judged_columns(judged, rulebook_digest)
    conn.execute(cases.update().where(cases.c.id == number).values(**values))
    require_apart(conn, number)
    _clocks(conn, number, judged.deadlines, kept)
    return _draft(conn, number, reply, judged, actor, now)


def _told(correction: Correction) -> str:
    before, after = ", ".join(correction.intents_before) or "rien", ", ".join(correction.intents)
    said = [f"compris comme {before} ; corrigé en {after}"]
    if correction.remedy != correction.remedy_before:
        said.append(f"demande : {correction.remedy or 'rien de précis'}")
    if correction.order_id != correction.order_before:
        said.append(f"commande : {correction.order_id or 'aucune'}")
    return " ; ".join(said)


def _clocks(conn: Connection, number: int, wanted: Sequence[Deadline], also: Collection[int]) -> None:
    """Clocks that are met, or wanted as they are, stay (with what was alarmed); the others are replaced. Those a merged
    ticket brought along are not this judgement's."""
    own = (deadlines.c.case_id == number) & deadlines.c.of_case.is_(None)
    present = conn.execute(select(deadlines).where(own)).all()
    same = {(clock.id, clock.due_at) for clock in wanted}
    gone = [
        row.id
        for row in present
        if row.met_at is None and row.id not in also and (row.name, row.due_at) not in same
    ]
    if gone:
        conn.execute(deadlines.delete().where(deadlines.c.id.in_(gone)))
    kept = {row.name for row in present if row.id not in gone}
    rows = [deadline_row(number, clock) for clock in wanted if clock.id not in kept]
    if rows:
        conn.execute(deadlines.insert(), rows)


def _draft(
    conn: Connection, number: int, old: Row[Any] | None, judged: Judgement, actor: str, now: datetime
) -> Rejudged:
    if old is None:
        return _first(conn, number, judged, now)
    if old.state not in ("draft", "approved", "refused", "failed"):
        return Rejudged(draft="kept_left", reply_id=old.id)
    if old.edited:
        return Rejudged(draft="kept_edited", reply_id=old.id)
    if old.state == "approved" and not move(conn, old.id, ["approved"], "draft", actor=actor, now=now):
        raise AlreadyHandled(f"réponse {old.id} : quelqu'un d'autre vient de la traiter. Relisez-la.")
    if judged.reply is None:
        move(conn, old.id, ["draft", "failed"], "refused", actor=actor, now=now, reason="ticket corrigé")
        return Rejudged(draft="withdrawn", reply_id=old.id)
    row = reply_row(judged.reply, number, auto=False, now=now)
    values = {key: row[key] for key in _DRAFT_KEYS}
    conn.execute(
        replies.update()
        .where(replies.c.id == old.id)
        .values(**values, state="draft", version=old.version + 1, auto=False, send_after=None,
                next_attempt_at=None, approved_by=None, approved_at=None, actor=actor, moved_at=now, reason=None)
    )  # fmt: skip
    return Rejudged(draft="replaced", reply_id=old.id)


def _first(conn: Connection, number: int, judged: Judgement, now: datetime) -> Rejudged:
    """A reply where there was none; a copy of the mail may have been answered in another ticket."""
    if judged.reply is None or judged.decision.action == "ignore":
        return Rejudged(draft="none", reply_id=None)
    row = reply_row(judged.reply, number, auto=False, now=now)
    statement = insert(conn, replies).on_conflict_do_nothing(index_elements=["message_id"])
    conn.execute(statement, row)
    made = conn.execute(select(replies.c.id).where(replies.c.case_id == number)).scalar()
    return Rejudged(draft="made" if made else "none", reply_id=made)

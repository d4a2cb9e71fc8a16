"""One mail with two matters becomes two cases: the new one has its own judgement, clocks and draft."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, literal, select

from mailbot.edges.store import Store
from mailbot.edges.store.case_rows import deadline_row, judged_columns, reply_row
from mailbot.edges.store.conflicts import AlreadyHandled, Impossible
from mailbot.edges.store.desk_tables import notes
from mailbot.edges.store.mailbox_tables import sent_answers
from mailbot.edges.store.mails import SPLIT_FOLDER
from mailbot.edges.store.merging import require_apart
from mailbot.edges.store.moves import record
from mailbot.edges.store.rejudge import Rejudged, replace_judgement
from mailbot.edges.store.schema import cases, deadlines, mails, raw_mails, replies
from mailbot.edges.store.statements import one_at_a_time
from mailbot.model import Judgement

_SAME = ("account", "message_id", "text_digest", "thread", "customer", "customer_name", "subject", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What is to become of a case. `new`: the judgement of the new case; `rest`: that of the old one, None when it
    stays as it is; `part`: the number the new case's reply was keyed with; `version`: the draft that was read, 0 for
    none."""

    case_id: int
    new: Judgement
    rest: Judgement | None
    part: int
    version: int
    rulebook_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The new case, and what became of the old one's draft (None: it stayed)."""

    case_id: int
    rest: Rejudged | None


def next_part(store: Store, case_id: int) -> int:
    """The number of the next part of this mail; the first case of a mail is part 1. No number is given twice."""
    with store.read() as conn:
        mail_id = conn.execute(select(cases.c.mail_id).where(cases.c.id == case_id)).scalar()
        return 2 if mail_id is None else _next(conn, mail_id)


def _next(conn: Connection, mail_id: int) -> int:
    """One more than was ever given: the ledger remembers the parts whose cases are forgotten."""
    one = mails.alias("one")
    same = (mails.c.account == one.c.account) & (mails.c.digest == one.c.digest)
    given = select(func.max(mails.c.uid)).join_from(one, mails, same)
    highest = conn.execute(given.where(one.c.id == mail_id, mails.c.folder == SPLIT_FOLDER)).scalar()
    return int(highest or 1) + 1


def parts(store: Store, case_id: int) -> list[int]:
    """The other cases of the same mail, oldest first."""
    with store.read() as conn:
        root = conn.execute(select(cases.c.split_from).where(cases.c.id == case_id)).scalar() or case_id
        theirs = (cases.c.id == root) | (cases.c.split_from == root)
        found = select(cases.c.id).where(theirs, cases.c.id != case_id).order_by(cases.c.id)
        return list(conn.execute(found).scalars())


def split(store: Store, wanted: Split, actor: str, now: datetime) -> Done:
    """Make the new case, and judge the old one anew for what is left of it, in one transaction. No clock ends by it:
    one that neither judgement has stays with the old case. Raises Impossible or AlreadyHandled (French)."""
    with store.write() as conn:
        old = _locked(conn, wanted)
        root = old.split_from or old.id
        if _next(conn, old.mail_id) != wanted.part:
            raise AlreadyHandled(f"ticket {old.id} : quelqu'un d'autre vient de le scinder. Relisez-le.")
        number = _insert_case(conn, old, root, wanted, now)
        if wanted.new.deadlines:
            rows = [deadline_row(number, clock) for clock in wanted.new.deadlines]
            conn.execute(deadlines.insert(), rows)
        if wanted.new.reply is not None:
            conn.execute(replies.insert(), reply_row(wanted.new.reply, number, auto=False, now=now))
        _not_answered_before(conn, old.id, number)
        told = f"issu du ticket {old.id}, dont le mail porte deux demandes"
        conn.execute(
            notes.insert(), {"case_id": number, "at": now, "actor": actor, "text": f"Ticket {told}."}
        )
        record(conn, now, actor, number, "scinde", told)
        record(conn, now, actor, old.id, "scission", f"scindé : l'autre demande est le ticket {number}")
        rest = None
        if wanted.rest is not None:
            rest = replace_judgement(
                conn, old.id, wanted.rest, wanted.rulebook_digest, actor, now, kept=_orphans(conn, wanted)
            )
        return Done(case_id=number, rest=rest)


def _locked(conn: Connection, wanted: Split) -> Row[Any]:
    """The case as it may be split. Its draft must be the one that was read: it is about to be rewritten."""
    number = wanted.case_id
    own = select(cases.c.customer).where(cases.c.id == number)
    # a newer mail of this customer sees both parts, or neither
    one_at_a_time(conn, conn.execute(own).scalars().all())
    reply = conn.execute(select(replies).where(replies.c.case_id == number).with_for_update()).first()
    old = conn.execute(select(cases).where(cases.c.id == number).with_for_update()).first()
    if old is None:
        raise Impossible(f"le ticket {number} n'existe pas.")
    require_apart(conn, number)
    if old.superseded_by is not None:
        raise Impossible(
            f"le ticket {number} a laissé la place au ticket {old.superseded_by} : scindez celui-là."
        )
    if reply is not None and reply.state in ("approved", "sending", "uncertain"):
        raise AlreadyHandled(
            f"ticket {number} : la réponse approuvée par {reply.approved_by or reply.actor} part ou est peut-être "
            "partie. Annulez-la d'abord, ou attendez."
        )
    if (reply.version if reply else 0) != wanted.version:
        raise AlreadyHandled(f"ticket {number} : quelqu'un d'autre vient de changer la réponse. Relisez-la.")
    return old


def _insert_case(conn: Connection, old: Row[Any], root: int, wanted: Split, now: datetime) -> int:
    row = {name: getattr(old, name) for name in _SAME} | {
        "mail_id": _same_mail(conn, old, wanted.part, now), "created_at": now, "received_at": old.received_at,
        "split_from": root, "part": wanted.part, **judged_columns(wanted.new, wanted.rulebook_digest),
        "state": "open",
    }  # fmt: skip
    return int(conn.execute(cases.insert().values(row).returning(cases.c.id)).scalar_one())


def _same_mail(conn: Connection, old: Row[Any], part: int, now: datetime) -> int:
    """The mail once more, under a key of the ledger that no folder has: each case has a mail of its own."""
    mail = conn.execute(select(mails).where(mails.c.id == old.mail_id)).one()
    row = {name: getattr(mail, name) for name in ("account", "digest", "size", "stored_size", "complete")} | {
        "folder": SPLIT_FOLDER, "uidvalidity": mail.id, "uid": part, "received_at": mail.received_at,
        "ingested_at": now, "sender": "", "state": "prepared", "attempts": 0, "tidied_at": now,
        "note": f"scindé du ticket {old.id}",
    }  # fmt: skip
    number = int(conn.execute(mails.insert().values(row).returning(mails.c.id)).scalar_one())
    kept = select(literal(number), raw_mails.c.data).where(raw_mails.c.mail_id == mail.id)
    conn.execute(raw_mails.insert().from_select(["mail_id", "data"], kept))
    return number


def _not_answered_before(conn: Connection, old: int, number: int) -> None:
    """What an agent sent about this mail before was no answer to the matter that is split off now."""
    columns = ("sent_id", "how", "subject", "at")
    before = select(
        *(sent_answers.c[name] for name in columns),
        literal(number),
        literal(value=False),
        literal(value=False),
    ).where(sent_answers.c.case_id == old)
    rows = sent_answers.insert().from_select([*columns, "case_id", "answered", "changed"], before)
    conn.execute(rows)


def _orphans(conn: Connection, wanted: Split) -> list[int]:
    """Clocks that run on the old case and that no judgement would keep running."""
    named = {clock.id for one in (wanted.new, wanted.rest) if one is not None for clock in one.deadlines}
    running = select(deadlines.c.id, deadlines.c.name).where(
        deadlines.c.case_id == wanted.case_id, deadlines.c.met_at.is_(None), deadlines.c.of_case.is_(None)
    )
    return [row.id for row in conn.execute(running) if row.name not in named]

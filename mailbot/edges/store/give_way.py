"""What a new mail changes in older tickets: replies that wait give way, replies that came back count as unsent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    bindparam,
    exists,
    literal,
    or_,
    select,
    union,
)

from mailbot.edges.store import flags
from mailbot.edges.store.columns import as_key
from mailbot.edges.store.mailbox_tables import sent_answers, sent_mails
from mailbot.edges.store.merging import head_of
from mailbot.edges.store.merging_tables import merges
from mailbot.edges.store.moves import SERVICE, move, move_all, record, record_all
from mailbot.edges.store.schema import cases, deadlines, replies
from mailbot.edges.store.statements import chunks
from mailbot.edges.store.threads import customer_of
from mailbot.model import Mail

Arrived = tuple[int, Mail]  # the new ticket and its mail


Older = tuple[Row[Any], int]  # a reply that waits, and the newer ticket of its customer


def to_newer_mails(conn: Connection, mails: Sequence[Arrived], now: datetime) -> None:
    """Approved replies to the same customers go back to draft; untouched drafts of the same thread are
    retired."""
    newest: dict[str, int] = {}
    arrived: dict[str, list[Arrived]] = {}
    for number, mail in mails:
        if who := customer_of(mail):
            newest[who] = max(number, newest.get(who, 0))
            for address in {who, _answered_at(mail)}:
                arrived.setdefault(address, []).append((number, mail))
    for part in chunks(sorted(arrived)):
        older = _older(conn, part, arrived)
        _take_back(conn, [one for one in older if one[0].state == "approved"], now)
        _retire(conn, [one for one in older if one[0].state == "draft"], now)
        common = _common_answers(conn, [who for who in part if who in newest], newest)
        _take_back(conn, [(row, newest[row.customer]) for row in common], now)


def _older(
    conn: Connection, addresses: Sequence[str], arrived: Mapping[str, Sequence[Arrived]]
) -> list[Older]:
    """Replies that wait for somebody who has written again: by the address they wrote from, or are answered at."""
    plain = (replies.c.id, replies.c.case_id, replies.c.state, replies.c.edited, replies.c.to_addr)
    waiting: Select[Any] = select(*plain, cases.c.customer, cases.c.thread).join_from(replies, cases)
    written = waiting.where(cases.c.customer.in_(addresses), replies.c.state.in_(("draft", "approved")))
    answered = waiting.where(replies.c.to_addr.in_(addresses), replies.c.state == "approved")
    rows = {row.id: row for query in (written, answered) for row in conn.execute(query).all()}
    threads = _threads(conn, {number for some in arrived.values() for number, _ in some}) if rows else {}
    found = []
    for row in rows.values():
        heard = (*arrived.get(row.customer, ()), *arrived.get(row.to_addr, ()))
        newer = [
            number for number, mail in heard
            if number > row.case_id and _same_person(row, mail, in_thread=threads[number] == row.thread)
        ]  # fmt: skip
        found += [(row, max(newer))] if newer else []
    return found


def _same_person(row: Row[Any], mail: Mail, *, in_thread: bool) -> bool:
    """Not whoever else wrote by the same contact form: that has one From, and each writer's own Reply-To."""
    who, answered = customer_of(mail), _answered_at(mail)
    if row.to_addr in (who, answered):
        return True
    return row.customer == who and (in_thread or who in (row.to_addr, answered))


def _threads(conn: Connection, numbers: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in chunks(sorted(numbers)):
        query = select(cases.c.id, cases.c.thread).where(cases.c.id.in_(part))
        found.update((number, thread) for number, thread in conn.execute(query))
    return found


def _answered_at(mail: Mail) -> str:
    return as_key(mail.reply_to.addr) if mail.reply_to else customer_of(mail)


def _common_answers(conn: Connection, customers: Sequence[str], newest: dict[str, int]) -> list[Row[Any]]:
    """Approved replies to another address that answer these customers too, since somebody merged their cases."""
    merged = (
        select(merges.c.into_case, cases.c.customer)
        .join_from(merges, cases, cases.c.id == merges.c.case_id)
        .where(cases.c.customer.in_(customers), merges.c.confirmed, merges.c.ended_at.is_(None))
    )
    found: list[Row[Any]] = []
    for into_case, customer in conn.execute(merged).all():
        columns = replies.c.id, replies.c.case_id, literal(customer).label("customer")
        answering: Select[Any] = select(*columns).where(
            replies.c.case_id == head_of(conn, into_case), replies.c.state == "approved"
        )
        found += [row for row in conn.execute(answering) if row.case_id < newest[customer]]
    return found


def _take_back(conn: Connection, older: Sequence[Older], now: datetime) -> None:
    for row, ticket in older:
        reason = f"le client a écrit de nouveau (ticket {ticket}) : à relire avant envoi"
        if move(conn, row.id, ["approved"], "draft", actor=SERVICE, now=now, reason=reason, send_after=None):
            record(conn, now, SERVICE, row.case_id, "envoi_suspendu", reason)


def _retire(conn: Connection, waiting: Sequence[Older], now: datetime) -> None:
    """Untouched drafts give way to the newer ticket of their thread; edited ones are somebody's work and
    stay."""
    threads = _threads(conn, {ticket for _, ticket in waiting})
    older = [(row, ticket) for row, ticket in waiting if threads[ticket] == row.thread]
    for row, ticket in older:
        if row.edited:
            told = f"le client a écrit de nouveau (ticket {ticket})"
            record(conn, now, SERVICE, row.case_id, "nouveau_message", told)
    untouched = [row.id for row, _ in older if not row.edited]
    moved = set(move_all(conn, untouched, ["draft"], "refused", actor=SERVICE, now=now))
    if gone := [one for one in older if one[0].id in moved]:
        _replace(conn, gone, now)


def _replace(conn: Connection, older: Sequence[Older], now: datetime) -> None:
    """Say of retired drafts which ticket took their place; many rows with each statement."""
    said = [
        {
            "of_reply": row.id,
            "of_case": row.case_id,
            "ticket": ticket,
            "told": f"remplacé par le ticket {ticket}",
        }
        for row, ticket in older
    ]
    chain = or_(cases.c.id == bindparam("of_case"), cases.c.superseded_by == bindparam("of_case"))
    conn.execute(
        replies.update().where(replies.c.id == bindparam("of_reply")).values(reason=bindparam("told")), said
    )
    conn.execute(cases.update().where(chain).values(superseded_by=bindparam("ticket")), said)
    record_all(conn, now, SERVICE, "remplace", [(item["of_case"], item["told"]) for item in said])


def to_bounces(conn: Connection, mails: Sequence[Arrived], now: datetime) -> None:
    """A reply that came back was not an answer: its ticket opens again and its answer clock runs on."""
    bounced = {
        as_key(message_id): (number, mail) for number, mail in mails for message_id in mail.bounced_ids
    }
    for part in chunks(sorted(bounced)):
        for case_id, message_id, address in conn.execute(_sent_as(part)).all():
            ticket, mail = bounced[message_id]
            case_id = head_of(conn, case_id)
            why = f" : {mail.bounce.reason}" if mail.bounce else ""
            detail = f"la réponse n'a pas été distribuée{why} ; voir l'avis de non-remise (ticket {ticket})"
            _to_a_human(conn, case_id, f"La réponse est revenue{why}.")
            record(conn, now, SERVICE, case_id, "non_remis", detail)
            who = address or (mail.bounce.recipient if mail.bounce else "")
            flags.flag(conn, who, case_id, mail.bounce.reason if mail.bounce else "sans raison donnée", now)
            _keep_back(conn, who, now)


def _sent_as(message_ids: Sequence[str]) -> CompoundSelect[Any]:
    """(ticket, Message-ID, recipient) of what left under these ids, from here or from an agent's mail program."""
    ours = select(replies.c.case_id, replies.c.message_id, replies.c.to_addr)
    theirs = (
        select(sent_answers.c.case_id, sent_mails.c.known_by, cases.c.customer)
        .join_from(sent_answers, sent_mails, sent_mails.c.id == sent_answers.c.sent_id)
        .join(cases, cases.c.id == sent_answers.c.case_id)
        .where(sent_answers.c.answered)
    )
    return union(
        ours.where(replies.c.message_id.in_(message_ids)),
        theirs.where(sent_mails.c.known_by.in_(message_ids)),
    )


def _to_a_human(conn: Connection, case_id: int, reason: str) -> None:
    """Open again, with its answer clock, and for a person to handle."""
    known = conn.execute(select(cases.c.reasons).where(cases.c.id == case_id)).scalar_one()
    again = {
        "state": "open",
        "action": "human",
        "reasons": [reason, *(one for one in known if one != reason)],
    }
    conn.execute(cases.update().where(cases.c.id == case_id).values(again))
    conn.execute(deadlines.update().where(answer_clocks([case_id])).values(met_at=None))


def _keep_back(conn: Connection, address: str, now: datetime) -> None:
    """What was about to leave alone to this address waits for a person."""
    about = select(replies.c.id, replies.c.case_id).where(
        replies.c.to_addr == address, replies.c.state == "approved", replies.c.auto
    )
    for row in conn.execute(about).all():
        reason = "un envoi à cette adresse est revenu : à relire avant envoi"
        if move(conn, row.id, ["approved"], "draft", actor=SERVICE, now=now, reason=reason, send_after=None):
            record(conn, now, SERVICE, row.case_id, "envoi_suspendu", reason)


def with_replaced(conn: Connection, case_id: int) -> list[int]:
    """The ticket and those that gave way to it: an answer in it answers them too."""
    same = or_(cases.c.id == case_id, cases.c.superseded_by == case_id)
    return list(conn.execute(select(cases.c.id).where(same)).scalars())


def meet_clocks(conn: Connection, case_ids: Sequence[int], at: datetime) -> None:
    """An answer to these tickets left `at`: their answer clocks are met; those with no clock left are closed."""
    clocks = answer_clocks(case_ids) & deadlines.c.met_at.is_(None)
    conn.execute(deadlines.update().where(clocks).values(met_at=at))
    running = exists().where(deadlines.c.case_id == cases.c.id, deadlines.c.met_at.is_(None))
    conn.execute(cases.update().where(cases.c.id.in_(case_ids), ~running).values(state="closed"))


def answer_clocks(case_ids: Sequence[int]) -> ColumnElement[bool]:
    """The clocks of these tickets that an answer meets: those named 'reponse' or 'reponse_…', wherever they run since
    a merge."""
    named = or_(deadlines.c.name == "reponse", deadlines.c.name.startswith("reponse_", autoescape=True))
    return or_(deadlines.c.case_id.in_(case_ids), deadlines.c.of_case.in_(case_ids)) & named

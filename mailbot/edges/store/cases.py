"""Cases: what the line judged of each mail, saved whole in one transaction, and read back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from mailbot.edges.store import Store, give_way, shadow
from mailbot.edges.store.case_rows import HISTORY, MATCH, VERDICT, deadline_row, judged_columns, reply_row
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.mails import move_to
from mailbot.edges.store.moves import SERVICE, record, record_all
from mailbot.edges.store.schema import cases, deadlines, events, mails, replies
from mailbot.edges.store.statements import chunks, insert, one_at_a_time
from mailbot.edges.store.threads import customer_of, text_digest, thread_keys
from mailbot.model import Decision, History, Judgement, MailState, OrderMatch, Verdict

_PLAIN = (
    *(
        "id",
        "mail_id",
        "account",
        "created_at",
        "received_at",
        "message_id",
        "thread",
        "customer",
        "customer_name",
    ),
    *(
        "subject",
        "text",
        "order_id",
        "channel",
        "rulebook_digest",
        "state",
        "superseded_by",
        "split_from",
        "part",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A judged mail, with the worker that claimed it and the digest of the rulebook that judged it."""

    mail_id: int
    owner: str
    judgement: Judgement
    rulebook_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """A ticket as it was judged. `customer` is an address or ''; times are UTC; `state` open or closed. `split_from`:
    the ticket of the same mail that this one was split from, as its part number `part`."""

    id: int
    mail_id: int
    account: str
    created_at: datetime
    received_at: datetime
    message_id: str | None
    thread: str
    customer: str
    customer_name: str
    subject: str
    text: str
    order_id: str | None
    channel: str | None
    decision: Decision
    verdict: Verdict
    match: OrderMatch
    history: History
    rulebook_digest: str
    state: str
    superseded_by: int | None
    split_from: int | None = None
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a ticket's story (`detail` French)."""

    at: datetime
    actor: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Held:
    """A prepared mail that is still ours, and its account."""

    item: Prepared
    account: str


def save(
    store: Store, prepared: Sequence[Prepared], now: datetime, undo: timedelta, *, note_shadow: bool = False
) -> list[int]:
    """Store judgements: case, deadlines, reply; the mail leaves 'received'. One transaction, all or nothing.

    Mails whose lease is no longer held are passed over. A reply decided 'send' with nothing missing or
    blocked is approved at once and leaves after `undo`; every other is a draft. A newer mail of the same
    customer takes approved replies back to draft, and retires untouched drafts of the same thread.
    `note_shadow`: keep which drafts would have left alone. Returns the new tickets, by mail."""
    with store.write() as conn:
        # two mails of one customer, judged at the same time, must see each other
        one_at_a_time(conn, {customer_of(item.judgement.mail) for item in prepared})
        held = _still_ours(conn, prepared)
        if not held:
            return []
        numbers = _insert_cases(conn, held, now)
        _insert_deadlines(conn, held, numbers)
        doubles = _insert_replies(conn, held, numbers, now, undo)
        arrived = [
            (number, one.item.judgement.mail)
            for one in held
            if one.item.judgement.decision.action != "ignore"
            and (number := numbers[one.item.mail_id]) not in doubles
        ]
        give_way.to_newer_mails(conn, arrived, now)
        if note_shadow:
            judged = [(numbers[one.item.mail_id], one.item.judgement) for one in held]
            shadow.keep(conn, [(number, one) for number, one in judged if number not in doubles], now)
        give_way.to_bounces(conn, [(numbers[one.item.mail_id], one.item.judgement.mail) for one in held], now)
    return [numbers[one.item.mail_id] for one in held]


def _still_ours(conn: Connection, prepared: Sequence[Prepared]) -> list[_Held]:
    groups: dict[tuple[str, MailState], list[int]] = {}
    for item in prepared:
        target: MailState = "ignored" if item.judgement.decision.action == "ignore" else "prepared"
        groups.setdefault((item.owner, target), []).append(item.mail_id)
    accounts: dict[int, str] = {}
    for (owner, target), numbers in groups.items():
        statement = move_to("received", target).where(mails.c.lease_owner == owner)
        for part in chunks(numbers):
            moved = statement.where(mails.c.id.in_(part)).returning(mails.c.id, mails.c.account)
            accounts.update((number, account) for number, account in conn.execute(moved))
    held = [_Held(item, accounts[item.mail_id]) for item in prepared if item.mail_id in accounts]
    return sorted(held, key=lambda one: (one.item.judgement.mail.received, one.item.mail_id))


def _insert_cases(conn: Connection, held: Sequence[_Held], now: datetime) -> dict[int, int]:
    threads = thread_keys(conn, [one.item.judgement.mail for one in held])
    rows = [_case_row(one, thread, now) for one, thread in zip(held, threads, strict=True)]
    conn.execute(cases.insert(), rows)  # faster than RETURNING: one short statement, many values
    numbers: dict[int, int] = {}
    for part in chunks([row["mail_id"] for row in rows]):
        found = conn.execute(select(cases.c.mail_id, cases.c.id).where(cases.c.mail_id.in_(part)))
        numbers.update((mail_id, number) for mail_id, number in found)
    return numbers


def _case_row(one: _Held, thread: str, now: datetime) -> dict[str, Any]:
    mail = one.item.judgement.mail
    return {
        "mail_id": one.item.mail_id,
        "account": one.account,
        "created_at": now,
        "received_at": mail.received,
        "message_id": mail.message_id,
        "text_digest": text_digest(mail),
        "thread": thread,
        "customer": customer_of(mail),
        "customer_name": mail.sender.name if mail.sender else "",
        "subject": mail.subject,
        "text": mail.text,
        **judged_columns(one.item.judgement, one.item.rulebook_digest),
    }


def _insert_deadlines(conn: Connection, held: Sequence[_Held], numbers: dict[int, int]) -> None:
    rows = [
        deadline_row(numbers[one.item.mail_id], deadline)
        for one in held
        for deadline in one.item.judgement.deadlines
    ]
    if rows:
        conn.execute(deadlines.insert(), rows)


def _insert_replies(
    conn: Connection, held: Sequence[_Held], numbers: dict[int, int], now: datetime, undo: timedelta
) -> set[int]:
    """Returns the tickets whose mail is a copy of one that has its reply already: one answer is enough."""
    rows = [
        reply_row(
            reply, numbers[one.item.mail_id], auto=_leaves_alone(one.item.judgement), now=now, undo=undo
        )
        for one in held
        if (reply := one.item.judgement.reply) and one.item.judgement.decision.action != "ignore"
    ]
    if not rows:
        return set()
    conn.execute(insert(conn, replies).on_conflict_do_nothing(index_elements=["message_id"]), rows)
    first: dict[str, int] = {}
    for part in chunks([row["message_id"] for row in rows]):
        found = select(replies.c.message_id, replies.c.case_id).where(replies.c.message_id.in_(part))
        first.update((message_id, case_id) for message_id, case_id in conn.execute(found))
    doubles = {row["case_id"]: first[row["message_id"]] for row in rows}
    doubles = {number: original for number, original in doubles.items() if number != original}
    for number, original in doubles.items():
        _give_way(conn, number, original, now)
    return set(doubles)


def _give_way(conn: Connection, copy: int, original: int, now: datetime) -> None:
    """A copy of an answered mail is answered; of any other, by whatever ticket answers that one now."""
    place = select(func.coalesce(cases.c.superseded_by, cases.c.id), replies.c.state).join_from(
        cases, replies
    )
    answering, state = conn.execute(place.where(cases.c.id == original)).one()
    conn.execute(cases.update().where(cases.c.id == copy).values(superseded_by=answering))
    if state == "sent":
        give_way.meet_clocks(conn, [copy], now)
    detail = f"copie du message du ticket {original} : une seule réponse, dans ce ticket"
    record(conn, now, SERVICE, copy, "reponse_double", detail)


def _leaves_alone(judged: Judgement) -> bool:
    reply = judged.reply
    return judged.decision.action == "send" and reply is not None and not (reply.missing or reply.blocked)


def stored(row: Row[Any], prefix: str = "") -> StoredCase:
    """A row of `cases` (columns labelled with `prefix`) as a value."""
    at = {name: getattr(row, prefix + name) for name in cases.c.keys()}  # noqa: SIM118
    return StoredCase(
        **{name: at[name] for name in _PLAIN},
        decision=Decision(
            action=at["action"], reasons=tuple(at["reasons"]), situation=at["situation"], row=at["row"]
        ),
        verdict=VERDICT.validate_json(at["verdict"]),
        match=MATCH.validate_json(at["match"]),
        history=HISTORY.validate_json(at["history"]),
    )


def get(store: Store, case_id: int) -> StoredCase:
    """One ticket. Raises Impossible (French) when there is none of this number."""
    with store.read() as conn:
        row = conn.execute(select(cases).where(cases.c.id == case_id)).first()
    if row is None:
        raise Impossible(f"le ticket {case_id} n'existe pas.")
    return stored(row)


def story(store: Store, case_id: int) -> list[Event]:
    """The audit trail of a ticket, oldest first."""
    query = select(events.c.at, events.c.actor, events.c.kind, events.c.detail).where(
        events.c.case_id == case_id
    )
    with store.read() as conn:
        return [Event(*row) for row in conn.execute(query.order_by(events.c.id))]


def close(store: Store, case_id: int, actor: str, reason: str, now: datetime) -> None:
    """A person settles a ticket elsewhere: its clocks stop being watched, and those of the tickets that gave way to it.
    Raises Impossible (French), also while an approved reply is about to leave: the customer would hear twice."""
    with store.write() as conn:
        leaving = select(replies.c.id).where(
            replies.c.case_id == case_id, replies.c.state.in_(("approved", "sending"))
        )
        if (reply := conn.execute(leaving).scalar()) is not None:
            raise Impossible(
                f"la réponse {reply} à ce ticket est approuvée et va partir : annulez-la d'abord, ou laissez-la partir."
            )
        open_case = (cases.c.id == case_id) & (cases.c.state == "open")
        if conn.execute(cases.update().where(open_case).values(state="closed")).rowcount != 1:
            raise Impossible(f"le ticket {case_id} n'existe pas ou est déjà clos.")
        record(conn, now, actor, case_id, "clos", reason)
        mates = (cases.c.superseded_by == case_id) & (cases.c.state == "open")
        closed = conn.execute(
            cases.update().where(mates).values(state="closed").returning(cases.c.id)
        ).scalars()
        record_all(
            conn, now, actor, "clos", [(one, f"avec le ticket {case_id} : {reason}") for one in closed]
        )


def of_mails(store: Store, mail_ids: Sequence[int]) -> dict[int, StoredCase]:
    """The tickets of these mails, by mail; mails without a ticket are absent."""
    found: dict[int, StoredCase] = {}
    with store.read() as conn:
        for part in chunks(mail_ids):
            rows = conn.execute(select(cases).where(cases.c.mail_id.in_(part)))
            found.update((row.mail_id, stored(row)) for row in rows)
    return found

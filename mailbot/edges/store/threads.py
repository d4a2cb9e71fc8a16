"""What earlier mails and replies say of a new one: its thread, its writer's history, the order of the thread."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Column,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    func,
    select,
    union_all,
)

from mailbot.edges.store import Store
from mailbot.edges.store.columns import as_key
from mailbot.edges.store.mailbox_tables import flagged_addresses, sent_answers, sent_mails
from mailbot.edges.store.schema import cases, replies
from mailbot.edges.store.statements import chunks
from mailbot.model import History, Mail

SENDER_WINDOW = timedelta(hours=24)
SERVICE_WINDOW = timedelta(hours=1)
_REFERENCES_READ = 30  # the newest ids of a thread; a hostile References header may hold thousands
_LEFT_OR_LEAVING = ("approved", "sending", "sent", "uncertain")
_AUTOMATIC = (replies.c.auto.is_(True), replies.c.state.in_(_LEFT_OR_LEAVING))
_NOTHING: Mapping[str, Any] = MappingProxyType({})

# Queries are built once, which takes as long as running them; `part` is a chunk of keys.
_PART: BindParameter[Any] = bindparam("part", expanding=True)
_SINCE = bindparam("since", type_=replies.c.approved_at.type)
_CASES_PER_CUSTOMER = (
    select(cases.c.customer, func.count())
    .where(cases.c.action != "ignore", cases.c.customer.in_(_PART))
    .group_by(cases.c.customer)
)
_AUTOMATIC_TO = (
    select(replies.c.to_addr, func.count())
    .where(*_AUTOMATIC, replies.c.approved_at >= _SINCE, replies.c.to_addr.in_(_PART))
    .group_by(replies.c.to_addr)
)
_AUTOMATIC_IN = (
    select(cases.c.thread, func.count())
    .join_from(replies, cases)
    .where(*_AUTOMATIC, cases.c.thread.in_(_PART))
    .group_by(cases.c.thread)
)
_AUTOMATIC_SINCE = (
    select(func.count()).select_from(replies).where(*_AUTOMATIC, replies.c.approved_at >= _SINCE)
)
_SAME_MAIL = (
    select(cases.c.message_id, cases.c.text_digest, func.min(cases.c.id))
    .where(cases.c.message_id.in_(_PART))
    .group_by(cases.c.message_id, cases.c.text_digest)
)
_FLAGGED = select(flagged_addresses.c.address, flagged_addresses.c.reason).where(
    flagged_addresses.c.address.in_(_PART)
)
_COMPLAINTS = (
    select(cases.c.customer, cases.c.order_id)
    .where(cases.c.customer.in_(_PART), cases.c.order_id.is_not(None), cases.c.action != "ignore")
    .distinct()
)


class ThreadOrder(NamedTuple):
    """The order a Message-ID leads to. `customer` wrote the case; `verified` when that case knew who they
    were."""

    channel: str
    order_id: str
    customer: str
    verified: bool


def text_digest(mail: Mail) -> str:
    """SHA-256 of what the writer newly wrote, hex."""
    return hashlib.sha256(mail.text.encode("utf-8", "replace")).hexdigest()


def customer_of(mail: Mail) -> str:
    """The address a correspondent is known by: who wrote, else who would be answered, else ''."""
    address = mail.sender or mail.reply_to
    return "" if address is None else as_key(address.addr)


def thread_keys(conn: Connection, mails: Sequence[Mail]) -> list[str]:
    """The thread of each mail: that of the newest known id it refers to, else its own oldest reference.

    Later mails of the list see the earlier ones."""
    known = _known_threads(conn, {ref for mail in mails for ref in _references(mail)})
    keys = []
    for mail in mails:
        refs = _references(mail)
        found = next((known[ref] for ref in refs if ref in known), None)
        oldest = next(iter((*mail.references, *mail.in_reply_to)), None) or mail.message_id
        key = found or as_key(oldest or f"digest:{mail.digest}")
        if mail.message_id:
            known.setdefault(as_key(mail.message_id), key)
        keys.append(key)
    return keys


def _references(mail: Mail) -> list[str]:
    """Keys of the ids a mail names, newest first, its own last."""
    named = [*mail.in_reply_to[:_REFERENCES_READ], *reversed(mail.references[-_REFERENCES_READ:])]
    return [as_key(ref) for ref in (*named, *mail.references[:1], mail.message_id) if ref]


def _known_threads(conn: Connection, refs: set[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    query = _of_messages(cases.c.thread, cases.c.id)
    for part in chunks(sorted(refs)):
        rows = conn.execute(query, {"part": part}).all()
        for message_id, thread, _ in sorted(rows, key=lambda row: -int(row[2])):
            known[message_id] = thread  # the oldest case wins
    return known


@cache
def _of_messages(*columns: Column[Any], with_order: bool = False) -> CompoundSelect[Any]:
    """The Message-IDs of `part` that we know, as our reply or as a customer's mail, with columns of their case."""
    wanted = (
        (replies.c.message_id, select(replies.c.message_id, *columns).join_from(replies, cases)),
        (cases.c.message_id, select(cases.c.message_id, *columns)),
        (sent_mails.c.known_by, _by_agents(*columns)),
    )
    having = (cases.c.order_id.is_not(None),) if with_order else ()
    return union_all(*(query.where(column.in_(_PART), *having) for column, query in wanted))


def _by_agents(*columns: Column[Any]) -> Select[Any]:
    """The Message-IDs of what agents answered from their own mail programs, with columns of the ticket."""
    answered = select(sent_mails.c.known_by, *columns).join_from(
        sent_mails, sent_answers, (sent_answers.c.sent_id == sent_mails.c.id) & sent_answers.c.answered
    )
    return answered.join(cases, cases.c.id == sent_answers.c.case_id)


def thread_orders(store: Store, message_ids: Sequence[str]) -> dict[str, ThreadOrder]:
    """The order of the case that each Message-ID (with <>) belongs to, as our reply or as a customer's mail.

    Ids that lead to no order are absent; when several cases share one, the newest wins."""
    found: dict[str, ThreadOrder] = {}
    wanted = {as_key(message_id): message_id for message_id in message_ids}
    columns = (cases.c.channel, cases.c.order_id, cases.c.customer, cases.c.identity, cases.c.id)
    query = _of_messages(*columns, with_order=True)
    with store.read() as conn:
        for part in chunks(list(wanted)):
            rows = sorted(conn.execute(query, {"part": part}).all(), key=lambda row: int(row[5]))
            for key, channel, order_id, customer, identity, _ in rows:
                found[wanted[key]] = ThreadOrder(channel, order_id, customer, identity == "verified")
    return found


def histories(store: Store, mails: Sequence[Mail], now: datetime) -> list[History]:
    """What is known of each mail's writer and thread before it; the mails themselves are not counted."""
    customers = [customer_of(mail) for mail in mails]
    addresses = [_addresses(mail) for mail in mails]
    digests = [text_digest(mail) for mail in mails]
    with store.read() as conn:
        threads = thread_keys(conn, mails)
        earlier = _counts(conn, _CASES_PER_CUSTOMER, customers)
        recent = {"since": now - SENDER_WINDOW}
        to_sender = _counts(conn, _AUTOMATIC_TO, [one for some in addresses for one in some], recent)
        in_thread = _counts(conn, _AUTOMATIC_IN, threads)
        last_hour = _last_hour(conn, now)
        same = _same_mail(conn, [as_key(mail.message_id) for mail in mails if mail.message_id])
        complaints = _complaints(conn, customers)
        flagged = _flagged(conn, [one for some in addresses for one in some])
    return [
        History(
            earlier_cases=earlier.get(customer, 0),
            automatic_replies_to_sender=sum(to_sender.get(address, 0) for address in some),
            automatic_replies_in_thread=in_thread.get(thread, 0),
            automatic_replies_last_hour=last_hour,
            same_message_id_case=same.get((as_key(mail.message_id or ""), digest)),
            same_complaint_order_ids=frozenset(complaints.get(customer, ())),
            undeliverable=next((flagged[one] for one in sorted(some) if one in flagged), None),
        )
        for mail, customer, some, thread, digest in zip(
            mails, customers, addresses, threads, digests, strict=True
        )
    ]


def _addresses(mail: Mail) -> set[str]:
    return {as_key(address.addr) for address in (mail.sender, mail.reply_to) if address is not None}


def _last_hour(conn: Connection, now: datetime) -> int:
    return conn.execute(_AUTOMATIC_SINCE, {"since": now - SERVICE_WINDOW}).scalar_one()


def _counts(
    conn: Connection, query: Select[Any], values: Iterable[str], known: Mapping[str, Any] = _NOTHING
) -> dict[str, int]:
    """value → count, by a query of `part`."""
    counts: dict[str, int] = {}
    for part in chunks(sorted(set(values) - {""})):
        counts.update({row[0]: row[1] for row in conn.execute(query, {**known, "part": part})})
    return counts


def _same_mail(conn: Connection, message_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for part in chunks(message_ids):
        rows = conn.execute(_SAME_MAIL, {"part": part})
        found.update({(message_id, digest): number for message_id, digest, number in rows})
    return found


def _flagged(conn: Connection, addresses: Sequence[str]) -> dict[str, str]:
    """Why mail to these addresses came back."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(addresses) - {""})):
        found.update({row.address: row.reason for row in conn.execute(_FLAGGED, {"part": part})})
    return found


def _complaints(conn: Connection, customers: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for part in chunks(sorted(set(customers) - {""})):
        for customer, order_id in conn.execute(_COMPLAINTS, {"part": part}):
            found.setdefault(customer, set()).add(order_id)
    return found

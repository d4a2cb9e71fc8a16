"""Small values for store tests: mails, judgements, and a store that already holds them."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from mailbot.edges.store import Store, cases, deadlines, mails, orders, replies
from mailbot.model import (
    Action,
    Address,
    Candidate,
    Deadline,
    Decision,
    Intent,
    Judgement,
    Line,
    Mail,
    Mentions,
    Order,
    OrderMatch,
    RawMail,
    Reply,
    Verdict,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
UNDO = timedelta(seconds=15)
MINUTE = timedelta(minutes=1)
MARIE = "marie@example.org"


def raw_mail(uid: int, *, data: bytes | None = None, folder: str = "INBOX", uidvalidity: int = 7) -> RawMail:
    """A mail in the account 'boutique'; its bytes follow from the UID unless given."""
    body = data if data is not None else f"From: {MARIE}\r\n\r\nmail {uid}\r\n".encode()
    return RawMail(
        account="boutique",
        folder=folder,
        uidvalidity=uidvalidity,
        uid=uid,
        received=NOW - timedelta(hours=1) + timedelta(seconds=uid),
        data=body,
        digest=hashlib.sha256(body).hexdigest(),
        size=len(body),
    )


def order(order_id: str = "FR-1001") -> Order:
    """A shipped order of the site."""
    return Order(
        order_id=order_id,
        channel="site",
        placed_at=NOW - timedelta(days=9),
        customer_email=MARIE,
        lines=(Line(sku="A1", label="Tasse bleue", qty=2, unit_price=Decimal("12.50")),),
        total=Decimal("25.00"),
        extra={"relay_name": "Tabac du Port"},
    )


def mail(
    number: int,
    *,
    sender: str = MARIE,
    text: str = "Où est mon colis ?",
    message_id: str | None = "",
    references: tuple[str, ...] = (),
    bounced_ids: tuple[str, ...] = (),
) -> Mail:
    """A parsed mail; its Message-ID follows from the number unless given."""
    return Mail(
        digest=f"digest-{number}",
        received=NOW - timedelta(hours=1) + timedelta(seconds=number),
        sent=None,
        message_id=f"<client-{number}@example.org>" if message_id == "" else message_id,
        in_reply_to=references[-1:],
        references=references,
        sender=Address(name="Marie Dupont", addr=sender),
        reply_to=Address(name="Marie Dupont", addr=sender),
        to=(),
        subject="Mon colis",
        text=text,
        quoted="",
        bounced_ids=bounced_ids,
    )


def reply_to(
    number: int, *, to: str = MARIE, missing: tuple[str, ...] = (), blocked: tuple[str, ...] = ()
) -> Reply:
    """The reply to `mail(number)`."""
    return Reply(
        template="colis_non_recu/en_route",
        to=Address(name="Marie Dupont", addr=to),
        subject="Re: Mon colis",
        text="Bonjour, votre colis est en route.",
        html="<p>Bonjour, votre colis est en route.</p>",
        message_id=f"<reponse-{number}@boutique.example>",
        in_reply_to=f"<client-{number}@example.org>",
        references=(f"<client-{number}@example.org>",),
        missing=missing,
        blocked=blocked,
    )


def clock(name: str = "reponse", *, due: timedelta = timedelta(days=2), start: datetime = NOW) -> Deadline:
    """A clock that is due `due` after `start`."""
    return Deadline(
        id=name,
        label="Répondre au client",
        start=start,
        due_at=start + due,
        rule="JO_2",
        basis="engagement de la boutique",
        steps=("lundi 23 : jour 1", "mardi 24 : jour 2"),
    )


def judgement(
    of: Mail,
    *,
    action: Action = "draft",
    reply: Reply | None = None,
    found: Order | None = None,
    clocks: tuple[Deadline, ...] = (),
) -> Judgement:
    """A judgement of the mail, with an order and clocks as given."""
    match = OrderMatch(
        order=found,
        method="email" if found else None,
        score=0.9 if found else 0.0,
        candidates=(Candidate(order=order("FR-2"), method="name", score=0.2),),
        identity="verified" if found else "unverified",
        mentions=Mentions(order_refs=("FR1001",)),
        reasons=("adresse de la commande",),
    )
    return Judgement(
        mail=of,
        verdict=Verdict(
            intents=(Intent(id="colis_non_recu", score=0.93, evidence=("où est mon colis",)),),
            requests=("colis_non_recu",),
            remedy="information",
            language="fr",
            flags=frozenset({"urgence"}),
        ),
        match=match,
        deadlines=clocks,
        decision=Decision(
            action=action, reasons=("colis en route",), situation="colis_non_recu/en_route", row="NR01"
        ),
        reply=reply,
    )


def take_in(store: Store, *uids: int, sender: str = MARIE, now: datetime = NOW) -> None:
    """Ingest mails with these UIDs."""
    mails.ingest(store, [(raw_mail(uid), sender) for uid in uids], now)


def marie_writes(store: Store, folder: Path, csv: str, body: str) -> None:
    """The shop has these orders (`csv`, laid into the folder), and takes in a mail of Marie on FR-1001."""
    (folder / "orders.csv").write_text(csv, "utf-8")
    orders.import_file(store, folder / "orders.csv", NOW)
    data = (
        f"From: Marie Dupont <{MARIE}>\r\nMessage-ID: <a@example.org>\r\nSubject: FR-1001\r\n\r\n{body}\r\n"
    ).encode()
    mails.ingest(store, [(replace(raw_mail(1, data=data), received=NOW), MARIE)], NOW)


def prepare(
    store: Store,
    of: Mail,
    *,
    uid: int,
    action: Action = "draft",
    reply: Reply | None = None,
    found: Order | None = None,
    clocks: tuple[Deadline, ...] = (),
    now: datetime = NOW,
) -> int:
    """Ingest, claim and save one mail; returns its ticket."""
    sender = of.sender.addr if of.sender else ""
    take_in(store, uid, sender=sender, now=now)
    (claimed,) = mails.claim(store, "ouvrier", 1, now, LEASE)
    judged = judgement(of, action=action, reply=reply, found=found, clocks=clocks)
    item = cases.Prepared(mail_id=claimed.id, owner="ouvrier", judgement=judged, rulebook_digest="regles-1")
    (number,) = cases.save(store, [item], now, UNDO)
    return number


def draft(store: Store, number: int = 1, *, action: Action = "draft", **more: object) -> replies.StoredReply:
    """A stored case of `mail(number)` with its reply."""
    case = prepare(store, mail(number), uid=number, action=action, reply=reply_to(number), **more)  # type: ignore[arg-type]
    found = replies.of_case(store, case)
    assert found is not None
    return found


def running(store: Store) -> list[deadlines.StoredDeadline]:
    """The unmet clocks of open tickets, soonest first."""
    return [one.deadline for one in deadlines.open_clocks(store, deadlines.Wanted())]


def overtaken(store: Store) -> tuple[int, int, int]:
    """Three tickets: one with a draft, due in 3 hours; the newer mail of its thread, due in 2 days, it gave way to;
    another customer's, due in a day."""
    older = draft(store, 1, clocks=(clock(due=timedelta(hours=3)), clock("enquete", due=timedelta(days=9))))
    same_thread = mail(2, references=("<client-1@example.org>",))
    newer = prepare(store, same_thread, uid=2, action="human", clocks=(clock(due=timedelta(days=2)),))
    someone = mail(3, sender="paul@example.org")
    other = prepare(store, someone, uid=3, action="human", clocks=(clock(due=timedelta(days=1)),))
    return older.case.id, newer, other

"""The dispute file of a ticket: timeline, originals with hashes, order, tracking, replies with proof of sending."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mailbot.config import Config
from mailbot.edges import dossier_pdf
from mailbot.edges.store import Store, agent_letters, cases, deadlines, dossiers, mails, orders, replies
from mailbot.edges.store.conflicts import Impossible
from mailbot.errors import NeedsHuman
from mailbot.jobs.deliver import account_of, built, enclosure_folder
from mailbot.model import Order
from mailbot.steps import french
from mailbot.zone import PARIS

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")

# fact of the order, then its name in French and in English
_ORDER = {
    "order_id": ("Numéro", "Number"), "channel": ("Canal de vente", "Sales channel"),
    "placed_at": ("Passée le", "Placed on"), "customer_name": ("Client", "Customer"),
    "postal_code": ("Code postal", "Postal code"), "city": ("Ville", "City"), "country": ("Pays", "Country"),
    "articles": ("Articles", "Articles"), "amount": ("Montant", "Amount"), "status": ("État", "Status"),
    "currency": ("Monnaie", "Currency"), "refunded_at": ("Remboursée le", "Refunded on"),
}  # fmt: skip
_TRACKING = {
    "carrier": ("Transporteur", "Carrier"), "tracking_number": ("Numéro de suivi", "Tracking number"),
    "shipped_at": ("Expédiée le", "Shipped on"), "tracking_status": ("Dernier état", "Last status"),
    "tracking_last_event_at": ("Dernier passage", "Last scan"),
    "estimated_delivery_max": ("Livraison annoncée au plus tard le", "Promised delivery"),
    "delivered_at": ("Livrée le", "Delivered on"), "delivery_proof": ("Preuve de remise", "Proof of delivery"),
}  # fmt: skip

# words of the orders file, in French and in English
_WORDS = {
    "none": ("aucune", "none"), "signature": ("signature", "signature"), "photo": ("photo", "photograph"),
    "code": ("code de retrait", "pick-up code"), "inconnu": ("inconnu", "unknown"),
    "introuvable": ("introuvable", "not found"), "pris_en_charge": ("pris en charge", "accepted by the carrier"),
    "en_transit": ("en transit", "in transit"), "bloque": ("bloqué", "stalled"),
    "en_point_relais": ("en point de retrait", "at the pick-up point"),
    "en_livraison": ("en cours de livraison", "out for delivery"), "livre": ("livré", "delivered"),
    "retour": ("retour à l'expéditeur", "returned to sender"), "douane": ("en douane", "in customs"),
    "perdu": ("perdu", "lost"), "processing": ("en préparation", "processing"), "shipped": ("expédiée", "shipped"),
    "delivered": ("livrée", "delivered"), "returned": ("retournée", "returned"),
    "cancelled": ("annulée", "cancelled"), "refunded": ("remboursée", "refunded"),
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message received or sent. `file`: its name in the ZIP; `digest`: SHA-256 of that file, '' when it is no
    longer kept; `proof`: what our mail server answered."""

    at: datetime
    who: str
    subject: str
    text: str
    file: str
    data: bytes
    digest: str
    message_id: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`state`: tenue, en_retard, depassee, en_cours."""

    label: str
    basis: str
    due_at: datetime
    met_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything known of a dispute; times aware. `number` is the ticket it was asked for."""

    number: int
    shop: str
    made_at: datetime
    order: Order | None
    events: tuple[Event, ...]
    clocks: tuple[Clock, ...]
    received: tuple[Letter, ...]
    sent: tuple[Letter, ...]


def gather(store: Store, config: Config, shop: str, number: int, now: datetime) -> Dossier:
    """Read what belongs to ticket `number` and its conversation. Raises Impossible (French) when unknown."""
    tickets = [cases.get(store, one) for one in dossiers.tickets_of(store, number)]
    clocks = deadlines.of_cases(store, [one.id for one in tickets])
    story = [event for one in tickets for event in cases.story(store, one.id)]
    asked = next(one for one in tickets if one.id == number)
    known = asked.order_id and asked.channel
    return Dossier(
        number=number,
        shop=shop,
        made_at=now,
        order=orders.get(store, asked.channel or "", asked.order_id or "") if known else None,
        events=tuple(Event(at=one.at, who=one.actor, what=one.detail) for one in sorted(story, key=_when)),
        clocks=tuple(_clock(one, now) for ticket in tickets for one in clocks[ticket.id] if one.duty),
        received=tuple(_received(store, one) for one in tickets),
        sent=_all_sent(store, config, tickets),
    )  # fmt: skip


def _when(event: cases.Event) -> datetime:
    return event.at


def _clock(one: deadlines.StoredDeadline, now: datetime) -> Clock:
    if one.met_at is not None:
        state = "tenue" if one.met_at <= one.due_at else "en_retard"
    else:
        state = "depassee" if one.due_at < now else "en_cours"
    return Clock(label=one.label, basis=one.basis, due_at=one.due_at, met_at=one.met_at, state=state)


def _received(store: Store, case: cases.StoredCase) -> Letter:
    try:
        data = mails.raw(store, case.mail_id).data
    except Impossible:
        data = b""
    who = f"{case.customer_name} <{case.customer}>" if case.customer_name else case.customer
    return Letter(
        at=case.received_at, who=who, subject=case.subject, text=case.text,
        file=f"messages/ticket-{case.id}-recu.eml", data=data, digest=_digest(data),
        message_id=case.message_id or "",
    )  # fmt: skip


def _all_sent(store: Store, config: Config, tickets: Sequence[cases.StoredCase]) -> tuple[Letter, ...]:
    """What left for the customer, from here and from the agents' mail programs; a draft of ours that an agent sent is
    told once, as it left."""
    theirs = agent_letters.of_cases(store, [one.id for one in tickets])
    by_hand = {one.reply_id for one in theirs}
    known = [one for ticket in tickets if (one := replies.of_case(store, ticket.id)) and one.state == "sent"]
    ours = [_sent(config, one) for one in known if one.server_code is not None or one.id not in by_hand]
    return tuple(sorted((*ours, *map(_by_agent, theirs)), key=lambda letter: letter.at))


def _by_agent(one: agent_letters.AgentLetter) -> Letter:
    return Letter(
        at=one.sent_at, who=", ".join(one.recipients), subject=one.subject, text=one.text,
        file=f"messages/ticket-{one.case_id}-reponse-agent-{one.sent_id}.eml", data=one.data,
        digest=_digest(one.data), message_id=one.message_id,
    )  # fmt: skip


def _sent(config: Config, reply: replies.StoredReply) -> Letter:
    data = _as_sent(config, reply)
    said = " ".join(str(part) for part in (reply.server_code, reply.server_text) if part)
    return Letter(
        at=reply.sent_at or reply.moved_at, who=reply.reply.to.addr, subject=reply.reply.subject,
        text=reply.reply.text, file=f"messages/ticket-{reply.case.id}-reponse.eml", data=data,
        digest=_digest(data), message_id=reply.reply.message_id, proof=said,
    )  # fmt: skip


def _as_sent(config: Config, reply: replies.StoredReply) -> bytes:
    """The bytes that left through us; none when an agent sent the answer from their own mail client."""
    account = account_of(config, reply.case.account)
    if account is None or reply.server_code is None:
        return b""
    try:
        return built(account, reply, enclosure_folder(config))
    except NeedsHuman:  # an enclosed file is no longer what it was
        return b""


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest() if data else ""


def summary(dossier: Dossier, language: Language) -> str:
    """A few plain lines for forms that take no attachment."""
    return _render("resume", dossier, language)


def archive(dossier: Dossier) -> bytes:
    """The ZIP: PDF and short text in French and English, originals, the order, and the SHA-256 of each file. The
    same dossier gives the same bytes."""
    files = list(_files(dossier))
    files.append(("empreintes.txt", _prints(files)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        stamp = dossier.made_at.astimezone(PARIS).timetuple()[:6]
        for name, data in files:
            bundle.writestr(zipfile.ZipInfo(name, stamp), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _files(dossier: Dossier) -> Iterator[tuple[str, bytes]]:
    for language in LANGUAGES:
        title = f"Dossier {dossier.number}"
        yield f"dossier.{language}.pdf", dossier_pdf.pdf(_render("dossier", dossier, language), title)
        yield f"resume.{language}.txt", summary(dossier, language).encode()
    for letter in (*dossier.received, *dossier.sent):
        if letter.data:
            yield letter.file, letter.data
    if dossier.order is not None:
        told = json.dumps(asdict(dossier.order), ensure_ascii=False, indent=2, default=str)
        yield "commande.json", told.encode()


def _prints(files: Sequence[tuple[str, bytes]]) -> bytes:
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files).encode()


def _render(name: str, dossier: Dossier, language: Language) -> str:
    facts = _order_facts(dossier.order)
    told = {
        "ticket": dossier.number, "shop": dossier.shop, "made_at": dossier.made_at, "events": dossier.events,
        "clocks": dossier.clocks, "received": dossier.received, "sent": dossier.sent,
        "order": _named(facts, _ORDER, language), "tracking": _named(facts, _TRACKING, language),
    }  # fmt: skip
    return _pages(language).get_template(f"{name}.{language}.j2").render(d=told).strip() + "\n"


def _order_facts(order: Order | None) -> dict[str, Any]:
    if order is None:
        return {}
    facts = {name: getattr(order, name, None) for name in (*_ORDER, *_TRACKING)}
    facts["articles"] = ", ".join(f"{line.qty} × {line.label}" for line in order.lines)
    facts["amount"] = order.total
    return facts


def _named(
    facts: dict[str, Any], names: dict[str, tuple[str, str]], language: Language
) -> list[tuple[str, str]]:
    place = LANGUAGES.index(language)
    return [(labels[place], _told(facts[key], language)) for key, labels in names.items() if facts.get(key)]


def _told(value: Any, language: Language) -> str:
    if isinstance(value, date):
        return _moment(value, language)
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", ",") if language == "fr" else f"{value:.2f}"
    words = _WORDS.get(value)
    return words[LANGUAGES.index(language)] if words else str(value)


def _moment(value: date, language: Language) -> str:
    """Day and hour in Paris; a plain date has no hour."""
    if language == "fr":
        return french.date_and_time(value).replace("\u00a0", " ")
    local = value.astimezone(PARIS) if isinstance(value, datetime) else value
    day = f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {local:%H:%M}" if isinstance(local, datetime) else day


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.replace("\u00a0", " ").splitlines())


def _one_line(value: Any) -> Any:
    """What people wrote must not open a new line of the markup."""
    return french.one_line(value) if isinstance(value, str) else value


@cache
def _pages(language: Language) -> Environment:
    pages = Environment(  # noqa: S701 - plain text and our own markup, no HTML
        loader=FileSystemLoader(Path(__file__).parent / "dossier_texts"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    moment = partial(_moment, language=language)
    pages.filters |= {"moment": moment, "quoted": _quoted, "facts": dict, "line": _one_line}
    return pages

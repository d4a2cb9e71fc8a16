"""The values that flow down the line. All frozen; all datetimes aware.

RawMail → Mail → Verdict → OrderMatch → Deadlines → Decision → Reply → Receipt
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

MachineKind = Literal["auto_reply", "bounce", "notification", "bulk"]
Action = Literal["send", "draft", "human", "ignore"]
Identity = Literal["verified", "unverified"]
MailState = Literal["received", "prepared", "ignored", "parked"]
ReplyState = Literal["draft", "approved", "sending", "sent", "refused", "uncertain", "failed"]

# Which state may follow which. Only edges.store moves a state, with a conditional UPDATE that counts rows.
MAIL_MOVES: Mapping[MailState, tuple[MailState, ...]] = {
    "received": ("prepared", "ignored", "parked"),
    "parked": ("received",),
    "prepared": (),
    "ignored": ("received",),
}
REPLY_MOVES: Mapping[ReplyState, tuple[ReplyState, ...]] = {
    "draft": ("approved", "refused", "sent"),  # sent: an agent sent it from an ordinary mail program
    "approved": ("sending", "draft", "refused", "sent"),
    "sending": ("sent", "approved", "uncertain", "failed"),
    "uncertain": ("sent", "approved", "refused"),
    "failed": ("draft", "approved", "refused", "sent"),
    "sent": (),
    "refused": ("draft", "sent"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMail:
    """One message as the server holds it. `data` is the whole message, or its header block only when
    `complete` is False (larger than `max_message_mb`). `received` is INTERNALDATE; `digest` the SHA-256
    of `data` in hex; `size` RFC822.SIZE in bytes."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    received: datetime
    data: bytes
    digest: str
    size: int
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mailbox of RFC 5322. `addr` is lower-cased, without angle brackets; `name` is decoded, may be ''."""

    name: str
    addr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    filename: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Why a mail is a machine's: the header or phrase that says so (`reason`, readable, French)."""

    kind: MachineKind
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """Results stated by the receiving server (RFC 8601): 'pass', 'fail', ... or None when not stated."""

    spf: str | None = None
    dkim: str | None = None
    dmarc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a delivery report says of a mail of ours: the address that failed ('' when not said), and why (French)."""

    recipient: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A parsed message. `text` is only what this sender newly wrote; `quoted` is all the rest, never lost.
    `reply_to` is where an answer goes (Reply-To, else From); None when nobody can be answered.
    `channel` is the channel id whose relay address wrote it, else None. `sent` is the Date header or None.
    `bounced_ids`: Message-IDs of ours that a DSN reports as not delivered; `bounce`: what it says of them."""

    digest: str
    received: datetime
    sent: datetime | None
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: Address | None
    reply_to: Address | None
    to: tuple[Address, ...]
    subject: str
    text: str
    quoted: str
    attachments: tuple[Attachment, ...] = ()
    machine: Machine | None = None
    channel: str | None = None
    authentication: Authentication = Authentication()
    bounced_ids: tuple[str, ...] = ()
    bounce: Bounce | None = None
    complete: bool = True
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One thing the writer wants, with a calibrated probability and the words that show it."""

    id: str
    score: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was understood. `intents` best first; `requests` = those judged present, primary first; `remedy` the
    likeliest, with its probability `remedy_score`.
    `flags`: danger, detresse, menace_juridique, mise_en_demeure, donnees_personnelles, instruction_bot, urgence,
    avis_negatif, modification_facture, ... (closed list in rules/intentions/_drapeaux.toml)."""

    intents: tuple[Intent, ...]
    requests: tuple[str, ...]
    remedy: str | None
    language: str | None
    flags: frozenset[str] = frozenset()
    remedy_score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an order. `unit_price` in the order's currency, VAT included; None when unknown."""

    sku: str
    label: str
    qty: int
    unit_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of the merchant (contract §3). None means unknown, never 'no'. Unknown columns are in `extra`.
    Known but rarely used facts of contract §3 (relay_name, claim_open, personalised, ...) are in `extra` too,
    as the text of the file."""

    order_id: str
    channel: str
    placed_at: datetime
    status: str | None = None
    customer_name: str | None = None
    customer_email: str | None = None
    phone: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    shipped_at: datetime | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    estimated_delivery_min: date | None = None
    estimated_delivery_max: date | None = None
    delivered_at: datetime | None = None
    tracking_status: str | None = None
    tracking_last_event_at: datetime | None = None
    delivery_proof: str | None = None
    fulfilment: str | None = None
    ship_by: datetime | None = None
    refunded_at: datetime | None = None
    refund_amount: Decimal | None = None
    lines: tuple[Line, ...] = ()
    total: Decimal | None = None
    currency: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """Numbers as literally found in the mail, normalised, in order of appearance."""

    order_refs: tuple[str, ...] = ()
    tracking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What the mail offers to find its order by. Every key is in the form the store indexes:
    `refs` and `tracking` folded (upper case, only A-Z0-9), `emails` lower case, `message_ids` with <>,
    `names` folded words in alphabetical order (mailbot.identifiers.fold_name)."""

    refs: tuple[str, ...] = ()
    tracking: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    mentions: Mentions = Mentions()
    loose: tuple[str, ...] = ()  # numbers that may be misspelt or cut short, worth a wider search
    written: Mapping[str, str] = field(default_factory=dict)  # number as folded → as the mail has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One order that one clue points at. `method`: order_ref, tracking, thread, email, name. `vouched`: of a thread,
    the same writer was already known as the buyer in it."""

    order: Order
    method: str
    clue: str
    vouched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    order: Order
    method: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMatch:
    """The order the mail is about, or None; `candidates` are the other possible ones, best first, at most 5."""

    order: Order | None
    method: str | None
    score: float
    candidates: tuple[Candidate, ...]
    identity: Identity
    mentions: Mentions
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the store knows of this correspondent and thread before this mail."""

    earlier_cases: int = 0
    automatic_replies_to_sender: int = 0  # within the guard's window (24 h)
    automatic_replies_in_thread: int = 0
    automatic_replies_last_hour: int = 0  # of the whole service
    same_message_id_case: int | None = None  # a case with the same Message-ID and the same text
    same_complaint_order_ids: frozenset[str] = frozenset()
    undeliverable: str | None = (
        None  # why mail to this correspondent came back (French), until somebody lifts it
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One clock. `start` and `due_at` aware, Europe/Paris; `steps` is the day-by-day count in French.
    `duty`: the shop must act by then; otherwise it is the customer's own time, shown but not watched."""

    id: str
    label: str
    start: datetime
    due_at: datetime
    rule: str
    basis: str
    steps: tuple[str, ...]
    rolled: bool = False
    duty: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do and why. `situation` is the stem of the rule; `row` the decision-table row or None."""

    action: Action
    reasons: tuple[str, ...]
    situation: str | None = None
    row: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that goes along with a letter. `kind`: its id in rules/pieces_jointes.toml, `title`: in French, `name`: in
    the folder of attachments ('' when the order does not say). `size` 0: it is not there; `digest`: SHA-256, hex."""

    kind: str
    title: str
    name: str
    content_type: str
    size: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply ready to be stored. Empty `missing` and `blocked` means nothing forbids sending it.
    `message_id` derives from what all copies of the mail
    share, so that a retry and a copy reuse it. `facts` are what an edited text may state
    (plain JSON of guards.CaseFacts)."""

    template: str
    to: Address
    subject: str
    text: str
    html: str | None
    message_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    missing: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Everything the pure line says of one mail. `history` is what it was told of the time before, so that a replay
    can judge the mail by the same past. `alone`: the reply would leave without a person, were sending alone switched on
    for every situation that admits it."""

    mail: Mail
    verdict: Verdict
    match: OrderMatch
    deadlines: tuple[Deadline, ...]
    decision: Decision
    reply: Reply | None
    history: History = field(default_factory=History)
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one attempt to send. `retry`: surely not sent, try later; `failed`: surely not sent and
    only a human can mend it; `uncertain`: the server may have it."""

    outcome: Literal["sent", "retry", "failed", "uncertain"]
    code: int | None
    server_text: str

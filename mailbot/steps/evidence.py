"""What speaks for each order that was found: numbers, addresses, names, and the words, amounts and days of the mail."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from rapidfuzz import fuzz, process

from mailbot.identifiers import fold_id, fold_name, fold_text, has_number, has_word
from mailbot.model import Clues, Finding, Mail, Order
from mailbot.steps.french import MONTHS

_WORD = re.compile(r"[^\W\d_]{4,}")
_AMOUNT = re.compile(r"(?<![\d.,])(\d{1,6})[.,](\d{1,2})(?![\d.,]\d)")
_DAY = re.compile(
    r"(?<!\d)(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}))?(?!\d)|(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)"
)
_MONTHS = [fold_text(month) for month in MONTHS]
_NAMED_DAY = re.compile(rf"(?<!\d)(\d{{1,2}})(?:er)? ({'|'.join(_MONTHS)})")
_SAME_WORD = 84  # percent of likeness at which a misspelt word is taken for a product's


@dataclass(slots=True)
class Evidence:
    """One order and how it was found. `ref` and `parcel`: '' or 'exact' or 'near' (misspelt, cut short); `own`: the
    writer's address is the order's; `told`: the mail gives the order's address; `clue`: the number that named it;
    `vouched`: the writer was known as the buyer earlier in the thread (an id in a header proves nothing by itself)."""

    order: Order
    ref: str = ""
    parcel: str = ""
    thread: bool = False
    vouched: bool = False
    own: bool = False
    told: bool = False
    name: bool = False
    clue: str = ""

    @property
    def exact(self) -> bool:
        """Named by a number, letter for letter."""
        return "exact" in (self.ref, self.parcel)

    @property
    def near(self) -> bool:
        """Named by a number that is misspelt or cut short."""
        return not self.exact and "near" in (self.ref, self.parcel)

    @property
    def method(self) -> str:
        """The surest way by which the order was found."""
        if self.ref or self.parcel:
            return "order_ref" if self.ref else "tracking"
        if self.thread:
            return "thread"
        return "email" if self.own or self.told else "name"

    @property
    def weight(self) -> float:
        """How high the order stands among candidates (0..1)."""
        if self.exact:
            return 0.9
        if self.near:
            return 0.5
        return 0.4 if self.own or self.thread else 0.2


def gather(mail: Mail, findings: Sequence[Finding]) -> list[Evidence]:
    """One Evidence per order, in the order of the findings."""
    writer = mail.sender.addr if mail.sender else ""
    by_order: dict[tuple[str, str], Evidence] = {}
    for finding in findings:
        order = finding.order
        item = by_order.setdefault((order.channel, order.order_id), Evidence(order))
        if finding.method == "order_ref":
            item.ref = "exact" if fold_id(order.order_id) == finding.clue else item.ref or "near"
            item.clue = item.clue or finding.clue
        elif finding.method == "tracking":
            item.parcel = "exact" if finding.clue in _parcels(order) else item.parcel or "near"
            item.clue = item.clue or finding.clue
        elif finding.method == "thread":
            item.thread, item.vouched = True, item.vouched or finding.vouched
        elif finding.method == "email":
            item.own = item.own or (finding.clue == writer and order.customer_email == writer)
            item.told = item.told or finding.clue != writer
        elif finding.method == "name":
            item.name = True
    return list(by_order.values())


def _parcels(order: Order) -> tuple[str, str]:
    return fold_id(order.tracking_number or ""), fold_id(order.extra.get("tracking_number_2", ""))


@dataclass
class Context:
    """What the mail says besides numbers; each view is worked out only when asked for."""

    mail: Mail
    clues: Clues
    vague: Collection[str]
    states: Mapping[str, frozenset[str]]
    intents: Sequence[str] = ()
    _matched: dict[str, str | None] = field(default_factory=dict)

    @cached_property
    def when(self) -> datetime:
        """When the mail was written: its Date if believable, else its arrival."""
        sent, received = self.mail.sent, self.mail.received
        return sent if sent and sent <= received + timedelta(days=1) and sent.year >= 2000 else received

    @cached_property
    def text(self) -> str:
        """Everything the mail says, folded."""
        return fold_text(f"{self.mail.subject}\n{self.mail.text}\n{self.mail.quoted[:20_000]}")

    @cached_property
    def words(self) -> dict[str, bool]:
        """Its words of four letters or more, without plural mark; True when the writer's own."""
        words = dict.fromkeys((_stem(word) for word in _WORD.findall(self.text)), False)
        own = fold_text(f"{self.mail.subject}\n{self.mail.text}")
        return words | dict.fromkeys((_stem(word) for word in _WORD.findall(own)), True)

    @cached_property
    def amounts(self) -> frozenset[Decimal]:
        """Amounts with cents."""
        return frozenset(Decimal(f"{a}.{b.ljust(2, '0')}") for a, b in _AMOUNT.findall(self.text))

    @cached_property
    def days(self) -> frozenset[tuple[int, int]]:
        """(day, month) of each date written out."""
        numeric = {
            (int(d1 or d2), int(m1 or m2))
            for d1, m1, _, _, m2, d2 in _DAY.findall(self.text)
            if int(m1 or m2) <= 12
        }
        return frozenset(
            numeric | {(int(day), _MONTHS.index(month) + 1) for day, month in _NAMED_DAY.findall(self.text)}
        )

    @cached_property
    def own_numbers(self) -> str:
        """The writer's own words as one folded number, to tell whether a number is in them."""
        names = " ".join(attachment.filename for attachment in self.mail.attachments)
        return fold_id(f"{self.mail.subject} {self.mail.text} {names}")

    @cached_property
    def name_words(self) -> frozenset[str]:
        """Words of the names that the mail gives for its writer."""
        sender = fold_text(self.mail.sender.name) if self.mail.sender else ""
        return frozenset(" ".join((*self.clues.names, sender)).split())

    def products(self, order: Order) -> frozenset[str]:
        """Words of the order's products that the mail uses, misspelt or not."""
        labels = {
            stem
            for line in order.lines
            for word in _WORD.findall(fold_text(line.label))
            if (stem := _stem(word)) not in self.vague and word not in self.vague
        }
        return frozenset(label for label in labels if self._said(label))

    def _said(self, label: str) -> bool:
        if label in self.words:
            return True
        if label not in self._matched:
            near = process.extractOne(label, self.words.keys(), scorer=fuzz.ratio, score_cutoff=_SAME_WORD)
            self._matched[label] = near[0] if near else None
        return self._matched[label] is not None

    def same_name(self, order: Order) -> bool | None:
        """Whether the writer bears the order's name: True (first and last name), False (nothing in common), None when
        it cannot be told."""
        wanted = set(fold_name(order.customer_name or "").split())
        given = {word for word in self.name_words if len(word) > 1}
        if not wanted or len(given) < 2:
            return None
        common = len(wanted & given)
        return True if common >= 2 else None if common else False

    def same_place(self, order: Order) -> bool:
        """The mail has the order's postal code, town or telephone."""
        code, city = order.postal_code or "", fold_text(order.city or "").split(" (")[0]
        phone = fold_id(order.phone or "")[-9:]
        return (
            (len(code) >= 4 and has_number(self.text, code.lower()))
            or (len(city) >= 4 and has_word(self.text, city))
            or (len(phone) == 9 and phone in self.own_numbers)
        )

    def amount(self, order: Order) -> bool:
        """The mail has the order's total or the price of a line."""
        prices = [order.total, *(line.unit_price for line in order.lines)]
        return any(price is not None and price.quantize(Decimal("0.01")) in self.amounts for price in prices)

    def day(self, order: Order) -> bool:
        """The mail has the day of the order, its dispatch or its delivery."""
        moments = (order.placed_at, order.shipped_at, order.delivered_at)
        return any((moment.day, moment.month) in self.days for moment in moments if moment is not None)

    def plausible_state(self, order: Order) -> bool | None:
        """Whether what the mail wants goes with the order's status; None when that is not known."""
        states = next((self.states[intent] for intent in self.intents if intent in self.states), None)
        return None if states is None or order.status is None else order.status in states

    def agreements(self, order: Order) -> list[str]:
        """What in the mail agrees with the order, in French."""
        reasons = []
        if self.same_name(order):
            reasons.append("le nom est celui de la commande")
        if words := self.products(order):
            reasons.append(f"article cité ({', '.join(sorted(words)[:3])})")
        if self.same_place(order):
            reasons.append("ville, code postal ou téléphone de la commande")
        if self.amount(order):
            reasons.append("montant de la commande")
        return reasons


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 and word[-1] in "sx" else word


def rank(context: Context, orders: Iterable[Order]) -> list[tuple[float, Order]]:
    """Orders by plausibility, best first. What all of them share tells nothing; products, amounts and days count
    most, then the state, then how recent the order is."""
    listed = list(orders)
    said = [context.products(order) for order in listed]
    shared = frozenset.intersection(*said) if said else frozenset()
    scored = []
    for order, words in zip(listed, said, strict=True):
        score = sum(2.0 if context.words.get(word, True) else 1.2 for word in words - shared)
        score += 3.0 * context.amount(order) + 1.5 * context.day(order)
        score += {True: 0.5, False: -1.0, None: 0.0}[context.plausible_state(order)]
        age = (context.when - order.placed_at) / timedelta(days=1)
        score += max(0.0, 1.0 - age / 120) if age >= 0 else 0.0
        scored.append((score, order))
    return sorted(scored, key=lambda pair: -pair[0])

"""The last look at every outgoing text: holes, forbidden words, and facts that are not this case's."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self

from mailbot.model import Order
from mailbot.ruleset.guards import Guards, OutputLimits
from mailbot.steps.context import Case
from mailbot.steps.french import MONTHS, bare_subject, one_line, paris_day, typography
from mailbot.steps.order_text import instant, number

_HOLE = re.compile(r"\[à compléter[^\]]*\]|\[[^\]\n]{0,60}\]|\{\{|\}\}|\{%|%\}|\{#")
_LEFTOVER = re.compile(r"\b(?:None|nan|NaN|Undefined)\b")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>«»]+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.-])(?:\+|00)?\d(?:[\s.-]?\d){9,12}(?![\w-])")
_AMOUNT = re.compile(r"(\d{1,3}(?:[ .\u00a0\u202f]\d{3})+(?:,\d{1,2})?|\d+(?:[,.]\d{1,2})?)\s?(?:€|[eE][uU][rR](?:[oO][sS]?)?\b)")  # fmt: skip # noqa: E501
_HAS_MONEY = re.compile(r"€|[eE][uU][rR]")
_LONG_DATE = re.compile(rf"\b(\d{{1,2}})(?:er)? ({'|'.join(MONTHS)})(?: (\d{{4}}))?", re.IGNORECASE)
_SHORT_DATE = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})\b")
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_TOKEN = re.compile(r"[\w-]{5,}")
_DIGITS = 4  # from so many digits on, a word is a number of something
_NAMED_NUMBER = re.compile(r"n°\s*([\w-]*\d[\w-]*)")
_ARTICLE = re.compile(r"\b[LRD]\.?\s?\d{3,4}-\d+(?:-\d+)?\b")  # of a code of law
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRules:
    """What rules/garde_fous.toml says of outgoing texts, compiled: (id, everywhere?, patterns, reason)."""

    never: tuple[tuple[str, bool, tuple[re.Pattern[str], ...], str], ...] = ()
    limits: OutputLimits = field(default_factory=OutputLimits)

    @classmethod
    def compiled(cls, guards: Guards) -> Self:
        """From the rule file; upper and lower case do not matter."""
        return cls(
            never=tuple(
                (rule.id, rule.partout, tuple(map(_compiled, rule.motifs)), rule.raison)
                for rule in guards.jamais
            ),
            limits=guards.textes,
        )


def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern without capitals is searched in lower case text, which is several times faster than IGNORECASE."""
    capitals = any(char.isupper() for char in re.sub(r"\\.", "", pattern))
    return re.compile(pattern, re.IGNORECASE if capitals else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """The facts a text about one case may state; small and storable, so that an edited text is held to the same.

    `dates` ISO days, `promised` the due dates among them, `amounts` like '39.90', `numbers` folded, `literals`
    texts of the shop and order that are let through as they are, `prohibitions` of the channel."""

    numbers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    channel: str = ""
    prohibitions: tuple[str, ...] = ()
    subject: str = ""

    def to_json(self) -> dict[str, Any]:
        """A plain dictionary for a JSON column."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; lists become tuples again."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        return cls(**values)


def case_facts(case: Case) -> CaseFacts:
    """What a reply to `case` may state. For an unverified writer: his own numbers and the dates of his mail only."""
    order, merchant = case.order, case.merchant
    days: list[date] = [
        case.mail.received,
        case.now,
        *([case.mail.sent] if case.mail.sent else []),
        *case.due.values(),
    ]
    mentions = case.match.mentions
    numbers = [*mentions.order_refs, *mentions.tracking]
    literals = [merchant.nom, *merchant.signature.splitlines(), merchant.mediateur, merchant.mention_ia]
    literals += merchant.adresse_retour.splitlines()
    prohibitions = case.channel.interdits if case.channel else ()
    links = [] if "liens" in prohibitions or not merchant.site else [merchant.site]
    if order is not None:
        days += [*_order_days(order), *([case.usual_delivery] if case.usual_delivery else [])]
        numbers += _order_numbers(order)
        literals += [*_order_texts(order), *_order_numbers(order)]
        links += [link for link in case.links if link]
    return CaseFacts(
        numbers=tuple(sorted({_fold(number) for number in numbers})),
        dates=tuple(sorted({paris_day(day).isoformat() for day in days})),
        promised=tuple(sorted({paris_day(day).isoformat() for day in case.due.values()})),
        amounts=tuple(sorted(_order_amounts(order))) if order else (),
        links=tuple(dict.fromkeys(links)),
        literals=tuple(sorted({_literal(text) for text in literals if len(text.strip()) > 2})),
        channel=case.channel.nom if case.channel else "",
        prohibitions=prohibitions,
        subject=bare_subject(case.mail.subject),
    )


def _order_days(order: Order) -> list[date]:
    days: list[date | None] = [
        order.placed_at, order.shipped_at, order.estimated_delivery_min, order.estimated_delivery_max,
        order.delivered_at, order.tracking_last_event_at, order.ship_by, order.refunded_at,
    ]  # fmt: skip
    return [day for day in (*days, *(instant(order, column) for column in order.extra)) if day is not None]


def _order_numbers(order: Order) -> list[str]:
    known = (order.order_id, order.tracking_number, *(order.extra.get(key) for key in _NUMBER_COLUMNS))
    return [*(number for number in known if number), *(line.sku for line in order.lines)]


_NUMBER_COLUMNS = ("tracking_number_2", "invoice_number")


def _order_texts(order: Order) -> list[str]:
    own = [order.customer_name, order.city, order.carrier, *(line.label for line in order.lines)]
    told = [order.extra.get(key) for key in ("relay_name", "relay_address", "return_reason")]
    return [text for text in (*own, *told) if text]


def _order_amounts(order: Order) -> set[str]:
    shipping = number(order, "shipping_amount")
    amounts = [order.total, order.refund_amount, shipping]
    amounts += [line.unit_price for line in order.lines]
    amounts += [line.unit_price * line.qty for line in order.lines if line.unit_price is not None]
    return {f"{amount:.2f}" for amount in amounts if amount is not None}


def check(text: str, subject: str, facts: CaseFacts, rules: OutputRules, *, today: date) -> tuple[str, ...]:
    """Why this text must not leave as it is, each reason in French with how to mend it; () when nothing forbids it.

    `today` is the day in France on which it would leave: a promised date before it is refused."""
    plain = _plain(text)
    if (
        bare_subject(subject) not in facts.subject
    ):  # what the customer wrote himself goes back to him as it is
        plain += "\n" + _plain(subject)
    bare = _without_links(plain, facts.links)
    masked = _mask(bare, facts.literals)
    return tuple(
        dict.fromkeys(
            [
                *_holes(masked),
                *_never(masked, facts, rules),
                *_contacts(bare, masked, facts),
                *_foreign_facts(masked, facts, today),
                *_shape(plain, rules.limits),
            ]
        )
    )


@lru_cache(maxsize=4096)
def _literal(text: str) -> str:
    return _plain(typography(one_line(text)))


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def _without_links(text: str, links: Sequence[str]) -> str:
    for link in sorted(links, key=len, reverse=True):
        text = text.replace(link, "…")
    return text


def _mask(text: str, literals: Sequence[str]) -> str:
    for literal in sorted(literals, key=len, reverse=True):
        text = text.replace(literal, "…")
    return text


def _fold(number: str) -> str:
    return re.sub(r"[\W_]", "", number).upper()


def _holes(masked: str) -> Iterator[str]:
    brackets = _HOLE.findall(masked) if "[" in masked or "{" in masked or "}" in masked else []
    for hole in (*brackets, *_LEFTOVER.findall(masked)):
        yield f"Passage à compléter : « {hole} ». Remplacez-le par le bon renseignement ou retirez la phrase."


def _never(masked: str, facts: CaseFacts, rules: OutputRules) -> Iterator[str]:
    lower = masked.lower()
    for name, everywhere, patterns, reason in rules.never:
        if not (everywhere or name in facts.prohibitions):
            continue
        for pattern in patterns:
            if found := pattern.search(masked if pattern.flags & re.IGNORECASE else lower):
                yield f"À ne pas écrire : « {found[0].strip()} ». {reason}"
                break


def _contacts(bare: str, masked: str, facts: CaseFacts) -> Iterator[str]:
    known = set(facts.numbers)
    for name, pattern, what in _CONTACTS:
        banned = name in facts.prohibitions
        if name == "adresses" and "@" not in bare:
            continue
        for found in pattern.finditer(bare if banned else masked):
            if _fold(found[0]) in known:
                continue
            if banned:
                yield f"{facts.channel or 'Ce canal'} interdit {what} dans les messages : retirez « {found[0]} »."
            else:
                yield f"« {found[0]} » : {what} qui ne vient pas de ce dossier. Vérifiez ou retirez."


_CONTACTS = (
    ("liens", _LINK, "un lien"),
    ("adresses", _EMAIL, "une adresse e-mail"),
    ("telephones", _PHONE, "un numéro de téléphone"),
)


def _foreign_facts(masked: str, facts: CaseFacts, today: date) -> Iterator[str]:
    for written, shape in _dates(masked):
        days = [day for day in facts.dates if day.endswith(shape)]
        if not days:
            yield f"Date « {written} » : elle n'est pas dans ce dossier. Corrigez-la ou retirez-la."
        elif all(day in facts.promised and day < today.isoformat() for day in days):
            yield f"Date promise « {written} » : elle est déjà passée. Donnez une nouvelle date."
    if _HAS_MONEY.search(masked):
        yield from _foreign_amounts(_ISO_DATE.sub(" ", _SHORT_DATE.sub(" ", masked)), facts)
    yield from _foreign_numbers(masked, facts)


def _foreign_amounts(text: str, facts: CaseFacts) -> Iterator[str]:
    for found in _AMOUNT.finditer(text):
        amount = Decimal(re.sub(r"[ .](?=\d{3})", "", found[1]).replace(",", "."))
        if f"{amount:.2f}" not in facts.amounts:
            yield f"Montant « {found[0]} » : il n'est pas dans ce dossier. Corrigez-le ou retirez-le."


def _foreign_numbers(masked: str, facts: CaseFacts) -> Iterator[str]:
    written = _long_numbers(masked)
    if written:  # a link, address, telephone or article of law has digits of its own, judged elsewhere
        for pattern in (_LINK, _EMAIL, _PHONE, _ARTICLE, _ISO_DATE):
            masked = pattern.sub(" ", masked)
        written = _long_numbers(masked)
    written += [found[1] for found in _NAMED_NUMBER.finditer(masked)]
    for number_ in dict.fromkeys(written):
        if _fold(number_) not in facts.numbers:
            yield f"Numéro « {number_} » : il n'est pas dans ce dossier. Corrigez-le ou retirez-le."


def _long_numbers(text: str) -> list[str]:
    return [
        token
        for token in _TOKEN.findall(text)
        if not token.isalpha() and sum(map(str.isdigit, token)) >= _DIGITS
    ]


def _dates(text: str) -> Iterator[tuple[str, str]]:
    """Every date written in `text` with its ISO day (only -MM-DD when no year is written)."""
    for found in _LONG_DATE.finditer(text):
        month = MONTHS.index(found[2].lower()) + 1
        yield found[0], f"{found[3] or ''}-{month:02d}-{int(found[1]):02d}"
    for found in _SHORT_DATE.finditer(text):
        yield found[0], f"20{found[3][-2:]}-{int(found[2]):02d}-{int(found[1]):02d}"
    for found in _ISO_DATE.finditer(text):
        yield found[0], found[0]


def _shape(plain: str, limits: OutputLimits) -> Iterator[str]:
    count = len(plain.split())
    if count < limits.mots_min:
        yield f"Texte trop court ({count} mots) : répondez par une phrase complète."
    if len(plain) > limits.caracteres_max:
        yield f"Texte trop long ({len(plain)} caractères, {limits.caracteres_max} au plus) : raccourcissez-le."
    if limits.mots_courants and count >= limits.mots_min:
        words = _WORD.findall(plain.lower())
        if sum(word in limits.mots_courants for word in words) < limits.part_courante_min * len(words):
            yield "Le texte ne semble pas écrit en français : relisez-le."

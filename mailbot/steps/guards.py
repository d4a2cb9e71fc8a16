"""The last look at every outgoing text: holes, forbidden words, and facts that are not this case's."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, Self

from mailbot.model import Order
from mailbot.ruleset.guards import Guards, OutputLimits
from mailbot.steps.context import Case
from mailbot.steps.forbidden import Forbidden
from mailbot.steps.french import bare_subject, counted, one_line, paris_day, typography
from mailbot.steps.order_text import instant, number
from mailbot.steps.stated import CONTACTS, Stated, contacts, stated

_HOLE = re.compile(r"\[à compléter[^\]]*\]|\[[^\]\n]{0,60}\]|\{\{|\}\}|\{%|%\}|\{#")
_NAMED_NUMBER = re.compile(r"n°\s*([\w-]*\d[\w-]*)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRules:
    """What rules/garde_fous.toml says of outgoing texts, compiled."""

    never: tuple[Forbidden, ...] = ()
    limits: OutputLimits = field(default_factory=OutputLimits)

    @classmethod
    def compiled(cls, guards: Guards) -> Self:
        """From the rule file; upper and lower case do not matter."""
        return cls(
            never=tuple(
                Forbidden(rule.id, everywhere=rule.partout, patterns=rule.motifs, reason=rule.raison)
                for rule in guards.jamais
            ),
            limits=guards.textes,
        )


class Finding(NamedTuple):
    """One objection: the guard that has it (a key of `controles`, or `jamais.<id>`), and what it tells (French)."""

    guard: str
    told: str


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

    def and_of(self, other: Self) -> Self:
        """With what may be said of another mail of the same writer, which one letter answers too. The letter leaves by
        this one's channel: its links stay, what either forbids is forbidden."""
        both = ("numbers", "dates", "promised", "amounts", "literals", "prohibitions")
        union: dict[str, Any] = {
            name: tuple(sorted({*getattr(self, name), *getattr(other, name)})) for name in both
        }
        return replace(self, **union)


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
    return tuple(dict.fromkeys(one.told for one in findings(text, subject, facts, rules, today=today)))


def findings(
    text: str, subject: str, facts: CaseFacts, rules: OutputRules, *, today: date
) -> tuple[Finding, ...]:
    """As `check`, each reason with the guard that has it."""
    plain = _plain(text)
    if (
        bare_subject(subject) not in facts.subject
    ):  # what the customer wrote himself goes back to him as it is
        plain += "\n" + _plain(subject)
    bare = _without_links(plain, facts.links)
    masked = _mask(bare, facts.literals)
    paragraphs = masked.split("\n\n")
    said = list(map(stated, paragraphs))
    return tuple(
        dict.fromkeys(
            [
                *_holes(masked, said),
                *_never(masked, paragraphs, facts, rules),
                *_contacts(bare, said, facts),
                *_foreign_facts(masked, said, facts, today),
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


def _holes(masked: str, said: Sequence[Stated]) -> Iterator[Finding]:
    brackets = _HOLE.findall(masked) if "[" in masked or "{" in masked or "}" in masked else []
    for hole in (*brackets, *(word for one in said for word in one.leftovers)):
        told = (
            f"Passage à compléter : « {hole} ». Remplacez-le par le bon renseignement ou retirez la phrase."
        )
        yield Finding("trou", told)


def _never(masked: str, paragraphs: Sequence[str], facts: CaseFacts, rules: OutputRules) -> Iterator[Finding]:
    for rule in rules.never:
        if (rule.everywhere or rule.id in facts.prohibitions) and (found := rule.find(masked, paragraphs)):
            yield Finding(f"jamais.{rule.id}", f"À ne pas écrire : « {found.strip()} ». {rule.reason}")


def _contacts(bare: str, said: Sequence[Stated], facts: CaseFacts) -> Iterator[Finding]:
    known = set(facts.numbers)
    for kind, what in CONTACTS.items():
        banned = kind in facts.prohibitions
        written = contacts(kind, bare) if banned else [word for one in said for word in one.contacts[kind]]
        for word in written:
            if _fold(word) in known:
                continue
            if banned:
                where = facts.channel or "Ce canal"
                yield Finding(kind, f"{where} interdit {what} dans les messages : retirez « {word} ».")
            else:
                told = f"« {word} » : {what} qui ne vient pas de ce dossier. Vérifiez ou retirez."
                yield Finding("coordonnees", told)


def _foreign_facts(masked: str, said: Sequence[Stated], facts: CaseFacts, today: date) -> Iterator[Finding]:
    for kind in ("long_dates", "short_dates", "iso_dates"):
        for written, shape in (day for one in said for day in getattr(one, kind)):
            days = [day for day in facts.dates if day.endswith(shape)]
            if not days:
                told = f"Date « {written} » : elle n'est pas dans ce dossier. Corrigez-la ou retirez-la."
                yield Finding("dates", told)
            elif all(day in facts.promised and day < today.isoformat() for day in days):
                told = f"Date promise « {written} » : elle est déjà passée. Donnez une nouvelle date."
                yield Finding("dates_passees", told)
    for written, amount in (amount for one in said for amount in one.amounts):
        if amount not in facts.amounts:
            told = f"Montant « {written} » : il n'est pas dans ce dossier. Corrigez-le ou retirez-le."
            yield Finding("montants", told)
    numbers = [word for one in said for word in one.numbers]
    numbers += [found[1] for found in _NAMED_NUMBER.finditer(masked)]
    for word in dict.fromkeys(numbers):
        if _fold(word) not in facts.numbers:
            told = f"Numéro « {word} » : il n'est pas dans ce dossier. Corrigez-le ou retirez-le."
            yield Finding("numeros", told)


def _shape(plain: str, limits: OutputLimits) -> Iterator[Finding]:
    count = len(plain.split())
    if count < limits.mots_min:
        yield Finding(
            "longueur", f"Texte trop court ({counted(count, 'mot')}) : répondez par une phrase complète."
        )
    if len(plain) > limits.caracteres_max:
        most = limits.caracteres_max
        told = f"Texte trop long ({len(plain)} caractères, {most} au plus) : raccourcissez-le."
        yield Finding("longueur", told)
    if limits.mots_courants and count >= limits.mots_min:
        words = _WORD.findall(plain.lower())
        if sum(word in limits.mots_courants for word in words) < limits.part_courante_min * len(words):
            yield Finding("langue", "Le texte ne semble pas écrit en français : relisez-le.")

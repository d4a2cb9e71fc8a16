"""What people and machines write to a shop: new words, signature and quoted history, before any MIME."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from benchmarks.shop import PHRASES, Order

Style = Literal["gmail", "outlook", "apple", "amazon"]
Kind = Literal["person", "absence", "newsletter"]
SHOP = "support@boutique-exemple.fr"
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
)  # fmt: skip
_DEPTHS = (0, 1, 2, 3, 5, 8)
_REMEMBERED = 3000


@dataclass(frozen=True, slots=True)
class Quote:
    """One earlier message of the thread, `name` <`address`> wrote it `at`."""

    name: str
    address: str
    at: datetime
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it becomes bytes. `parent` is the Message-ID it answers."""

    kind: Kind
    style: Style
    order: Order
    at: datetime
    subject: str
    body: list[str]
    signature: list[str]
    quotes: list[Quote]
    message_id: str
    parent: str | None
    attached: bool

    @property
    def name(self) -> str:
        """The writer as From names them."""
        return f"{self.order.first} {self.order.last}"


def letters(count: int, seed: int, end: datetime, shop: Sequence[Order]) -> Iterator[Letter]:
    """`count` letters, oldest first, 8 seconds apart up to `end`; 35 % go on with an earlier thread."""
    chance = random.Random(f"letters {seed}")
    recent: list[Letter] = []
    for number in range(count):
        at = end - timedelta(seconds=8 * (count - number))
        parent = chance.choice(recent) if recent and chance.random() < 0.35 else None
        letter = _letter(chance, number, at, parent, shop)
        if letter.kind == "person":
            recent.append(letter)
            del recent[:-_REMEMBERED]
        yield letter


def _letter(
    chance: random.Random, number: int, at: datetime, parent: Letter | None, shop: Sequence[Order]
) -> Letter:
    kind: Kind = chance.choices(("person", "absence", "newsletter"), (90, 5, 5))[0]
    order = parent.order if parent and kind == "person" else chance.choice(shop)
    topic = {"absence": PHRASES["absence"], "newsletter": PHRASES["publicite"]}.get(kind)
    topic = topic or chance.choice(PHRASES["sujet"])
    style: Style = "amazon"
    if order.channel == "site" or kind != "person":
        style = chance.choices(("gmail", "outlook", "apple"), (45, 35, 20))[0]
    subject = _filled(chance, chance.choice(topic["objets"]), order, at)
    if parent and kind == "person":
        subject = chance.choice(("Re: ", "RE: ", "Re : ", "TR: ")) + parent.subject.split(": ", 1)[-1]
    domain = order.address.partition("@")[2]
    return Letter(
        kind=kind,
        style=style,
        order=order,
        at=at,
        subject=subject,
        body=_body(chance, topic, order, at, person=kind == "person"),
        signature=_signature(chance, order),
        quotes=_quotes(chance, topic, order, at, answers=bool(parent)) if kind == "person" else [],
        message_id=f"<{chance.getrandbits(64):016x}.{number}@{domain}>",
        parent=parent.message_id if parent and kind == "person" else None,
        attached=kind == "person" and chance.random() < 0.05 / 0.9,
    )


def _filled(chance: random.Random, text: str, order: Order, at: datetime) -> str:
    if "{" not in text:
        return text
    day = at - timedelta(days=chance.randrange(2, 40))
    return text.format(
        ref=order.number,
        article=order.article,
        suivi=order.tracking,
        nom=order.last,
        ville=chance.choice(PHRASES["villes"].split()),
        cp=f"{chance.randrange(1000, 96000):05}",
        n=chance.randrange(2, 20),
        montant=f"{chance.randrange(9, 899)},{chance.randrange(100):02}",
        tel=" ".join(f"{chance.randrange(100):02}" for _ in range(4)),
        date=f"{day.day} {MONTHS[day.month - 1]}",
    )


def _body(chance: random.Random, topic: Any, order: Order, at: datetime, *, person: bool) -> list[str]:
    phrases = topic["phrases"]
    said = chance.sample(phrases, min(len(phrases), chance.randrange(2, 5)))
    if person and not any("{ref}" in phrase for phrase in said) and chance.random() < 0.55:
        said.append(chance.choice(PHRASES["reference"]))
    salute = chance.choice(PHRASES["saluts"])
    lines = [salute, ""] if salute else []
    lines += [" ".join(_filled(chance, phrase, order, at) for phrase in said), ""]
    for _ in range(chance.randrange(4)):
        more = chance.sample(PHRASES["liaisons"], chance.randrange(1, 4))
        lines += [" ".join(_filled(chance, phrase, order, at) for phrase in more), ""]
    return lines


def _signature(chance: random.Random, order: Order) -> list[str]:
    lines = [chance.choice(PHRASES["fins"]), "", f"{order.first} {order.last}"]
    if chance.random() < 0.3:
        lines += [f"Responsable achats – Société {order.last} & Fils", "Tél. : 01 44 55 66 77"]
    if chance.random() < 0.22:
        lines += ["", chance.choice(PHRASES["appareils"])]
    if chance.random() < 0.2:
        lines += ["", PHRASES["mention"]]
    return lines


def _quotes(chance: random.Random, topic: Any, order: Order, at: datetime, *, answers: bool) -> list[Quote]:
    weights = (0, 30, 28, 20, 14, 8) if answers else (50, 17, 12, 9, 7, 5)
    found, when = [], at
    for number in range(chance.choices(_DEPTHS, weights)[0]):
        when -= timedelta(minutes=chance.randrange(120, 3600))
        agent = number % 2 == 0
        phrases = PHRASES["agents"] if agent else [*topic["phrases"], *PHRASES["liaisons"]]
        name = "Service client" if agent else f"{order.first} {order.last}"
        lines = [chance.choice(PHRASES["saluts"][:4]), ""]
        for _ in range(chance.randrange(2, 6)):
            lines += [" ".join(_filled(chance, one, order, at) for one in chance.sample(phrases, 3)), ""]
        lines += [chance.choice(PHRASES["fins"]), name]
        lines += [PHRASES["mention"]] if chance.random() < 0.5 else []
        found.append(Quote(name, SHOP if agent else order.address, when, lines))
    return found

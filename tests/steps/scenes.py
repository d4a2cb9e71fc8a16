"""Builders of small cases for tests of facts and decisions: a mail, an order, what was understood."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from mailbot.model import (
    Address,
    History,
    Identity,
    Intent,
    Mail,
    Mentions,
    Order,
    OrderMatch,
    Reply,
    Verdict,
)
from mailbot.rulebook import Rulebook, load
from mailbot.steps.choose import Chosen, choose
from mailbot.steps.facts import gather
from mailbot.vocabulary import Facts
from mailbot.zone import PARIS

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 6, 17, 10, 0, tzinfo=PARIS)  # a Wednesday
BUYER = Address(name="Nina Bel", addr="nina@client.example")
NOTHING = History()


@cache
def shipped_rules() -> Rulebook:
    """The rulebook of the repository."""
    return load(ROOT / "rules", ROOT / "templates")


def ago(*, days: float = 0, hours: float = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours)


def mail(**changes: Any) -> Mail:
    usual = Mail(
        digest="d" * 64, received=NOW, sent=NOW, message_id="<1@client.example>", in_reply_to=(), references=(),
        sender=BUYER, reply_to=BUYER, to=(), subject="Ma commande", text="Bonjour", quoted="",
    )  # fmt: skip
    return replace(usual, **changes)


def order(extra: Mapping[str, str] | None = None, /, **changes: Any) -> Order:
    usual = Order(order_id="A1", channel="site", placed_at=ago(days=5), country="FR", postal_code="44000")
    return replace(usual, extra=dict(extra or {}), **changes)


def verdict(
    *requests: str, remedy: str | None = None, flags: tuple[str, ...] = (), score: float = 0.97
) -> Verdict:
    intents = tuple(Intent(id=name, score=score) for name in requests)
    return Verdict(intents=intents, requests=requests, remedy=remedy, language="fr", flags=frozenset(flags))


def match(found: Order | None, identity: Identity = "verified", score: float = 1.0) -> OrderMatch:
    return OrderMatch(
        order=found, method="order_ref" if found else None, score=score if found else 0.0, candidates=(),
        identity=identity if found else "unverified", mentions=Mentions(),
    )  # fmt: skip


def facts_of(
    found: Order | None,
    said: Verdict | None = None,
    *,
    history: History = NOTHING,
    identity: Identity = "verified",
    now: datetime = NOW,
    received: datetime | None = None,
) -> Facts:
    book = shipped_rules()
    return gather(
        mail(received=received or now), said or verdict("question"), match(found, identity), history,
        merchant=book.merchant, channels=book.channels, rules=book.counting, now=now, carriers=book.carriers,
    )  # fmt: skip


def chosen_for(found: Order | None, said: Verdict, **context: Any) -> Chosen:
    return choose(said, facts_of(found, said, **context), shipped_rules().situations)


def stem_for(found: Order | None, said: Verdict, **context: Any) -> str | None:
    situation = chosen_for(found, said, **context).situation
    return situation.id if situation else None


def reply(**changes: Any) -> Reply:
    usual = Reply(
        template="t", to=BUYER, subject="Re: Ma commande", text="Bonjour", html=None, message_id="<r@boutique.example>",
        in_reply_to=None, references=(),
    )  # fmt: skip
    return replace(usual, **changes)

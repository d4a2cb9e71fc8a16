"""Which order a mail is about: find_clues reads what the mail offers, choose weighs the orders that these point at.

A wrong order is far worse than none: every doubt leaves the order open and names the candidates.
"""

from collections.abc import Sequence
from dataclasses import replace

from mailbot.identifiers import fold_id
from mailbot.model import Clues, Finding, Mail, Mentions, Order, OrderMatch
from mailbot.steps.clues import find_clues
from mailbot.steps.evidence import Context, Evidence, gather
from mailbot.steps.identity import identify
from mailbot.steps.reader import Reader, reader
from mailbot.steps.ways import MOST_CANDIDATES, Chooser, looks_like

__all__ = ["Reader", "choose", "find_clues", "named", "reader"]

AGENT = "agent"


def choose(
    mail: Mail, clues: Clues, findings: Sequence[Finding], reader: Reader, intents: Sequence[str] = ()
) -> OrderMatch:
    """The order the mail is about, or none, with how it was found, the other candidates, whether the writer is the
    customer, and why (French). `intents`: what the mail wants, primary first, to weigh orders by their state. Pure."""
    context = Context(mail, clues, reader.vague, reader.states, intents)
    found = gather(mail, findings)
    choice = Chooser(context, found, reader).choice()
    mentions = _mentions(clues, found, choice.order)
    others = tuple(item for item in choice.others if item.order is not choice.order)[:MOST_CANDIDATES]
    if choice.order is None:
        return OrderMatch(
            order=None,
            method=None,
            score=0.0,
            candidates=others,
            identity="unverified",
            mentions=mentions,
            reasons=choice.reasons,
        )
    evidence = next(item for item in found if item.order is choice.order)
    identity, why = identify(mail, evidence)
    return OrderMatch(
        order=choice.order,
        method=choice.method,
        score=choice.score,
        candidates=others,
        identity=identity,
        mentions=mentions,
        reasons=(*choice.reasons, why),
    )


def named(mail: Mail, found: OrderMatch, findings: Sequence[Finding], order: Order) -> OrderMatch:
    """The match when an agent says which order it is; whether the writer is its customer is still found out. Pure."""
    same = [item for item in findings if item.order == order]
    evidence = gather(mail, same)[0] if same else Evidence(order)
    identity, why = identify(mail, evidence)
    return replace(
        found,
        order=order,
        method=AGENT,
        score=1.0,
        candidates=tuple(item for item in found.candidates if item.order != order),
        identity=identity,
        reasons=("commande indiquée par un agent", why),
    )


def _mentions(clues: Clues, found: Sequence[Evidence], order: Order | None) -> Mentions:
    """The numbers of the mail; what the look-up has confirmed is added, or moved to its true kind, and so is what is
    nearly the chosen order's number."""
    refs = {item.clue for item in found if item.ref and item.clue}
    parcels = {item.clue for item in found if item.parcel and not item.ref and item.clue}
    if order is not None:
        number = fold_id(order.order_id)
        refs |= {key for key in clues.loose if len(key) >= 6 and looks_like(key, number, 1)}
    sure_refs = {fold_id(written) for written in clues.mentions.order_refs} - parcels | refs
    sure_parcels = {fold_id(written) for written in clues.mentions.tracking} - refs | parcels
    return Mentions(
        order_refs=tuple(written for key, written in clues.written.items() if key in sure_refs),
        tracking=tuple(written for key, written in clues.written.items() if key in sure_parcels),
    )

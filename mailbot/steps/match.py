"""Which order a mail is about: find_clues reads what the mail offers, choose weighs the orders that these point at.

A wrong order is far worse than none: every doubt leaves the order open and names the candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from mailbot.identifiers import fold_id
from mailbot.model import Candidate, Clues, Finding, Mail, Mentions, Order, OrderMatch
from mailbot.shapes import densest
from mailbot.steps import references
from mailbot.steps.clues import find_clues
from mailbot.steps.evidence import Context, Evidence, gather, rank
from mailbot.steps.identity import identify
from mailbot.steps.reader import Reader, reader

__all__ = ["Reader", "choose", "find_clues", "named", "reader"]

MOST_CANDIDATES = 5
AGENT = "agent"
MARGIN = 1.5  # between two orders of one customer: about one product word
RECENT_MARGIN = 0.6  # without any word: one order of this month, the others months older
# Densities of numbers (shapes.Shape.density); a misspelt number has some hundred neighbours, and by chance one of
# them is a real number with a hundred times this probability.
VERY_SPARSE, SPARSE, FAIRLY_SPARSE = 1e-6, 2e-5, 1e-4


def choose(
    mail: Mail, clues: Clues, findings: Sequence[Finding], reader: Reader, intents: Sequence[str] = ()
) -> OrderMatch:
    """The order the mail is about, or none, with how it was found, the other candidates, whether the writer is the
    customer, and why (French). `intents`: what the mail wants, primary first, to weigh orders by their state. Pure."""
    context = Context(mail, clues, reader.vague, reader.states, intents)
    found = gather(mail, findings)
    choice = _Chooser(context, found, reader).choice()
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


@dataclass(frozen=True, slots=True)
class _Choice:
    order: Order | None
    method: str | None
    score: float
    reasons: tuple[str, ...]
    others: tuple[Candidate, ...] = ()


class _Chooser:
    """Tries the ways to an order from the surest to the weakest; the first that has something to say decides."""

    def __init__(self, context: Context, found: Sequence[Evidence], reader: Reader) -> None:
        self._context, self._found, self._reader = context, found, reader
        self._own = [item for item in found if item.own and item.order.placed_at <= context.when]

    def choice(self) -> _Choice:
        for way in (self._by_number, self._by_near_number, self._by_thread, self._by_address, self._by_name):
            if (choice := way()) is not None:
                return choice
        return _Choice(
            None, None, 0.0, ("aucune commande ne correspond à ce mail",), self._candidates(self._found)
        )

    def _by_number(self) -> _Choice | None:
        exact = [item for item in self._found if item.exact]
        named = [item for item in exact if self._believable(item)]
        if not named:
            return self._own_named_loosely() or self._somebody_elses(exact)
        if len(named) > 1:
            named = self._nearest_named(named)
        if len(named) > 1:
            return self._between(named, "order_ref", "plusieurs commandes sont nommées dans le mail")
        item = named[0]
        method = "order_ref" if item.ref == "exact" else "tracking"
        word = "numéro" if method == "order_ref" else "numéro de colis"
        reasons = [f"{word} {self._written(item)} écrit dans le mail"]
        if self._own and not item.own:
            reasons.append("cette commande n'est pas à l'adresse qui écrit, qui en a d'autres")
        score = 0.99 if item.own or not self._dense(item) else 0.8
        return _Choice(item.order, method, score, tuple(reasons), self._candidates(self._found))

    def _dense(self, item: Evidence) -> bool:
        """The number is one of a running series: another number mistyped is a real one too."""
        shapes = self._reader.shapes.orders if item.ref == "exact" else self._reader.shapes.tracking
        return densest(item.clue, shapes) > references.DENSE

    def _believable(self, item: Evidence) -> bool:
        if item.own or item.thread or not self._dense(item):
            return True
        if item.name or self._context.same_name(item.order):
            return True
        return not self._own and bool(self._context.agreements(item.order))

    def _somebody_elses(self, exact: Sequence[Evidence]) -> _Choice | None:
        if not exact:
            return None
        written = self._written(exact[0])
        reason = f"le numéro {written} est celui d'une commande, mais rien d'autre ne le confirme : faute de frappe ?"
        return _Choice(None, None, 0.0, (reason,), self._candidates(self._found))

    def _nearest_named(self, named: list[Evidence]) -> list[Evidence]:
        """Of several orders named: those the writer names himself, then his own, then by order number."""
        tests = (
            lambda item: item.clue in self._context.own_numbers,
            lambda item: item.own,
            lambda item: item.ref == "exact",
        )
        for test in tests:
            named = [item for item in named if test(item)] or named
        return named

    def _by_near_number(self) -> _Choice | None:
        if own := self._own_named_loosely():
            return own
        near = [item for item in self._found if item.near]
        if self._own and near and not any(item.own for item in near):
            reason = "le numéro écrit ressemble à celui d'une commande d'une autre personne"
            return _Choice(None, None, 0.0, (reason,), self._candidates(self._found))
        likely = [item for item in near if item.own or item.thread or self._agrees(item)]
        if len(likely) == 1:
            return self._near_choice(likely[0], 0.92)
        if len(near) == 1 and not likely and not self._own and self._unmistakable(near[0]):
            return self._near_choice(near[0], 0.75)
        if near and not self._own:
            reason = "le numéro écrit ressemble à celui d'une commande, mais rien d'autre ne le confirme"
            return _Choice(None, None, 0.0, (reason,), self._candidates(self._found))
        return None

    def _own_named_loosely(self) -> _Choice | None:
        """The writer's own order whose number the mail cuts short or misspells, even twice."""
        keys = [key for key in self._context.clues.loose if len(key) >= 4]
        alike = [item for item in self._own if any(self._alike(key, item) for key in keys)]
        return self._near_choice(alike[0], 0.95) if len(alike) == 1 else None

    def _agrees(self, item: Evidence) -> bool:
        """The name agrees; or, where numbers lie far apart, what was bought, where it went or what it cost."""
        if item.name or self._context.same_name(item.order):
            return True
        agreements = len(self._context.agreements(item.order))
        return agreements >= (
            1 if self._density(item) < FAIRLY_SPARSE else 2 if not self._crowded(item) else 9
        )

    def _density(self, item: Evidence) -> float:
        """The density of the shape of the order's own number (the one that is misspelt)."""
        if item.ref:
            return densest(fold_id(item.order.order_id), self._reader.shapes.orders)
        return densest(fold_id(item.order.tracking_number or ""), self._reader.shapes.tracking)

    def _crowded(self, item: Evidence) -> bool:
        return self._density(item) > references.DENSE

    def _unmistakable(self, item: Evidence) -> bool:
        density = self._density(item)
        return density < VERY_SPARSE or (
            density < SPARSE and self._context.same_name(item.order) is not False
        )

    def _near_choice(self, item: Evidence, score: float) -> _Choice:
        method = "tracking" if item.parcel and not item.ref else "order_ref"
        number = item.order.tracking_number if method == "tracking" else item.order.order_id
        reason = f"le numéro écrit est à une faute près celui de la commande ({number})"
        reasons = (reason, *self._context.agreements(item.order))
        return _Choice(item.order, method, score, reasons, self._candidates(self._found))

    def _by_thread(self) -> _Choice | None:
        thread = [item for item in self._found if item.thread]
        if not thread or self._unknown_number():
            return None
        if len(thread) > 1:
            return self._between(thread, "thread", "plusieurs commandes dans cet échange")
        reason = "le mail répond à un échange sur cette commande"
        return _Choice(thread[0].order, "thread", 0.93, (reason,), self._candidates(self._found))

    def _by_address(self) -> _Choice | None:
        if not self._own:
            return None
        if unknown := self._unknown_number():
            reason = f"le numéro {unknown} écrit dans le mail n'est celui d'aucune commande connue"
            return _Choice(None, None, 0.0, (reason,), self._candidates(self._own))
        if len(self._own) == 1:
            reason = "adresse du client connue, une seule commande"
            return _Choice(self._own[0].order, "email", 0.9, (reason,), self._candidates(self._found))
        return self._between(self._own, "email", f"adresse du client connue, {len(self._own)} commandes")

    def _unknown_number(self) -> str | None:
        """A number that the writer gives for an order's and that no order of his has."""
        for written in self._context.clues.mentions.order_refs:
            key = fold_id(written)
            if key in self._context.own_numbers and not any(self._alike(key, item) for item in self._own):
                return written
        return None

    def _alike(self, key: str, item: Evidence) -> bool:
        """Whether a number written in the mail may be this order's, misspelt or cut short."""
        number = fold_id(item.order.order_id)
        faults = 2 if len(key) >= 6 and densest(number, self._reader.shapes.orders) < references.DENSE else 1
        return _alike(key, number, faults)

    def _between(self, items: Sequence[Evidence], method: str, situation: str) -> _Choice:
        ranked = rank(self._context, (item.order for item in items))
        others = tuple(
            Candidate(order=order, method=method, score=round(min(0.6, 0.1 + score / 10), 2))
            for score, order in ranked
        )
        (best, order), (second, _) = ranked[0], ranked[1]
        worded = best > 1.5
        if best - second >= (MARGIN if worded else RECENT_MARGIN):
            why = self._context.agreements(order) or ["commande la plus récente"]
            return _Choice(order, method, 0.75 if worded else 0.6, (situation, *why), others)
        return _Choice(None, None, 0.0, (f"{situation}, rien ne les départage",), others)

    def _by_name(self) -> _Choice | None:
        named = [
            item
            for item in self._found
            if (item.name or item.told) and item.order.placed_at <= self._context.when
        ]
        agreeing = [item for item in named if self._agrees_beyond_name(item)]
        if not named:
            return None
        if unknown := self._unknown_number():
            reason = f"le numéro {unknown} écrit dans le mail n'est celui d'aucune commande connue"
            return _Choice(None, None, 0.0, (reason,), self._candidates(named))
        if len(agreeing) == 1:
            method = "email" if agreeing[0].told else "name"
            reasons = (
                "le nom de l'expéditeur est celui d'un client",
                *self._context.agreements(agreeing[0].order),
            )
            return _Choice(agreeing[0].order, method, 0.6, reasons, self._candidates(named))
        if len(agreeing) > 1:
            return self._between(agreeing, "name", "le nom de l'expéditeur est celui d'un client")
        reason = "un client porte ce nom, mais rien d'autre ne désigne une commande"
        return _Choice(None, None, 0.0, (reason,), self._candidates(named))

    def _agrees_beyond_name(self, item: Evidence) -> bool:
        context, order = self._context, item.order
        return bool(context.products(order)) or context.same_place(order) or context.amount(order)

    def _written(self, item: Evidence) -> str:
        return self._context.clues.written.get(item.clue, item.clue)

    def _candidates(self, items: Sequence[Evidence]) -> tuple[Candidate, ...]:
        scored = [
            Candidate(order=item.order, method=item.method, score=item.weight)
            for item in items
            if item.order.placed_at <= self._context.when or item.exact
        ]
        return tuple(sorted(scored, key=lambda candidate: -candidate.score)[: MOST_CANDIDATES + 1])


def _alike(key: str, number: str, faults: int) -> bool:
    if len(key) < len(number) - faults:
        return number.endswith(key) or (len(key) >= 5 and number.startswith(key))
    return bool(OSA.distance(key, number, score_cutoff=faults) <= faults)


def _mentions(clues: Clues, found: Sequence[Evidence], order: Order | None) -> Mentions:
    """The numbers of the mail; what the look-up has confirmed is added, or moved to its true kind, and so is what is
    nearly the chosen order's number."""
    refs = {item.clue for item in found if item.ref and item.clue}
    parcels = {item.clue for item in found if item.parcel and not item.ref and item.clue}
    if order is not None:
        number = fold_id(order.order_id)
        refs |= {key for key in clues.loose if len(key) >= 6 and _alike(key, number, 1)}
    sure_refs = {fold_id(written) for written in clues.mentions.order_refs} - parcels | refs
    sure_parcels = {fold_id(written) for written in clues.mentions.tracking} - refs | parcels
    return Mentions(
        order_refs=tuple(written for key, written in clues.written.items() if key in sure_refs),
        tracking=tuple(written for key, written in clues.written.items() if key in sure_parcels),
    )

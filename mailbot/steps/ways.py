"""The ways from a mail to its order, the surest first: a number, a thread, the writer's address, a name.

A wrong order is far worse than none: every doubt leaves the order open and names the candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from mailbot.identifiers import fold_id
from mailbot.model import Candidate, Order
from mailbot.shapes import densest
from mailbot.steps import references
from mailbot.steps.evidence import Context, Evidence, rank
from mailbot.steps.reader import Reader

MOST_CANDIDATES = 5
UNKNOWN_NUMBER = "le numéro {} écrit dans le mail n'est celui d'aucune commande connue"
MARGIN = 1.5  # between two orders of one customer: about one product word
RECENT_MARGIN = 0.6  # without any word: one order of this month, the others months older
# Densities of numbers (shapes.Shape.density); a misspelt number has some hundred neighbours, and by chance one of
# them is a real number with a hundred times this probability.
VERY_SPARSE, SPARSE, FAIRLY_SPARSE = 1e-6, 2e-5, 1e-4


@dataclass(frozen=True, slots=True)
class Choice:
    """The order found, or None, how, how surely and why (French); `others`: what else it could be, best first."""

    order: Order | None
    method: str | None
    score: float
    reasons: tuple[str, ...]
    others: tuple[Candidate, ...] = ()


class Chooser:
    """Tries the ways to an order from the surest to the weakest; the first that has something to say decides."""

    def __init__(self, context: Context, found: Sequence[Evidence], reader: Reader) -> None:
        self._context, self._found, self._reader = context, found, reader
        self._own = [item for item in found if item.own and item.order.placed_at <= context.when]

    def choice(self) -> Choice:
        """What the first way that leads somewhere says."""
        for way in (self._by_number, self._by_near_number, self._by_thread, self._by_address, self._by_name):
            if (choice := way()) is not None:
                return choice
        return self._open("aucune commande ne correspond à ce mail", self._found)

    def _open(self, reason: str, candidates: Sequence[Evidence]) -> Choice:
        """No order, and why."""
        return Choice(None, None, 0.0, (reason,), self._candidates(candidates))

    def _by_number(self) -> Choice | None:
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
        return Choice(item.order, method, score, tuple(reasons), self._candidates(self._found))

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

    def _somebody_elses(self, exact: Sequence[Evidence]) -> Choice | None:
        if not exact:
            return None
        written = self._written(exact[0])
        reason = f"le numéro {written} est celui d'une commande, mais rien d'autre ne le confirme : faute de frappe ?"
        return self._open(reason, self._found)

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

    def _by_near_number(self) -> Choice | None:
        if own := self._own_named_loosely():
            return own
        near = [item for item in self._found if item.near]
        if self._own and near and not any(item.own for item in near):
            reason = "le numéro écrit ressemble à celui d'une commande d'une autre personne"
            return self._open(reason, self._found)
        likely = [item for item in near if item.own or item.thread or self._agrees(item)]
        if len(likely) == 1:
            return self._near_choice(likely[0], 0.92)
        if len(near) == 1 and not likely and not self._own and self._unmistakable(near[0]):
            return self._near_choice(near[0], 0.75)
        if near and not self._own:
            reason = "le numéro écrit ressemble à celui d'une commande, mais rien d'autre ne le confirme"
            return self._open(reason, self._found)
        return None

    def _own_named_loosely(self) -> Choice | None:
        """The writer's own order whose number the mail cuts short or misspells, even twice."""
        keys = [key for key in self._context.clues.loose if len(key) >= 4]
        alike = [item for item in self._own if any(self._alike(key, item) for key in keys)]
        return self._near_choice(alike[0], 0.95) if len(alike) == 1 else None

    def _agrees(self, item: Evidence) -> bool:
        """The name agrees; or, where numbers lie far apart, what was bought, where it went or what it cost."""
        if item.name or self._context.same_name(item.order):
            return True
        density = self._density(item)
        if density > references.DENSE:
            return False
        needed = 1 if density < FAIRLY_SPARSE else 2
        return len(self._context.agreements(item.order)) >= needed

    def _density(self, item: Evidence) -> float:
        """The density of the shape of the order's own number (the one that is misspelt)."""
        if item.ref:
            return densest(fold_id(item.order.order_id), self._reader.shapes.orders)
        return densest(fold_id(item.order.tracking_number or ""), self._reader.shapes.tracking)

    def _unmistakable(self, item: Evidence) -> bool:
        density = self._density(item)
        return density < VERY_SPARSE or (
            density < SPARSE and self._context.same_name(item.order) is not False
        )

    def _near_choice(self, item: Evidence, score: float) -> Choice:
        method = "tracking" if item.parcel and not item.ref else "order_ref"
        number = item.order.tracking_number if method == "tracking" else item.order.order_id
        reason = f"le numéro écrit est à une faute près celui de la commande ({number})"
        reasons = (reason, *self._context.agreements(item.order))
        return Choice(item.order, method, score, reasons, self._candidates(self._found))

    def _by_thread(self) -> Choice | None:
        thread = [item for item in self._found if item.thread]
        if not thread or self._unknown_number():
            return None
        if len(thread) > 1:
            return self._between(thread, "thread", "plusieurs commandes dans cet échange")
        reason = "le mail répond à un échange sur cette commande"
        return Choice(thread[0].order, "thread", 0.93, (reason,), self._candidates(self._found))

    def _by_address(self) -> Choice | None:
        if not self._own:
            return None
        if unknown := self._unknown_number():
            return self._open(UNKNOWN_NUMBER.format(unknown), self._own)
        if len(self._own) == 1:
            reason = "adresse du client connue, une seule commande"
            return Choice(self._own[0].order, "email", 0.9, (reason,), self._candidates(self._found))
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
        return looks_like(key, number, faults)

    def _between(self, items: Sequence[Evidence], method: str, situation: str) -> Choice:
        """The order of several that the mail points at most clearly; none when the next one is near."""
        ranked = rank(self._context, (item.order for item in items))
        others = tuple(
            Candidate(order=order, method=method, score=round(min(0.6, 0.1 + score / 10), 2))
            for score, order in ranked
        )
        (best, order), (second, _) = ranked[0], ranked[1]
        worded = best > 1.5
        if best - second >= (MARGIN if worded else RECENT_MARGIN):
            why = self._context.agreements(order) or ["commande la plus récente"]
            return Choice(order, method, 0.75 if worded else 0.6, (situation, *why), others)
        return Choice(None, None, 0.0, (f"{situation}, rien ne les départage",), others)

    def _by_name(self) -> Choice | None:
        named = [
            item
            for item in self._found
            if (item.name or item.told) and item.order.placed_at <= self._context.when
        ]
        agreeing = [item for item in named if self._agrees_beyond_name(item)]
        if not named:
            return None
        if unknown := self._unknown_number():
            return self._open(UNKNOWN_NUMBER.format(unknown), named)
        if len(agreeing) == 1:
            method = "email" if agreeing[0].told else "name"
            reasons = (
                "le nom de l'expéditeur est celui d'un client",
                *self._context.agreements(agreeing[0].order),
            )
            return Choice(agreeing[0].order, method, 0.6, reasons, self._candidates(named))
        if len(agreeing) > 1:
            return self._between(agreeing, "name", "le nom de l'expéditeur est celui d'un client")
        reason = "un client porte ce nom, mais rien d'autre ne désigne une commande"
        return self._open(reason, named)

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


def looks_like(key: str, number: str, faults: int) -> bool:
    """Whether what is written may be this number with so many faults in it, or only its beginning or its end."""
    if len(key) < len(number) - faults:
        return number.endswith(key) or (len(key) >= 5 and number.startswith(key))
    return bool(OSA.distance(key, number, score_cutoff=faults) <= faults)

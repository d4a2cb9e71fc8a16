"""Which order a mail is about: find_clues reads what the mail offers, choose weighs the orders that these point at.

A wrong order is far worse than none: every doubt leaves the order open and names the candidates.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from mailbot.identifiers import fold_id, fold_name
from mailbot.model import Candidate, Clues, Finding, Identity, Mail, Mentions, Order, OrderMatch
from mailbot.shapes import densest
from mailbot.steps import references
from mailbot.steps.evidence import Context, Evidence, gather, rank
from mailbot.steps.references import Reader, reader

__all__ = ["Reader", "choose", "find_clues", "reader"]

MOST_CANDIDATES = 5
MOST_NAMES = 6
MARGIN = 1.5  # between two orders of one customer: about one product word
RECENT_MARGIN = 0.6  # without any word: one order of this month, the others months older
SPARSE = 2e-5  # below this density a misspelling cannot by chance be another order's number
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAME_END = re.compile(r" - | \(| via |\||<", re.IGNORECASE)
_NAME_LINE = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+){1,4}\.?")


def find_clues(mail: Mail, reader: Reader) -> Clues:
    """What the mail offers to find its order by: numbers in subject, text, attachments' names and quoted text,
    addresses, thread and names, each folded as the store indexes it. Pure; numbers are not looked up."""
    names = [attachment.filename for attachment in mail.attachments]
    found = references.find((mail.subject, mail.text, *names, mail.quoted[: references.MOST_QUOTED]), reader)
    return Clues(
        refs=tuple(found.refs),
        tracking=tuple(found.tracking),
        emails=_emails(mail),
        message_ids=tuple(dict.fromkeys((*mail.in_reply_to, *mail.references))),
        names=_names(mail),
        mentions=found.mentions(),
        loose=tuple(found.loose),
        written=found.written,
    )


def _emails(mail: Mail) -> tuple[str, ...]:
    """The writer's address first, then those written in the text; never our own."""
    ours = {address.addr for address in mail.to}
    addresses = [address.addr for address in (mail.sender, mail.reply_to) if address is not None]
    if "@" in mail.text:
        addresses += [match.lower().rstrip(".") for match in _ADDRESS.findall(mail.text)][:5]
    return tuple(dict.fromkeys(addr for addr in addresses if addr and addr not in ours))


def _names(mail: Mail) -> tuple[str, ...]:
    """The display name and what looks like a signature, folded."""
    written = [_NAME_END.split(mail.sender.name)[0]] if mail.sender else []
    lines = [line.strip() for line in mail.text.splitlines() if line.strip()][-5:]
    written += [line for line in reversed(lines) if len(line) <= 40 and _NAME_LINE.fullmatch(line)]
    if lines:
        last = lines[-1].rstrip(".!").split()
        written += [" ".join(last[-2:]), " ".join(last[-3:])]
    return tuple(dict.fromkeys(name for text in written if (name := fold_name(text))))[:MOST_NAMES]


def choose(
    mail: Mail, clues: Clues, findings: Sequence[Finding], reader: Reader, intents: Sequence[str] = ()
) -> OrderMatch:
    """The order the mail is about, or none, with how it was found, the other candidates, whether the writer is the
    customer, and why (French). `intents`: what the mail wants, primary first, to weigh orders by their state. Pure."""
    context = Context(mail, clues, reader.vague, reader.states, intents)
    found = gather(mail, findings)
    choice = _Chooser(context, found, reader).choice()
    mentions = _mentions(clues, found)
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
    identity, why = _identity(mail, evidence)
    return OrderMatch(
        order=choice.order,
        method=choice.method,
        score=choice.score,
        candidates=others,
        identity=identity,
        mentions=mentions,
        reasons=(*choice.reasons, why),
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
        named = [item for item in self._found if item.exact and self._believable(item)]
        if len(named) > 1:
            named = self._nearest_named(named)
        if not named:
            return None
        if len(named) > 1:
            return self._between(named, "order_ref", "plusieurs commandes sont nommées dans le mail")
        item = named[0]
        method = "order_ref" if item.ref == "exact" else "tracking"
        word = "numéro" if method == "order_ref" else "numéro de colis"
        reasons = [f"{word} {self._written(item)} écrit dans le mail"]
        if self._own and not item.own:
            reasons.append("cette commande n'est pas à l'adresse qui écrit, qui en a d'autres")
        score = (0.99 if method == "order_ref" else 0.98) - (0.1 if self._own and not item.own else 0.0)
        return _Choice(item.order, method, score, tuple(reasons), self._candidates(self._found))

    def _believable(self, item: Evidence) -> bool:
        """A number out of a dense series may be another one mistyped: something else must agree with it."""
        if item.parcel == "exact" and densest(item.clue, self._reader.shapes.tracking) <= references.DENSE:
            return True
        if densest(item.clue, self._reader.shapes.orders) <= references.DENSE:
            return True
        if self._own:
            return item.own
        return item.thread or item.name or bool(self._context.agreements(item.order))

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
        agreeing = [item for item in near if item.own or item.thread or item.name or self._agrees(item)]
        if len(agreeing) == 1:
            return self._near_choice(agreeing[0], 0.92)
        if len(near) == 1 and not agreeing and not self._own and self._unmistakable(near[0]):
            return self._near_choice(near[0], 0.75)
        if near and not self._own:
            reason = "le numéro écrit ressemble à celui d'une commande, mais rien d'autre ne le confirme"
            return _Choice(None, None, 0.0, (reason,), self._candidates(self._found))
        return None

    def _own_named_loosely(self) -> _Choice | None:
        """The writer's own order whose number the mail cuts short or misspells, even twice."""
        keys = [key for key in self._context.clues.loose if len(key) >= 4]
        alike = [item for item in self._own if any(_alike(key, fold_id(item.order.order_id)) for key in keys)]
        return self._near_choice(alike[0], 0.95) if len(alike) == 1 else None

    def _agrees(self, item: Evidence) -> bool:
        return not self._own and bool(self._context.agreements(item.order))

    def _unmistakable(self, item: Evidence) -> bool:
        shapes = self._reader.shapes.orders if item.ref else self._reader.shapes.tracking
        number = item.order.order_id if item.ref else item.order.tracking_number or ""
        return densest(fold_id(number), shapes) < SPARSE and self._context.same_name(item.order) is not False

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
        """A number of the writer's own words that has the shape of our order numbers but is no order's."""
        known = {item.clue for item in self._found if item.clue}
        for mention in self._context.clues.mentions.order_refs:
            key = fold_id(mention)
            ours = any(shape.fits(key) and not shape.letters_only for shape in self._reader.shapes.orders)
            if ours and key not in known and key in self._context.own_numbers:
                return mention
        return None

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
            Candidate(order=item.order, method=_method(item), score=_weight(item))
            for item in items
            if item.order.placed_at <= self._context.when or item.exact
        ]
        return tuple(sorted(scored, key=lambda candidate: -candidate.score)[: MOST_CANDIDATES + 1])


def _alike(key: str, number: str) -> bool:
    if len(key) < len(number) - 2:
        return number.endswith(key) or (len(key) >= 5 and number.startswith(key))
    return len(key) >= 6 and bool(OSA.distance(key, number, score_cutoff=2) <= 2)


def _method(item: Evidence) -> str:
    if item.ref:
        return "order_ref"
    if item.parcel:
        return "tracking"
    return "thread" if item.thread else "email" if item.own or item.told else "name"


def _weight(item: Evidence) -> float:
    if item.exact:
        return 0.9
    return 0.5 if item.near else 0.4 if item.own or item.thread else 0.2


def _identity(mail: Mail, item: Evidence) -> tuple[Identity, str]:
    """Whether the writer is the order's customer, and why (French)."""
    checks = mail.authentication
    if checks.dmarc == "fail" or (checks.dmarc != "pass" and checks.spf == "fail" and checks.dkim != "pass"):
        return "unverified", "le serveur signale que l'expéditeur n'est pas authentifié (SPF, DKIM ou DMARC)"
    if not (item.own or item.thread):
        return "unverified", "l'adresse qui écrit n'est pas celle de la commande"
    if mail.reply_to and mail.sender and mail.reply_to.addr != mail.sender.addr:
        return "unverified", "la réponse partirait à une autre adresse que celle qui écrit"
    return (
        "verified",
        "écrit depuis l'adresse de la commande" if item.own else "répond à notre échange avec ce client",
    )


def _mentions(clues: Clues, found: Sequence[Evidence]) -> Mentions:
    """The numbers of the mail; what the look-up has confirmed is added, or moved to its true kind."""
    refs = {item.clue for item in found if item.ref and item.clue}
    parcels = {item.clue for item in found if item.parcel and not item.ref and item.clue}
    sure_refs = {fold_id(written) for written in clues.mentions.order_refs} - parcels | refs
    sure_parcels = {fold_id(written) for written in clues.mentions.tracking} - refs | parcels
    return Mentions(
        order_refs=tuple(written for key, written in clues.written.items() if key in sure_refs),
        tracking=tuple(written for key, written in clues.written.items() if key in sure_parcels),
    )

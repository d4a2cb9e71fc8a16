"""Which situation a mail is in: by stage, rank and precision; every request gets its own. Pure."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from mailbot.model import Verdict
from mailbot.situation import STAGES, Situation, Situations
from mailbot.vocabulary import Facts

_ORDER = STAGES.index("commande")  # stages before this one are everybody's, whatever the mail asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The deciding situation, or None with the reasons (French) why there is none. `also` are the situations
    of the other requests, in their order: a reply answers all of them."""

    situation: Situation | None
    reasons: tuple[str, ...]
    also: tuple[Situation, ...] = ()

    @property
    def told(self) -> tuple[Situation, ...]:
        """Those of `also` whose letters go along: none says the contrary of one before it."""
        told: list[Situation] = []
        before = set(self.situation.contredit) if self.situation else set()
        for one in self.also:
            if before.isdisjoint(one.intentions):
                told.append(one)
                before |= one.contredit
        return tuple(told)


def choose(verdict: Verdict, facts: Facts, situations: Sequence[Situation]) -> Chosen:
    """The situation of the primary request, unless safety, law or personal data speak for the whole mail.

    `situations` are sorted by `weight` (Rulebook.situations is). Two of equal weight: nobody, both named."""
    requests: tuple[str | None, ...] = verdict.requests or (None,)
    book = situations if isinstance(situations, Situations) else Situations(situations)
    asked = _asked_for(book, frozenset(requests))
    claiming = [one for one in asked if one.claims(facts, verdict.flags)]
    found = [_best(claiming, request) for request in requests]
    first = min(found, key=_urgency)  # min keeps the first of equals: the primary request
    first = _ahead(first, found, requests)
    if len(first) > 1:
        return Chosen(situation=None, reasons=(_rivals(first),))
    if not first:
        return Chosen(situation=None, reasons=(_nobody(verdict),))
    return Chosen(situation=first[0], reasons=(first[0].raison,), also=_others(first[0], claiming, requests))


@lru_cache(maxsize=256)
def _asked_for(situations: Situations, requests: frozenset[str | None]) -> tuple[Situation, ...]:
    """Those that answer one of the requests, in their order."""
    return tuple(one for one in situations if not one.intentions or not requests.isdisjoint(one.intentions))


def _best(claiming: Sequence[Situation], request: str | None, *, after: int = 0) -> tuple[Situation, ...]:
    """The heaviest claim on one request: none, one, or several of equal weight. Of equals a human one wins."""
    asked = [one for one in claiming if _answers(one, request) and one.weight[0] >= after]
    if not asked:
        return ()
    equal = [one for one in asked if one.weight == asked[0].weight]
    return tuple([one for one in equal if one.action.type == "humain"] or equal)


def _ahead(
    first: tuple[Situation, ...], found: Sequence[tuple[Situation, ...]], requests: Sequence[str | None]
) -> tuple[Situation, ...]:
    """The situation of a further request that may decide before the primary one's, else `first`."""
    for other in found[1:]:
        if len(other) == 1 and requests[0] in other[0].passe_devant and _urgency(other) <= _urgency(first):
            return other
    return first


def _answers(situation: Situation, request: str | None) -> bool:
    return not situation.intentions or request in situation.intentions


def _urgency(found: tuple[Situation, ...]) -> int:
    return min(found[0].weight[0], _ORDER) if found else _ORDER


def _others(
    deciding: Situation, claiming: Sequence[Situation], requests: Sequence[str | None]
) -> tuple[Situation, ...]:
    if deciding.seule:
        return ()
    answered_first = requests[0] in deciding.passe_devant
    found = (_best(claiming, request, after=_ORDER) for request in requests[answered_first:])
    others = {best[0].id: best[0] for best in found if len(best) == 1}
    answered = {name for one in (deciding, *others.values()) for name in one.comprend}
    others = {stem: one for stem, one in others.items() if not _covered(one, answered)}
    return tuple(one for one in others.values() if one.id != deciding.id and one.action.type != "ignorer")


def _covered(situation: Situation, answered: Set[str]) -> bool:
    """Nothing more is known of it, and the letter of another request answers it: no refund is announced twice."""
    return situation.etape == "defaut" and set(situation.intentions) <= answered


def _rivals(equal: Sequence[Situation]) -> str:
    named = " et ".join(f"« {one.id} » ({one.titre})" for one in equal)
    return f"Plusieurs situations conviennent à égalité : {named}."


def _nobody(verdict: Verdict) -> str:
    if verdict.requests:
        return f"Aucune situation prévue pour « {', '.join(verdict.requests)} » avec ces faits."
    if verdict.intents:
        guess = verdict.intents[0]
        return f"Demande incertaine : au mieux « {guess.id} » ({guess.score:.0%})."
    return "Demande non reconnue."

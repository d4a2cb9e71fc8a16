"""Signals of rules/intentions: short phrases with `début*`, `a|b`, `<liste>` and `...`, found on folded words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mailbot.errors import RuleError
from mailbot.steps.words import PAUSE, fold

GAP = 5  # words that `...` may stand for
_STOPS = frozenset({".", "?", "!"})


@dataclass(frozen=True, slots=True)
class Signal:
    """One compiled phrase. `parts` are element numbers, -1 is a gap; `owner` is what it speaks for."""

    owner: str
    source: str
    parts: tuple[int, ...]
    needs: frozenset[int]
    negates: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A signal seen from word `first` to word `last`; `negated` when a negation stands just before it."""

    signal: Signal
    first: int
    last: int
    negated: bool


class Signals:
    """All phrases of a rulebook, compiled once. `found` is linear in the text for all practical phrases."""

    def __init__(
        self,
        phrases: Iterable[tuple[str, str]],
        lists: Mapping[str, str],
        negations: str,
    ) -> None:
        self._lists = lists
        self._exact: dict[str, set[int]] = {}
        self._prefix: dict[str, set[int]] = {}
        self._elements: dict[str, int] = {}
        self._negations = frozenset(fold(word) for word in negations.split())
        self._seen: dict[str, tuple[int, ...]] = {}
        self.list_ids: dict[int, str] = {}
        for name in lists:
            self.list_ids[self._element(f"<{name}>", name)] = name
        self._by_first: dict[int, list[Signal]] = {}
        for owner, source in phrases:
            signal = self._compile(owner, source)
            self._by_first.setdefault(signal.parts[0], []).append(signal)

    def _element(self, part: str, source: str) -> int:
        if part in self._elements:
            return self._elements[part]
        number = self._elements[part] = len(self._elements)
        for word in self._alternatives(part, source):
            if word.endswith("*"):
                self._prefix.setdefault(fold(word[:-1]), set()).add(number)
            else:
                self._exact.setdefault(fold(word), set()).add(number)
        return number

    def _alternatives(self, part: str, source: str) -> list[str]:
        words: list[str] = []
        for choice in part.split("|"):
            if choice.startswith("<") and choice.endswith(">"):
                if choice[1:-1] not in self._lists:
                    raise RuleError(
                        f"signal « {source} » : la liste {choice} n'existe pas dans _lexique.toml"
                    )
                words.extend(self._lists[choice[1:-1]].split())
            else:
                words.append(choice)
        return words

    def _compile(self, owner: str, source: str) -> Signal:
        parts = [-1 if part == "..." else self._element(part, source) for part in _split(source)]
        if not parts or parts[0] == -1 or parts[-1] == -1:
            raise RuleError(f"signal « {source} » de {owner} : il doit commencer et finir par un mot")
        words = {fold(choice) for part in _split(source) for choice in part.split("|")}
        needs = frozenset(part for part in parts if part >= 0)
        return Signal(owner, source, tuple(parts), needs, bool(words & self._negations))

    def elements(self, word: str) -> tuple[int, ...]:
        """Numbers of the elements a folded word satisfies."""
        known = self._seen.get(word)
        if known is None:
            hits = set(self._exact.get(word, ()))
            for size in range(1, len(word) + 1):
                hits |= self._prefix.get(word[:size], set())
            known = tuple(sorted(hits))
            if len(self._seen) < 60_000:
                self._seen[word] = known
        return known

    def found(self, folded: Sequence[str]) -> list[Found]:
        """Every signal in the words of a text, in order of appearance."""
        have = [self.elements(word) for word in folded]
        present = frozenset().union(*have)
        result: list[Found] = []
        possible = {
            element: signals
            for element in present & self._by_first.keys()
            if (signals := [one for one in self._by_first[element] if one.needs <= present])
        }
        for start, elements in enumerate(have):
            if possible.keys().isdisjoint(elements):
                continue
            for element in elements:
                for signal in possible.get(element, ()):
                    last = _match(signal.parts, folded, have, start)
                    if last >= 0:
                        negated = not signal.negates and self.negated(folded, start)
                        result.append(Found(signal, start, last, negated))
        return result

    def negated(self, folded: Sequence[str], start: int) -> bool:
        """Whether a negation stands within the three words before `start`, in the same sentence."""
        for place in range(start - 1, max(start - 4, -1), -1):
            if folded[place] in _STOPS:
                return False
            if folded[place] in self._negations:
                return True
        return False


def _split(source: str) -> list[str]:
    return source.replace("'", " ").replace("’", " ").replace("-", " ").split()


def _match(parts: tuple[int, ...], folded: Sequence[str], have: Sequence[tuple[int, ...]], start: int) -> int:
    """Last word of a match that begins at `start`, or -1."""
    place = start
    index = 1
    while index < len(parts):
        reach = 1
        if parts[index] == -1:
            index, reach = index + 1, GAP + 1
        place = _next(parts[index], folded, have, place + 1, reach)
        if place < 0:
            return -1
        index += 1
    return place


def _next(
    element: int, folded: Sequence[str], have: Sequence[tuple[int, ...]], place: int, reach: int
) -> int:
    for here in range(place, len(folded)):
        if element in have[here]:
            return here
        if folded[here] in _STOPS:
            return -1
        reach -= folded[here] != PAUSE
        if reach <= 0:
            return -1
    return -1

"""Signals of rules/intentions: short phrases with `début*`, `a|b`, `<liste>` and `...`, found on folded words."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from mailbot.errors import RuleError
from mailbot.identifiers import fold_text
from mailbot.steps.words import PAUSE

GAP = 5  # words that `...` may stand for
MOST_REMEMBERED = 60_000  # words
_STOPS = frozenset({".", "?", "!"})


@dataclass(frozen=True, slots=True)
class Signal:
    """One compiled phrase. `parts` are element numbers, -1 is a gap; `owner` is what it speaks for; `rank` is its place
    among all phrases; `needs`: its elements."""

    rank: int
    owner: str
    source: str
    parts: tuple[int, ...]
    needs: frozenset[int]
    negates: bool


class Found(NamedTuple):
    """A signal seen from word `first` to word `last`; `negated` when a negation stands just before it."""

    signal: Signal
    first: int
    last: int
    negated: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Sense:
    """What words of one meaning can do: the elements they satisfy (sorted) and those that signals are looked up by."""

    elements: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()


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
        self._negations = frozenset(fold_text(word) for word in negations.split())
        self._seen: dict[str, _Sense] = {}
        self._senses: dict[tuple[int, ...], _Sense] = {(): _Sense()}
        self.list_ids: dict[int, str] = {}
        for name in lists:
            self.list_ids[self._element(f"<{name}>", name)] = name
        compiled = [self._compile(rank, owner, source) for rank, (owner, source) in enumerate(phrases)]
        self._by_rarest = self._filed(compiled)

    def _element(self, part: str, source: str) -> int:
        if part in self._elements:
            return self._elements[part]
        number = self._elements[part] = len(self._elements)
        for word in self._alternatives(part, source):
            if word.endswith("*"):
                self._prefix.setdefault(fold_text(word[:-1]), set()).add(number)
            else:
                self._exact.setdefault(fold_text(word), set()).add(number)
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

    def _compile(self, rank: int, owner: str, source: str) -> Signal:
        parts = [-1 if part == "..." else self._element(part, source) for part in _split(source)]
        if not parts or parts[0] == -1 or parts[-1] == -1:
            raise RuleError(f"signal « {source} » de {owner} : il doit commencer et finir par un mot")
        words = {fold_text(choice) for part in _split(source) for choice in part.split("|")}
        needs = frozenset(part for part in parts if part >= 0)
        return Signal(rank, owner, source, tuple(parts), needs, bool(words & self._negations))

    def _filed(self, signals: Sequence[Signal]) -> dict[int, list[Signal]]:
        """Each signal under the rarest of its elements, which most texts lack. How common an element is show the words
        of the phrases themselves."""
        common: Counter[int] = Counter()
        for signal in signals:
            common.update(
                {element for word in _plain_words(signal.source) for element in self._satisfied(word)}
            )
        filed: dict[int, list[Signal]] = {}
        for signal in signals:
            elements = [element for element in signal.parts if element >= 0]
            filed.setdefault(min(elements, key=lambda one: common[one]), []).append(signal)
        return filed

    def elements(self, word: str) -> tuple[int, ...]:
        """Numbers of the elements a folded word satisfies."""
        return self._sense(word).elements

    def _satisfied(self, word: str) -> set[int]:
        hits = set(self._exact.get(word, ()))
        for size in range(1, len(word) + 1):
            hits |= self._prefix.get(word[:size], set())
        return hits

    def _sense(self, word: str) -> _Sense:
        """What a folded word can do, remembered; words of the same elements share it."""
        elements = tuple(sorted(self._satisfied(word)))
        sense = self._senses.get(elements)
        if sense is None:
            sense = self._senses[elements] = _Sense(
                elements,
                tuple(element for element in elements if element in self._by_rarest),
            )
        if len(self._seen) < MOST_REMEMBERED:
            self._seen[word] = sense
        return sense

    def found(self, folded: Sequence[str]) -> list[Found]:
        """Every signal in the words of a text, in order of appearance."""
        get, sense = self._seen.get, self._sense
        senses = [get(word) or sense(word) for word in folded]
        possible = self._possible(set(senses))
        if not possible:
            return []
        plain = [place for place, word in enumerate(folded) if word != PAUSE]
        spots = _spots([senses[place] for place in plain], possible)
        hits = [
            Found(signal, start, last, not signal.negates and self.negated(folded, start))
            for signal in possible
            for start in _starts(signal.parts, spots, plain)
            if (last := _match(signal.parts, folded, senses, start)) >= 0
        ]
        return sorted(hits, key=_order)

    def _possible(self, senses: Collection[_Sense]) -> list[Signal]:
        """The signals all of whose elements are present."""
        present = set(chain.from_iterable([known.elements for known in senses]))
        keys = set(chain.from_iterable([known.keys for known in senses]))
        near = chain.from_iterable(map(self._by_rarest.__getitem__, keys))
        return [signal for signal in near if signal.needs <= present]

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


def _plain_words(source: str) -> list[str]:
    """The words of a phrase as it writes them, without those of its lists."""
    return [
        fold_text(word.rstrip("*"))
        for part in _split(source)
        for word in part.split("|")
        if word[:1] not in "<."
    ]


def _order(hit: Found) -> tuple[int, int]:
    return hit.first, hit.signal.rank


def _spots(senses: Sequence[_Sense], signals: Sequence[Signal]) -> dict[int, int]:
    """For each element of some signals the places where it stands, as the bits of an integer."""
    needed = set(chain.from_iterable([signal.parts for signal in signals]))
    places: dict[_Sense, int] = {}
    for place, sense in enumerate(senses):
        if sense.elements:
            places[sense] = places.get(sense, 0) | 1 << place
    spots: dict[int, int] = {}
    for sense, here in places.items():
        for element in needed.intersection(sense.elements):
            spots[element] = spots.get(element, 0) | here
    return spots


def _starts(parts: tuple[int, ...], spots: Mapping[int, int], plain: Sequence[int]) -> list[int]:
    """Where a signal may begin (its words stand near enough; ends of sentences are not looked at)."""
    alive = spots[parts[-1]]
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] == -1:
            alive >>= 1
            alive |= alive >> 1 | alive >> 2 | alive >> 3 | alive >> 4 | alive >> GAP
        elif parts[index + 1] == -1:
            alive = spots[parts[index]] & alive
        else:
            alive = spots[parts[index]] & alive >> 1
        if not alive:
            return []
    starts = []
    while alive:
        first = alive & -alive
        starts.append(plain[first.bit_length() - 1])
        alive ^= first
    return starts


def _match(parts: tuple[int, ...], folded: Sequence[str], have: Sequence[_Sense], start: int) -> int:
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


def _next(element: int, folded: Sequence[str], have: Sequence[_Sense], place: int, reach: int) -> int:
    for here in range(place, len(folded)):
        if element in have[here].elements:
            return here
        if folded[here] in _STOPS:
            return -1
        reach -= folded[here] != PAUSE
        if reach <= 0:
            return -1
    return -1

"""A mail's text → named features, in five views: words, subject, letters, skips, notions."""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mailbot.ruleset.intents import Recognition
from mailbot.steps.signals import Found, Signals
from mailbot.steps.words import POINTS, Folder, Words

VIEWS = ("mots", "objet", "lettres", "sauts", "notions")
LETTERS = VIEWS.index("lettres")
ASIDE_AFTER = "ecarte:suite"
ASIDE_AROUND = "ecarte:phrase"
_CLAUSE_ENDS = frozenset({".", ",", "?", "!", "mais", "seulement", "juste", "simplement", "ni"})
_ANSWER = re.compile(
    r"\s*(?:re|tr|fwd?|rép|réf|aw|wg)\s*:", re.IGNORECASE
)  # the subject is then not the writer's
_REMEMBERED = 20_000  # words
_HINGES = """pas ni sans jamais aucun aucune plus ne je vous mais si quand combien ou est ce que comment deja toujours
encore avant apres trop ? !"""
_KEPT = frozenset(_HINGES.split())


@dataclass(frozen=True, slots=True)
class Reading:
    """One mail as the classifier reads it. `places[i]` is where the i-th plain word stands in `words`;
    `views` holds the features of each of VIEWS, repeated as often as they occur (plain words for 'lettres':
    their n-grams are those of the words)."""

    words: Words
    places: tuple[int, ...]
    found: list[Found]
    title_found: list[Found]
    views: tuple[list[str], ...]


class Extractor:
    """Turns texts into features. Remembers what it knows of single words; otherwise without state."""

    def __init__(self, recognition: Recognition) -> None:
        lexicon = recognition.lexique
        self.folder = Folder(lexicon.formes)
        self.signals = Signals(_phrases(recognition), lexicon.listes, lexicon.negations)
        self._notions: dict[str, str | None] = {}

    def read(self, subject: str, text: str) -> Reading:
        """Read one mail."""
        words = self.folder.words(text)
        folded = words.folded
        title_words = self.folder.words("" if _ANSWER.match(subject) else subject).folded
        title = [word for word in title_words if word not in POINTS]
        places = tuple(place for place, word in enumerate(folded) if word not in POINTS)
        raw_found = self.signals.found(folded)
        aside = set_aside(folded, raw_found)
        found = [hit._replace(negated=True) if hit.first in aside else hit for hit in raw_found]
        title_found = self.signals.found(title_words)
        plain = [folded[place] for place in places if place not in aside]
        dropped = [f"~{folded[place]}" for place in places if place in aside]
        concepts = self._concepts([word for place, word in enumerate(folded) if place not in aside], found)
        concepts += _signs(title_found, "objet:")
        views = (_grams(plain) + dropped, title + _pairs(title), plain + title, _skips(plain), concepts)
        return Reading(words, places, found, title_found, views)

    def _concepts(self, folded: Sequence[str], found: Sequence[Found]) -> list[str]:
        line = [notion for word in folded if (notion := self._notion(word)) is not None]
        triples = [f"{a} {b} {c}" for a, b, c in zip(line, line[1:], line[2:], strict=False)]
        return line + _pairs(line) + triples + _signs(found, "")

    def _notion(self, word: str) -> str | None:
        """The lists a word belongs to, or the word itself when it is a hinge of the sentence, or None."""
        if word not in self._notions:
            names = [
                self.signals.list_ids[element]
                for element in self.signals.elements(word)
                if element in self.signals.list_ids
            ]
            self._notions[word] = (
                "<" + "+".join(names[:3]) + ">" if names else word if word in _KEPT else None
            )
        return self._notions[word]


def set_aside(folded: Sequence[str], found: Sequence[Found]) -> frozenset[int]:
    """Places of the words that the writer sets aside: after 'ni', 'je ne demande pas' to the next pause, and the
    whole clause of 'c'est réglé'."""
    aside: set[int] = set()
    for hit in found:
        if hit.signal.owner == ASIDE_AFTER:
            aside.update(range(hit.first, _edge(folded, hit.last + 1, 1)))
        elif hit.signal.owner == ASIDE_AROUND:
            aside.update(range(_edge(folded, hit.first - 1, -1) + 1, _edge(folded, hit.last + 1, 1)))
    return frozenset(aside)


def _edge(folded: Sequence[str], place: int, step: int) -> int:
    """The nearest end of a clause from `place` on, in one direction."""
    while 0 <= place < len(folded) and folded[place] not in _CLAUSE_ENDS:
        place += step
    return place


def _phrases(recognition: Recognition) -> Iterator[tuple[str, str]]:
    for intent in recognition.intentions:
        yield from ((f"+{intent.id}", phrase) for phrase in intent.signaux)
        yield from ((f"-{intent.id}", phrase) for phrase in intent.contre_signaux)
    yield from ((ASIDE_AFTER, phrase) for phrase in recognition.lexique.ecarte_la_suite)
    yield from ((ASIDE_AROUND, phrase) for phrase in recognition.lexique.ecarte_la_phrase)
    for flag in recognition.drapeaux:
        yield from ((f"drapeau:{flag.id}", phrase) for phrase in flag.signaux)
        yield from ((f"sauf:{flag.id}", phrase) for phrase in flag.sauf)
    for remedy in recognition.remedes:
        yield from ((f"remede:{remedy.id}", phrase) for phrase in remedy.signaux)
        yield from ((f"contre:{remedy.id}", phrase) for phrase in remedy.contre_signaux)


def _signs(found: Sequence[Found], where: str) -> list[str]:
    features = []
    for hit in found:
        sign = f"{where}non:" if hit.negated else where
        features.append(f"={sign}{hit.signal.owner}")
        features.append(f"#{sign}{hit.signal.owner}#{hit.signal.source}")
    return features


class LetterRows(dict[str, bytes]):
    """The known n-grams of each word as the bytes of their rows, remembered: customers use few words."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        super().__init__()
        self._rows = rows

    def __missing__(self, word: str) -> bytes:
        rows = self._rows
        known = array("i", [row for part in letters(word) if (row := rows.get(part)) is not None]).tobytes()
        if len(self) < _REMEMBERED:
            self[word] = known
        return known


def letters(word: str) -> Iterator[str]:
    """The n-grams of 2 to 5 letters of one word with its borders."""
    framed = f" {word} "
    for size in (2, 3, 4, 5):
        for start in range(len(framed) - size + 1):
            yield framed[start : start + size]


def _grams(words: Sequence[str]) -> list[str]:
    return [
        *words,
        *_pairs(words),
        *(f"{a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False)),
    ]


def _pairs(words: Sequence[str]) -> list[str]:
    return [f"{a} {b}" for a, b in pairwise(words)]


def _skips(words: Sequence[str]) -> list[str]:
    return [f"{a}_{b}" for gap in (2, 3, 4) for a, b in zip(words, words[gap:], strict=False)]

"""A mail's text → named features, in five views: words, subject, letters, skips, notions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailbot.ruleset.intents import Recognition
from mailbot.steps.signals import MOST_REMEMBERED, Found, Signals
from mailbot.steps.words import BREAK, PAUSE, POINTS, Folder, Words

VIEWS = ("mots", "objet", "lettres", "sauts", "notions")
LETTERS = VIEWS.index("lettres")
ASIDE_AFTER = "ecarte:suite"
ASIDE_AROUND = "ecarte:phrase"
_CLAUSE_ENDS = frozenset({".", ",", "?", "!", "mais", "seulement", "juste", "simplement", "ni"})
_ANSWER = re.compile(
    r"\s*(?:re|tr|fwd?|rép|réf|aw|wg)\s*:", re.IGNORECASE
)  # the subject is then not the writer's
_SENTENCE_ENDS = frozenset({BREAK, "?", "!"})
_FEWEST_WORDS = 3  # of a sentence that says something
_MOST_SENTENCES = 16
_HINGES = """pas ni sans jamais aucun aucune plus ne je vous mais si quand combien ou est ce que comment deja toujours
encore avant apres trop ? !"""
_KEPT = frozenset(_HINGES.split())


@dataclass(frozen=True, slots=True)
class Reading:
    """One mail as the classifier reads it. `places[i]` is where the i-th word that is no point stands in `words`.
    `plain`, `title`: the words that count; `aside`: those set aside, marked; `notions`: what the words are about, in
    their order; `signs`: the signals as features; `clauses`: the words of each sentence, at least one list."""

    words: Words
    places: tuple[int, ...]
    found: list[Found]
    title_found: list[Found]
    plain: list[str]
    aside: list[str]
    title: list[str]
    notions: list[str]
    signs: list[str]
    clauses: list[list[str]]


class _Notions(dict[str, str | None]):
    """The lists a word belongs to, or the word itself when it is a hinge of the sentence, or None; remembered."""

    def __init__(self, signals: Signals) -> None:
        super().__init__()
        self._signals = signals

    def __missing__(self, word: str) -> str | None:
        lists = self._signals.list_ids
        names = [lists[element] for element in self._signals.elements(word) if element in lists]
        notion = "<" + "+".join(names[:3]) + ">" if names else word if word in _KEPT else None
        if len(self) < MOST_REMEMBERED:
            self[word] = notion
        return notion


class Extractor:
    """Turns texts into features. Remembers what it knows of single words; otherwise without state."""

    def __init__(self, recognition: Recognition) -> None:
        lexicon = recognition.lexique
        self.folder = Folder(lexicon.formes)
        self.signals = Signals(_phrases(recognition), lexicon.listes, lexicon.negations)
        self._notions = _Notions(self.signals)

    def read(self, subject: str, text: str) -> Reading:
        """Read one mail."""
        words = self.folder.words(text)
        folded = words.folded
        title_words = self.folder.words("" if _ANSWER.match(subject) else subject).folded
        title = [word for word in title_words if word not in POINTS]
        places = tuple([place for place, word in enumerate(folded) if word not in POINTS])
        found = self.signals.found(folded)
        title_found = self.signals.found(title_words)
        around = set_aside(folded, found)
        said: Sequence[str] = folded
        aside: list[str] = []
        if around:
            found = [hit._replace(negated=True) if hit.first in around else hit for hit in found]
            said = [word for place, word in enumerate(folded) if place not in around]
            aside = [f"~{folded[place]}" for place in places if place in around]
        plain = [word for word in said if word not in POINTS]
        notions = [notion for notion in map(self._notions.__getitem__, said) if notion is not None]
        signs = _signs(found, "") + _signs(title_found, "objet:")
        return Reading(
            words, places, found, title_found, plain, aside, title, notions, signs, sentences(folded)
        )


def sentences(folded: Sequence[str]) -> list[list[str]]:
    """The words of the first sentences, and of the last, that are long enough to say something; else all words."""
    found: list[list[str]] = []
    start = 0
    for place, word in enumerate((*folded, BREAK)):
        if word in _SENTENCE_ENDS:
            if place - start >= _FEWEST_WORDS:
                said = [word for word in folded[start:place] if word != PAUSE]
                if len(said) >= _FEWEST_WORDS:
                    found.append(said)
            start = place + 1
    if len(found) > _MOST_SENTENCES:
        found[_MOST_SENTENCES - 1 :] = found[-1:]
    return found or [[word for word in folded if word not in POINTS]]


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

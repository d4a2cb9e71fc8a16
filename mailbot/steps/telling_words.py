"""The words of a mail that speak for an intent, exactly as they stand in it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mailbot.steps.features import Reading
from mailbot.steps.keys import Places, words_and_pairs
from mailbot.steps.trained import Model

_MOST = 3
_LONGEST = 60
_CONSIDERED = 12
_SHORT = 3  # letters of words that tell nothing alone or to one another
_WORTH_SHOWING = 0.2  # of the weight of the heaviest

Span = tuple[int, int]


class _Weighed(NamedTuple):
    """The words and word pairs of a mail that the model knows: first and last word, and row."""

    firsts: Places
    lasts: Places
    rows: Places


class TellingWords:
    """What of one mail speaks for this intent or that."""

    def __init__(self, reading: Reading, model: Model, known: _Weighed) -> None:
        self._reading = reading
        self._model = model
        self._known = known

    def for_intent(self, intent: int) -> tuple[str, ...]:
        """At most three short pieces of the text, best first: matched signals, then the words that weigh most."""
        chosen: list[Span] = []
        pieces: list[str] = []
        for first, last in self._spans(intent):
            piece = self._reading.words.span(first, last)
            if len(piece) > _LONGEST or any(first <= end and start <= last for start, end in chosen):
                continue
            if piece.casefold() in map(str.casefold, pieces):
                continue
            chosen.append((first, last))
            pieces.append(piece)
            if len(pieces) == _MOST:
                break
        return tuple(pieces)

    def _spans(self, intent: int) -> Iterator[Span]:
        yield from _signals(self._reading, f"+{self._model.intents[intent]}")
        yield from self._weighty(intent)

    def _weighty(self, intent: int) -> list[Span]:
        """Words and word pairs whose weights speak for the intent, heaviest first."""
        firsts, lasts, rows = self._known
        weights = self._model.idf[rows] * self._model.weights[rows, intent]
        best = np.argsort(-weights, kind="stable")[:_CONSIDERED]
        best = best[weights[best] > max(_WORTH_SHOWING * weights.max(initial=0.0), 0.0)]
        return list(zip(firsts[best].tolist(), lasts[best].tolist(), strict=True))


def _signals(reading: Reading, owner: str) -> list[Span]:
    """Signals for the intent, longest first."""
    spans = [(hit.first, hit.last) for hit in reading.found if hit.signal.owner == owner and not hit.negated]
    return sorted(spans, key=lambda span: (span[0] - span[1], span[0]))


def telling_words(readings: Sequence[Reading], model: Model) -> list[TellingWords]:
    """What there is to tell of each mail, looked up for all at once."""
    if not readings:
        return []
    words = [[reading.words.folded[place] for place in reading.places] for reading in readings]
    numbers, owners = model.memory.numbers.of(words)
    (singles, pairs), starts = words_and_pairs(numbers, owners)
    places = np.array([place for reading in readings for place in reading.places], dtype=np.int64)
    long = np.array([len(word) > _SHORT for some in words for word in some], dtype=bool)
    known = _Weighed(
        firsts=np.concatenate([places, places[starts]]),
        lasts=np.concatenate([places, places[starts + 1]]),
        rows=model.vocabulary.rows(np.concatenate([singles, pairs])),
    )
    together = known.lasts - known.firsts <= 1
    long = np.concatenate([long, long[starts] | long[starts + 1]])
    kept = np.flatnonzero((known.rows >= 0) & together & long)
    whose = np.concatenate([owners, owners[starts]])[kept]
    kept = kept[np.argsort(whose, kind="stable")]
    ends = np.cumsum(np.bincount(whose, minlength=len(readings)))[:-1]
    each = zip(*(np.split(column[kept], ends) for column in known), strict=True)
    return [
        TellingWords(reading, model, _Weighed(*some)) for reading, some in zip(readings, each, strict=True)
    ]

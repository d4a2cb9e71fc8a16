"""The words of a mail that speak for an intent, exactly as they stand in it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.features import Reading
from mailbot.steps.keys import words_and_pairs
from mailbot.steps.trained import Model

_MOST = 3
_LONGEST = 60
_CONSIDERED = 12
_SHORT = 3  # letters of words that tell nothing alone

Span = tuple[int, int]


class TellingWords:
    """What of one mail speaks for this intent or that."""

    def __init__(self, reading: Reading, model: Model) -> None:
        self._reading = reading
        self._model = model
        self._known: tuple[list[Span], NDArray[np.int64]] | None = None

    def for_intent(self, intent: int) -> tuple[str, ...]:
        """At most three short pieces of the text, best first: matched signals, then the words that weigh most."""
        chosen: list[Span] = []
        pieces: list[str] = []
        for first, last in self._spans(intent):
            piece = self._reading.words.span(first, last)
            if len(piece) > _LONGEST or any(first <= end and start <= last for start, end in chosen):
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
        if self._known is None:
            self._known = _known(self._reading, self._model)
        spans, rows = self._known
        weights = self._model.idf[rows] * self._model.weights[rows, intent]
        best = np.argsort(-weights, kind="stable")[:_CONSIDERED]
        return [spans[index] for index in best[weights[best] > 0].tolist()]


def _signals(reading: Reading, owner: str) -> list[Span]:
    """Signals for the intent, longest first."""
    spans = [(hit.first, hit.last) for hit in reading.found if hit.signal.owner == owner and not hit.negated]
    return sorted(spans, key=lambda span: (span[0] - span[1], span[0]))


def _known(reading: Reading, model: Model) -> tuple[list[Span], NDArray[np.int64]]:
    """The words and word pairs of a mail that the model knows, with their rows."""
    folded, places = reading.words.folded, reading.places
    words = [folded[place] for place in places]
    singles, pairs = words_and_pairs(model.memory.numbers.of([words])[0])
    rows = model.vocabulary.rows(np.concatenate([singles, pairs]))
    firsts = np.array([*places, *places[:-1]], dtype=np.int64)
    lasts = np.array([*places, *places[1:]], dtype=np.int64)
    long = np.array([*(len(word) > _SHORT for word in words), *([True] * len(pairs))], dtype=bool)
    kept = (rows >= 0) & long & (lasts - firsts <= 1)
    return list(zip(firsts[kept].tolist(), lasts[kept].tolist(), strict=True)), rows[kept]

"""The words of a mail that speak for an intent, exactly as they stand in it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.features import Reading
from mailbot.steps.trained import Model

_MOST = 3
_LONGEST = 60
_CONSIDERED = 12

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
        view = self._model.views[0]
        if self._known is None:
            self._known = _known(self._reading, view.rows)
        spans, rows = self._known
        weights = view.idf[rows] * view.weights[rows, intent]
        best = np.argsort(-weights, kind="stable")[:_CONSIDERED]
        return [spans[index] for index in best[weights[best] > 0].tolist()]


def _signals(reading: Reading, owner: str) -> list[Span]:
    """Signals for the intent, longest first."""
    spans = [(hit.first, hit.last) for hit in reading.found if hit.signal.owner == owner and not hit.negated]
    return sorted(spans, key=lambda span: (span[0] - span[1], span[0]))


def _known(reading: Reading, rows: dict[str, int]) -> tuple[list[Span], NDArray[np.int64]]:
    """The words and word pairs of a mail that the model knows, with their rows."""
    folded, places = reading.words.folded, reading.places
    words = [folded[place] for place in places]
    spans = [(place, place) for place in places]
    found = [rows.get(word) if len(word) > 3 else None for word in words]
    after = zip(places, places[1:], words, words[1:], strict=False)
    for here, there, word, other in after:
        if there == here + 1:
            spans.append((here, there))
            found.append(rows.get(f"{word} {other}"))
    kept = [(span, row) for span, row in zip(spans, found, strict=True) if row is not None]
    return [span for span, _ in kept], np.array([row for _, row in kept], dtype=np.int64)

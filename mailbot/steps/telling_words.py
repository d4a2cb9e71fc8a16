"""The words of a mail that speak for an intent, exactly as they stand in it."""

from collections.abc import Iterator

import numpy as np

from mailbot.steps.features import Reading
from mailbot.steps.trained import Model

_MOST = 3
_LONGEST = 60
_CONSIDERED = 12


def telling_words(reading: Reading, intent: int, model: Model) -> tuple[str, ...]:
    """At most three short pieces of the text, best first: matched signals, then the words that weigh most."""
    chosen: list[tuple[int, int]] = []
    pieces: list[str] = []
    for first, last in (*_signals(reading, intent, model), *_weighty(reading, intent, model)):
        piece = reading.words.span(first, last)
        if len(piece) > _LONGEST or any(first <= end and start <= last for start, end in chosen):
            continue
        chosen.append((first, last))
        pieces.append(piece)
        if len(pieces) == _MOST:
            break
    return tuple(pieces)


def _signals(reading: Reading, intent: int, model: Model) -> list[tuple[int, int]]:
    """Signals for the intent, longest first."""
    owner = f"+{model.intents[intent]}"
    spans = [(hit.first, hit.last) for hit in reading.found if hit.signal.owner == owner and not hit.negated]
    return sorted(spans, key=lambda span: (span[0] - span[1], span[0]))


def _weighty(reading: Reading, intent: int, model: Model) -> list[tuple[int, int]]:
    """Words and word pairs whose weights speak for the intent, heaviest first."""
    view = model.views[0]
    known = [(row, span) for feature, span in _spans(reading) if (row := view.rows.get(feature)) is not None]
    if not known:
        return []
    rows = np.fromiter((row for row, _ in known), np.int64, len(known))
    weights = (view.idf[rows] * view.weights[rows, intent]).tolist()
    heavy = [(-weight, span) for weight, (_, span) in zip(weights, known, strict=True) if weight > 0]
    return [span for _, span in sorted(heavy)[:_CONSIDERED]]


def _spans(reading: Reading) -> Iterator[tuple[str, tuple[int, int]]]:
    folded, places = reading.words.folded, reading.places
    for index, place in enumerate(places):
        if len(folded[place]) > 3:
            yield folded[place], (place, place)
        if index + 1 < len(places):
            after = places[index + 1]
            if after == place + 1:
                yield f"{folded[place]} {folded[after]}", (place, after)

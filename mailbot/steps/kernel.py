"""What any two texts have in common, by blocks of rows, each text with itself and those before it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.keys import Places
from mailbot.steps.sparse import ranges
from mailbot.steps.tally import Table
from mailbot.steps.trained import Floats

_ROWS = 384
_FEATURES = 256  # at a time


def kernel(table: Table, bias: float) -> Iterator[Floats]:
    """The blocks, each rows × all columns up to its last row (above the diagonal incomplete): the features two texts
    share, and `bias` for a constant one."""
    size = table.size
    met = np.zeros(len(table.idf), dtype=np.int64)
    for start in range(0, size, _ROWS):
        end = min(start + _ROWS, size)
        block = np.full((end - start, end), bias, dtype=np.float32)
        for left in range(0, table.common, _FEATURES):
            shown = table.features.dense(slice(left, min(left + _FEATURES, table.common)), size)
            block += shown[:, start:end].T @ shown[:, :end]
        for text in range(start, end):
            block[text - start, : text + 1] += _seldom(table, text, met)
        yield block


def _seldom(table: Table, text: int, met: Places) -> NDArray[np.float64]:
    """What a text and each of those up to it share of the features that are not common; `met`: in how many texts each
    feature was met so far."""
    features = table.seldom[table.starts[text] : table.starts[text + 1]]
    met[features] += 1
    begins, many = table.features.starts[features], met[features]
    places = ranges(begins, many)
    weights = np.repeat(table.features.values[begins + many - 1], many)  # the last met is of this text
    weights *= table.features.values[places]
    return np.asarray(np.bincount(table.features.columns[places], weights, text + 1), dtype=np.float64)

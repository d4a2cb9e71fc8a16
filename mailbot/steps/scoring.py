"""The first stage: texts → raw scores, by the features of five views and their weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.features import VIEWS, Reading
from mailbot.steps.keys import ROW, features
from mailbot.steps.trained import Floats, Model

_PLAIN = (1.0 + np.log(np.maximum(np.arange(4000), 1))).astype(np.float32)  # of a feature seen so many times


def scores(readings: Sequence[Reading], model: Model) -> Floats:
    """Mails × outputs: each view's features as (1 + ln n) · idf, of length 1, times the weights."""
    return np.asarray(_table(readings, model) @ model.weights + model.bias)


def _table(readings: Sequence[Reading], model: Model) -> Any:
    """Mails × features as a sparse matrix."""
    from scipy.sparse import csr_matrix

    keys, owners = features(readings, model.memory.numbers)
    rows = model.vocabulary.rows(keys)
    known = rows >= 0
    letter_rows, letter_owners = _letters(readings, model)
    width = max(len(model.idf), 1)
    places = np.concatenate([owners[known] * width + rows[known], letter_owners * width + letter_rows])
    places.sort()
    firsts = np.flatnonzero(np.diff(places, prepend=-1))
    many = np.diff(firsts, append=len(places))
    where, columns = np.divmod(places[firsts], width)
    values = _PLAIN[np.minimum(many, len(_PLAIN) - 1)] * model.idf[columns]
    units = where * len(VIEWS) + model.vocabulary.views[columns]
    lengths = np.sqrt(np.bincount(units, values * values, len(readings) * len(VIEWS)))
    values /= np.maximum(lengths, 1e-12).astype(np.float32)[units]
    starts = np.searchsorted(where, np.arange(len(readings) + 1))
    return csr_matrix((values, columns, starts), shape=(len(readings), width))  # type: ignore[no-untyped-call]


def _letters(readings: Sequence[Reading], model: Model) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the letter n-grams of each mail, and the mail each belongs to."""
    words = [reading.plain + reading.title for reading in readings]
    model.memory.letters.learn(set().union(*words), model.vocabulary)
    found = [b"".join(map(model.memory.letters.__getitem__, some)) for some in words]
    rows = np.frombuffer(b"".join(found), dtype=ROW).astype(np.int64)
    return rows, np.repeat(np.arange(len(found)), [len(some) // ROW.itemsize for some in found])

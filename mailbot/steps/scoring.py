"""The first stage: texts → raw scores, by the features of five views and their weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mailbot.steps.features import VIEWS, Reading
from mailbot.steps.keys import ROW, Places, clauses, features
from mailbot.steps.known import Known, known
from mailbot.steps.trained import Model

_PLAIN = (1.0 + np.log(np.maximum(np.arange(4000), 1))).astype(np.float32)  # of a feature seen so many times


def scored(readings: Sequence[Reading], model: Model) -> Known:
    """What the first stage and the signals say of some mails and of their clauses."""
    numbers = model.memory.numbers
    keys, owners = features(readings, numbers)
    (clause_keys, clause_owners), mails = clauses(readings, numbers)
    rows = model.vocabulary.rows(np.concatenate([keys, clause_keys]))
    owners = np.concatenate([owners, clause_owners + len(readings)])
    letter_rows, letter_owners = _letters(readings, model)
    inside = rows >= 0
    rows = np.concatenate([rows[inside], letter_rows])
    table = _table(rows, np.concatenate([owners[inside], letter_owners]), len(readings) + len(mails), model)
    scores = table @ model.weights + model.bias
    return known(readings, scores[: len(readings)], scores[len(readings) :], mails, model.recognition)


def _table(rows: Places, owners: Places, count: int, model: Model) -> Any:
    """Texts × features as a sparse matrix: (1 + ln n) · idf, each view of a text of length 1."""
    from scipy.sparse import csr_matrix

    width = max(len(model.idf), 1)
    places = owners * width + rows
    places.sort()
    firsts = np.flatnonzero(np.diff(places, prepend=-1))
    many = np.diff(firsts, append=len(places))
    where, columns = np.divmod(places[firsts], width)
    values = _PLAIN[np.minimum(many, len(_PLAIN) - 1)] * model.idf[columns]
    units = where * len(VIEWS) + model.vocabulary.views[columns]
    lengths = np.sqrt(np.bincount(units, values * values, count * len(VIEWS)))
    values /= np.maximum(lengths, 1e-12).astype(np.float32)[units]
    starts = np.searchsorted(where, np.arange(count + 1))
    return csr_matrix((values, columns, starts), shape=(count, width))  # type: ignore[no-untyped-call]


def _letters(readings: Sequence[Reading], model: Model) -> tuple[Places, Places]:
    """The rows of the letter n-grams of each mail, and the mail each belongs to."""
    words = [reading.plain + reading.title for reading in readings]
    model.memory.letters.learn(set().union(*words), model.vocabulary)
    found = [b"".join(map(model.memory.letters.__getitem__, some)) for some in words]
    rows = np.frombuffer(b"".join(found), dtype=ROW).astype(np.int64)
    return rows, np.repeat(np.arange(len(found)), [len(some) // ROW.itemsize for some in found])

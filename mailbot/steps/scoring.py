"""The first stage: texts → raw scores, by the features of five views and their weights."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mailbot.steps.features import VIEWS, Reading
from mailbot.steps.keys import ROW, Places, clauses, features
from mailbot.steps.known import Known, known
from mailbot.steps.trained import Floats, Model

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
    owners = np.concatenate([owners[inside], letter_owners])
    scores = _sums(rows, owners, len(readings) + len(mails), model) + model.bias
    return known(readings, scores[: len(readings)], scores[len(readings) :], mails, model.recognition)


def _sums(rows: Places, owners: Places, count: int, model: Model) -> Floats:
    """Texts × intents: the weights of the features of each text, times (1 + ln n) · idf, each view of a text of
    length 1."""
    width = max(len(model.idf), 1)
    places = owners * width + rows
    if count * width < 2**31:
        places = places.astype(np.int32)  # sorted in half the time
    places.sort()
    firsts = np.flatnonzero(np.diff(places, prepend=-1))
    many = np.diff(firsts, append=len(places))
    where, columns = np.divmod(places[firsts], width)
    values = _PLAIN[np.minimum(many, len(_PLAIN) - 1)] * model.idf[columns]
    units = where * len(VIEWS) + model.vocabulary.views[columns]
    lengths = np.sqrt(np.bincount(units, values * values, count * len(VIEWS)))
    values /= np.maximum(lengths, 1e-12).astype(np.float32)[units]
    bounds = np.searchsorted(where, np.arange(count + 1)).tolist()
    sums = np.empty((count, len(model.bias)), dtype=np.float32)
    for text, (start, end) in enumerate(pairwise(bounds)):
        np.dot(values[start:end], model.weights.take(columns[start:end], axis=0), out=sums[text])
    return sums


def _letters(readings: Sequence[Reading], model: Model) -> tuple[Places, Places]:
    """The rows of the letter n-grams of each mail, and the mail each belongs to."""
    words = [reading.plain + reading.title for reading in readings]
    model.memory.letters.learn(set().union(*words), model.vocabulary)
    found = [b"".join(map(model.memory.letters.__getitem__, some)) for some in words]
    rows = np.frombuffer(b"".join(found), dtype=ROW).astype(np.int64)
    return rows, np.repeat(np.arange(len(found)), [len(some) // ROW.itemsize for some in found])

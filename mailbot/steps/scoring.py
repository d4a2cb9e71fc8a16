"""The first stage: texts → raw scores, by the features of five views and their weights."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from mailbot.steps.features import LETTERS, Reading
from mailbot.steps.trained import Floats, Model, View

_ROW = array("i").itemsize
_PLAIN = (1.0 + np.log(np.maximum(np.arange(3000), 1))).astype(np.float32)  # of a feature seen so many times


def scores(readings: Sequence[Reading], model: Model) -> Floats:
    """Mails × outputs: each view's features as (1 + ln n) · idf, of length 1, times the weights."""
    result = np.tile(model.bias, (len(readings), 1))
    for number, view in enumerate(model.views):
        result += (
            _table([_rows(reading.views[number], number, view) for reading in readings], view) @ view.weights
        )
    return result


def _rows(features: Sequence[str], number: int, view: View) -> bytes:
    """The rows of the known features of one mail in one view."""
    if number == LETTERS:
        return b"".join(map(view.letters.__getitem__, features))
    return array("i", [row for row in map(view.rows.get, features) if row is not None]).tobytes()


def _table(found: Sequence[bytes], view: View) -> Any:
    """Mails × features as a sparse matrix."""
    from scipy.sparse import csr_matrix

    width = max(len(view.idf), 1)
    sizes = np.array([len(rows) // _ROW for rows in found])
    keys = np.repeat(np.arange(0, len(found) * width, width), sizes)
    keys += np.frombuffer(b"".join(found), np.int32)
    keys.sort()
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    many = np.diff(firsts, append=len(keys))
    where, columns = np.divmod(keys[firsts], width)
    values = _PLAIN[np.minimum(many, len(_PLAIN) - 1)] * view.idf[columns]
    lengths = np.sqrt(np.bincount(where, values * values, len(found)))
    values /= np.maximum(lengths, 1e-12).astype(np.float32)[where]
    starts = np.searchsorted(where, np.arange(len(found) + 1))
    return csr_matrix((values, columns, starts), shape=(len(found), width))  # type: ignore[no-untyped-call]

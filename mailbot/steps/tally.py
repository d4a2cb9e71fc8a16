"""Counting the features of many texts one after the other: the numbers of features are kept, not the texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.features import VIEWS, Reading
from mailbot.steps.keys import Keys, Numbers, Places, Vocabulary, features, letters, view_of
from mailbot.steps.trained import Floats

_CHUNK = 256  # texts looked up together
_MOST = 255


@dataclass(frozen=True, slots=True)
class Table:
    """Texts × features as sparse matrices: the most frequent as `common`, the others as `rest`; `vocabulary` names the
    columns of both, one after the other. Each view of a text is of length 1 but for the view's share."""

    vocabulary: Vocabulary
    idf: Floats
    common: Any
    rest: Any

    def weights(self, duals: Floats) -> Floats:
        """Features × outputs, from what each text weighs."""
        return np.concatenate([self.common.T @ duals, self.rest.T @ duals])[: len(self.idf)]


class Tally:
    """The texts seen so far. A text costs some 5 kB, its reading may be forgotten."""

    def __init__(self) -> None:
        self._numbers = Numbers()
        self._letters: dict[str, Keys] = {}
        self._texts: list[tuple[Keys, NDArray[np.uint8]]] = []

    def add(self, readings: Sequence[Reading]) -> None:
        """Count some more texts."""
        keys, owners = features(readings, self._numbers)
        order = np.argsort(owners, kind="stable")
        ends = np.searchsorted(owners[order], np.arange(1, len(readings)))
        for reading, own in zip(readings, np.split(keys[order], ends), strict=True):
            parts = [self._parts(word) for word in (*reading.plain, *reading.title)]
            found, many = np.unique(np.concatenate([own, *parts]), return_counts=True)
            self._texts.append((found, np.minimum(many, _MOST).astype(np.uint8)))

    def _parts(self, word: str) -> Keys:
        known = self._letters.get(word)
        if known is None:
            known = self._letters[word] = letters([word])[0]
        return known

    def table(self, rare: Mapping[str, int], shares: Mapping[str, float], common: float) -> Table:
        """The table of the features that stand in at least `rare` texts (by view), those in more than this share of the
        texts being common. Forgets the texts."""
        texts, self._texts, self._letters = self._texts, [], {}
        keys, seen = _kept(texts, np.array([rare[name] for name in VIEWS]))
        idf = (np.log((1.0 + len(texts)) / (1.0 + seen)) + 1.0).astype(np.float32)
        vocabulary = Vocabulary(keys)
        weigh = np.array([shares[name] ** 0.5 for name in VIEWS])[vocabulary.views].astype(np.float32)
        width = int((seen > common * len(texts)).sum())
        often, seldom = _Rows(), _Rows()
        texts.reverse()
        while texts:
            chunk = [texts.pop() for _ in range(min(_CHUNK, len(texts)))]
            where, rows, values = _values(chunk, vocabulary, idf, weigh)
            often.add(len(chunk), where, rows, values, rows < width)
            seldom.add(len(chunk), where, rows - width, values, rows >= width)
        return Table(vocabulary, idf, often.matrix(width), seldom.matrix(len(idf) - width))


class _Rows:
    """A sparse matrix that grows by rows."""

    def __init__(self) -> None:
        self._columns: list[NDArray[np.int32]] = []
        self._values: list[Floats] = []
        self._sizes: list[NDArray[np.int64]] = []

    def add(
        self, count: int, where: Places, columns: Places, values: Floats, kept: NDArray[np.bool_]
    ) -> None:
        """So many rows more: of the values, in the order of their rows, those `kept`."""
        self._columns.append(columns[kept].astype(np.int32))
        self._values.append(values[kept])
        self._sizes.append(np.bincount(where[kept], minlength=count))

    def matrix(self, width: int) -> Any:
        """The matrix; forgets its rows."""
        from scipy.sparse import csr_matrix

        starts = np.concatenate([[0], np.cumsum(np.concatenate(self._sizes))]).astype(np.int32)
        columns, self._columns = np.concatenate(self._columns), []
        values, self._values = np.concatenate(self._values), []
        shape = (len(starts) - 1, max(width, 1))
        return csr_matrix((values, columns, starts), shape=shape, copy=False)  # type: ignore[no-untyped-call]


def _kept(texts: Sequence[tuple[Keys, Any]], rare: NDArray[np.int64]) -> tuple[Keys, NDArray[np.int64]]:
    """The features that are frequent enough, the most frequent first, and in how many texts each stands."""
    every = np.concatenate([keys for keys, _ in texts])
    every.sort()
    firsts = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]]))
    keys, seen = every[firsts], np.diff(firsts, append=len(every))
    enough = seen >= rare[view_of(keys)]
    keys, seen = keys[enough], seen[enough]
    order = np.argsort(-seen, kind="stable")
    return keys[order], seen[order]


def _values(
    texts: Sequence[tuple[Keys, NDArray[np.uint8]]], vocabulary: Vocabulary, idf: Floats, weigh: Floats
) -> tuple[Places, Places, Floats]:
    """The entries of some rows of the table: text, feature and value."""
    keys = np.concatenate([keys for keys, _ in texts])
    many = np.concatenate([many for _, many in texts])
    where = np.repeat(np.arange(len(texts)), [len(keys) for keys, _ in texts])
    rows = vocabulary.rows(keys)
    known = rows >= 0
    many, where, rows = many[known], where[known], rows[known]
    values = (1.0 + np.log(many, dtype=np.float32)) * idf[rows]
    units = where * len(VIEWS) + vocabulary.views[rows]
    lengths = np.sqrt(np.bincount(units, values * values, len(texts) * len(VIEWS))).astype(np.float32)
    values *= weigh[rows] / np.maximum(lengths, np.float32(1e-12))[units]
    return where, rows, values

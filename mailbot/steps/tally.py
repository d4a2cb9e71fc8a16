"""Counting the features of many texts one after the other: the numbers of features are kept, not the texts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.features import VIEWS, Reading
from mailbot.steps.keys import Keys, Numbers, Places, Vocabulary, clauses, features, letters, view_of
from mailbot.steps.trained import Floats

_MOST = 255
_OUTPUTS = 10


@dataclass(frozen=True, slots=True)
class _Counted:
    """The features of some texts one after the other, how often each stands in its text, and how many each text has.
    Large arrays are given back to the system when forgotten, thousands of small ones are not."""

    keys: Keys
    many: NDArray[np.uint8]
    sizes: Places

    @classmethod
    def of(cls, texts: Iterable[Keys]) -> "_Counted":
        """Count the features of each text."""
        found = [np.unique(keys, return_counts=True) for keys in texts]
        many = np.concatenate([count for _, count in found])
        sizes = np.array([len(keys) for keys, _ in found], dtype=np.int64)
        return cls(
            np.concatenate([keys for keys, _ in found]), np.minimum(many, _MOST).astype(np.uint8), sizes
        )


@dataclass(frozen=True, slots=True)
class Table:
    """Texts × features as sparse matrices: the most frequent as `common`, the others as `rest`; `vocabulary` names the
    columns of both, one after the other. Each view of a text is of length 1 but for the view's share. `clauses`: the
    same of clauses, and `owners`: the text of each clause."""

    vocabulary: Vocabulary
    idf: Floats
    common: Any
    rest: Any
    clauses: Any
    owners: Places

    def weights(self, duals: Floats) -> Floats:
        """Features × outputs, from what each text weighs."""
        return np.concatenate([self.common.T @ duals, self.rest.T @ duals])

    def clause_scores(self, rows: Places, duals: Floats) -> Floats:
        """What some clauses have in common with the texts, by what each text weighs; some outputs at a time, as all
        weights at once would take more room than all that is learnt from."""
        width = self.common.shape[1]
        frequent, others = self.clauses[rows][:, :width], self.clauses[rows][:, width:]
        outputs = range(0, duals.shape[1], _OUTPUTS)
        parts = [duals[:, start : start + _OUTPUTS] for start in outputs]
        return np.hstack(
            [frequent @ (self.common.T @ part) + others @ (self.rest.T @ part) for part in parts]
        )


class Tally:
    """The texts seen so far. A text costs some 5 kB, its reading may be forgotten."""

    def __init__(self) -> None:
        self._numbers = Numbers()
        self._letters: dict[str, Keys] = {}
        self._texts: list[_Counted] = []
        self._clauses: list[_Counted] = []
        self._owners: list[Places] = []
        self._count = 0

    def add(self, readings: Sequence[Reading]) -> None:
        """Count some more texts."""
        whole = _split(*features(readings, self._numbers), len(readings))
        self._texts.append(
            _Counted.of(
                np.concatenate([own, *(self._parts(word) for word in (*reading.plain, *reading.title))])
                for reading, own in zip(readings, whole, strict=True)
            )
        )
        (keys, owners), texts = clauses(readings, self._numbers)
        self._clauses.append(_Counted.of(_split(keys, owners, len(texts))))
        self._owners.append(texts + self._count)
        self._count += len(readings)

    def _parts(self, word: str) -> Keys:
        known = self._letters.get(word)
        if known is None:
            known = self._letters[word] = letters([word])[0]
        return known

    def table(self, rare: Mapping[str, int], shares: Mapping[str, float], common: float) -> Table:
        """The table of the features that stand in at least `rare` texts (by view), those in more than this share of the
        texts being common. Forgets the texts."""
        self._letters.clear()
        keys, seen = _kept(self._texts, np.array([rare[name] for name in VIEWS]))
        idf = (np.log((1.0 + self._count) / (1.0 + seen)) + 1.0).astype(np.float32)
        vocabulary = Vocabulary(keys)
        weigh = np.array([shares[name] ** 0.5 for name in VIEWS])[vocabulary.views].astype(np.float32)
        width = int((seen > common * self._count).sum())
        often, seldom = _Rows(), _Rows()
        for where, rows, values, count in _entries(self._texts, vocabulary, idf, weigh):
            often.add(count, where, rows, values, rows < width)
            seldom.add(count, where, rows - width, values, rows >= width)
        clause = _Rows()
        for where, rows, values, count in _entries(self._clauses, vocabulary, idf, weigh):
            clause.add(count, where, rows, values, rows >= 0)
        return Table(
            vocabulary, idf, often.matrix(width), seldom.matrix(len(idf) - width), clause.matrix(len(idf)),
            np.concatenate(self._owners),
        )  # fmt: skip


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
        shape = (len(starts) - 1, width)
        return csr_matrix((values, columns, starts), shape=shape, copy=False)  # type: ignore[no-untyped-call]


def _kept(texts: Sequence[_Counted], rare: NDArray[np.int64]) -> tuple[Keys, NDArray[np.int64]]:
    """The features that are frequent enough, the most frequent first, and in how many texts each stands."""
    every = np.concatenate([some.keys for some in texts])
    every.sort()
    firsts = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]]))
    keys, seen = every[firsts], np.diff(firsts, append=len(every))
    enough = seen >= rare[view_of(keys)]
    keys, seen = keys[enough], seen[enough]
    order = np.argsort(-seen, kind="stable")
    return keys[order], seen[order]


def _split(keys: Keys, owners: Places, count: int) -> list[Keys]:
    """The features of each of so many owners."""
    order = np.argsort(owners, kind="stable")
    return np.split(keys[order], np.searchsorted(owners[order], np.arange(1, count)))


def _entries(
    texts: list[_Counted], vocabulary: Vocabulary, idf: Floats, weigh: Floats
) -> Iterator[tuple[Places, Places, Floats, int]]:
    """The entries of the table by some rows at a time: text, feature and value, and the number of rows. Forgets the
    texts."""
    texts.reverse()
    while texts:
        some = texts.pop()
        yield *_values(some, vocabulary, idf, weigh), len(some.sizes)


def _values(
    texts: _Counted, vocabulary: Vocabulary, idf: Floats, weigh: Floats
) -> tuple[Places, Places, Floats]:
    """The entries of some rows of the table: text, feature and value."""
    where: Places = np.repeat(np.arange(len(texts.sizes), dtype=np.int64), texts.sizes)
    rows = vocabulary.rows(texts.keys)
    known = rows >= 0
    many, where, rows = texts.many[known], where[known], rows[known]
    values: Floats = (1.0 + np.log(many, dtype=np.float32)).astype(np.float32) * idf[rows]
    units = where * len(VIEWS) + vocabulary.views[rows]
    lengths = np.sqrt(np.bincount(units, values * values, len(texts.sizes) * len(VIEWS))).astype(np.float32)
    values *= weigh[rows] / np.maximum(lengths, np.float32(1e-12))[units]
    return where, rows, values

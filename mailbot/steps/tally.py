"""Counting the features of many texts some at a time: the numbers of features are kept, not the texts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.features import VIEWS, Reading
from mailbot.steps.keys import Keys, Numbers, Places, Vocabulary, clauses, features, letters, view_of
from mailbot.steps.sparse import Columns, Sparse, begins, ranges
from mailbot.steps.trained import Floats

_MOST = 255
_PARTS = 16  # of the numbers of features, counted one after the other
_ROW = np.uint16


@dataclass(frozen=True, slots=True)
class _Batch:
    """The features of some rows (texts or clauses), ascending, and in how many of them each stands (`runs`); the rows
    of the first feature, of the second ..., and how often it stands in each."""

    keys: Keys
    runs: NDArray[np.uint16]
    rows: NDArray[np.uint16]
    many: NDArray[np.uint8]
    count: int

    @classmethod
    def of(cls, keys: Keys, rows: Places, many: Places, count: int) -> "_Batch":
        """Add up what stands in the same row."""
        order = np.lexsort((rows, keys))
        keys, rows, many = keys[order], rows[order], many[order]
        new_key = np.diff(keys, prepend=~keys[:1]) != 0
        firsts = np.flatnonzero(new_key | (np.diff(rows, prepend=-1) != 0))
        many = np.add.reduceat(many, firsts) if len(firsts) else many
        starts = np.flatnonzero(new_key[firsts])
        return cls(
            keys[firsts][starts], np.diff(starts, append=len(firsts)).astype(_ROW), rows[firsts].astype(_ROW),
            np.minimum(many, _MOST).astype(np.uint8), count,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """Which texts each feature of `vocabulary` stands in, the most frequent features first; `common`: how many of them
    stand in so many texts that they are better treated as a dense table; the others of text i are
    `seldom[starts[i]:starts[i + 1]]`. Each view of a text is of length 1 but for the view's share. `clauses`: the same
    values of the features of each clause, and `owners`: the text of each clause."""

    vocabulary: Vocabulary
    idf: Floats
    features: Sparse
    common: int
    starts: Places
    seldom: NDArray[np.int32]
    clauses: Sparse
    owners: Places

    @property
    def size(self) -> int:
        """The number of texts."""
        return len(self.starts) - 1


class Tally:
    """The texts seen so far. A text costs some 5 kB, its reading may be forgotten."""

    def __init__(self) -> None:
        self._numbers = Numbers()
        self._letters: dict[str, Keys] = {}
        self._texts: list[_Batch] = []
        self._clauses: list[_Batch] = []
        self._owners: list[Places] = []
        self._count = 0

    def add(self, readings: Sequence[Reading]) -> None:
        """Count some more texts."""
        self._texts.append(self._whole(readings))
        (keys, rows), texts = clauses(readings, self._numbers)
        self._clauses.append(_Batch.of(keys, rows, np.ones(len(keys), dtype=np.int64), len(texts)))
        self._owners.append(texts + self._count)
        self._count += len(readings)

    def _whole(self, readings: Sequence[Reading]) -> _Batch:
        words = [[*reading.plain, *reading.title] for reading in readings]
        self._spell(set().union(*words))
        own = _split(*features(readings, self._numbers), len(readings))
        found = [
            _distinct(np.concatenate([keys, *map(self._letters.__getitem__, some)]))
            for keys, some in zip(own, words, strict=True)
        ]
        rows = np.repeat(np.arange(len(found)), [len(keys) for keys, _ in found])
        return _Batch.of(
            np.concatenate([keys for keys, _ in found]), rows, np.concatenate([many for _, many in found]),
            len(found),
        )  # fmt: skip

    def _spell(self, words: set[str]) -> None:
        """Remember the letters of words."""
        new = sorted(words - self._letters.keys())
        if new:
            self._letters.update(zip(new, _split(*letters(new), len(new)), strict=True))

    def table(self, rare: Mapping[str, int], shares: Mapping[str, float], common: float) -> Table:
        """The table of the features that stand in at least `rare` texts (by view), those in more than this share of the
        texts being common. Forgets the texts."""
        self._letters.clear()
        self._numbers.clear()
        keys, seen = _kept(self._texts, np.array([rare[name] for name in VIEWS]))
        vocabulary = Vocabulary(keys)
        idf = (np.log((1.0 + self._count) / (1.0 + seen)) + 1.0).astype(np.float32)
        values = _Values(vocabulary, idf, np.array([shares[name] ** 0.5 for name in VIEWS], dtype=np.float32))
        often = int((seen > common * self._count).sum())
        by_feature, starts, seldom = _texts(self._texts, values, seen, often)
        said = _clauses(self._clauses, values)
        owners = np.concatenate(self._owners)
        return Table(vocabulary, idf, by_feature, often, starts, seldom, said, owners)


@dataclass(frozen=True, slots=True)
class _Values:
    """What a feature counts in a row."""

    vocabulary: Vocabulary
    idf: Floats
    weigh: Floats

    def of(self, batch: _Batch) -> tuple[Places, Places, Places, Floats]:
        """The known features of a batch and in how many rows each stands; those rows, and the values there."""
        found = self.vocabulary.rows(batch.keys)
        known = found >= 0
        inside = np.repeat(known, batch.runs)
        features, runs = found[known], batch.runs[known].astype(np.int64)
        rows, many = batch.rows[inside].astype(np.int64), batch.many[inside]
        views = np.repeat(self.vocabulary.views[features], runs)
        values = (1.0 + np.log(many, dtype=np.float32)).astype(np.float32)
        values *= np.repeat(self.idf[features], runs)
        units = rows * len(VIEWS) + views
        lengths = np.sqrt(np.bincount(units, values * values, batch.count * len(VIEWS))).astype(np.float32)
        values *= self.weigh[views] / np.maximum(lengths, np.float32(1e-12))[units]
        return features, runs, rows, values


def _texts(
    batches: list[_Batch], values: _Values, seen: Places, common: int
) -> tuple[Sparse, Places, NDArray[np.int32]]:
    """The texts of each feature, then the features of each text that are not common. Forgets the batches."""
    starts = begins(seen)
    narrow = sum(batch.count for batch in batches) <= np.iinfo(np.uint16).max
    columns: Columns = np.empty(starts[-1], dtype=np.uint16 if narrow else np.int32)
    found = np.empty(starts[-1], dtype=np.float32)
    filled = starts[:-1].copy()
    seldom: list[NDArray[np.int32]] = []
    sizes: list[Places] = []
    count = 0
    for batch in _taken(batches):
        features, runs, rows, here = values.of(batch)
        places = ranges(filled[features], runs)
        columns[places], found[places] = rows + count, here
        filled[features] += runs
        others = np.repeat(features, runs)
        kept = np.flatnonzero(others >= common)
        kept = kept[np.argsort(rows[kept], kind="stable")]
        seldom.append(others[kept].astype(np.int32))
        sizes.append(np.bincount(rows[kept], minlength=batch.count))
        count += batch.count
    return Sparse(starts, columns, found), begins(np.concatenate(sizes)), np.concatenate(seldom)


def _clauses(batches: list[_Batch], values: _Values) -> Sparse:
    """The features of each clause. Forgets the batches."""
    columns: list[NDArray[np.int32]] = []
    found: list[Floats] = []
    sizes: list[Places] = []
    for batch in _taken(batches):
        features, runs, rows, here = values.of(batch)
        order = np.argsort(rows, kind="stable")
        columns.append(np.repeat(features, runs)[order].astype(np.int32))
        found.append(here[order])
        sizes.append(np.bincount(rows, minlength=batch.count))
    return Sparse(begins(np.concatenate(sizes)), np.concatenate(columns), np.concatenate(found))


def _taken(batches: list[_Batch]) -> Iterator[_Batch]:
    """The batches, each forgotten as soon as the next is asked for."""
    batches.reverse()
    while batches:
        yield batches.pop()


def _kept(batches: Sequence[_Batch], rare: Places) -> tuple[Keys, Places]:
    """The features that are frequent enough, the most frequent first, and in how many texts each stands."""
    found: list[Keys] = []
    counts: list[Places] = []
    cuts = [_cuts(batch.keys) for batch in batches]
    for part in range(_PARTS):
        inside = [slice(cut[part], cut[part + 1]) for cut in cuts]
        keys = np.concatenate([batch.keys[here] for batch, here in zip(batches, inside, strict=True)])
        runs = np.concatenate([batch.runs[here] for batch, here in zip(batches, inside, strict=True)])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        firsts = np.flatnonzero(np.diff(keys, prepend=~keys[:1]))
        if not len(firsts):
            continue
        seen = np.add.reduceat(runs[order], firsts, dtype=np.int64)
        keys = keys[firsts]
        enough = seen >= rare[view_of(keys)]
        found.append(keys[enough])
        counts.append(seen[enough])
    keys, seen = np.concatenate(found), np.concatenate(counts)
    order = np.argsort(-seen, kind="stable")
    return keys[order], seen[order]


def _cuts(keys: Keys) -> Places:
    """Where each part of the numbers begins among these, and where the last ends."""
    bounds = np.arange(_PARTS, dtype=np.uint64) << np.uint64(64 - (_PARTS - 1).bit_length())
    return np.append(np.searchsorted(keys, bounds), len(keys))


def _distinct(keys: Keys) -> tuple[Keys, Places]:
    """The keys in their order, each once, and how often it was there."""
    keys.sort()
    new = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    firsts = np.flatnonzero(new)
    return keys[firsts], np.diff(firsts, append=len(keys))


def _split(keys: Keys, owners: Places, count: int) -> list[Keys]:
    """The features of each of so many owners."""
    order = np.argsort(owners, kind="stable")
    return np.split(keys[order], np.searchsorted(owners[order], np.arange(1, count)))

"""Counting the features of many texts one after the other: numbers are kept, not the strings."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.features import LETTERS, VIEWS, Reading, letters
from mailbot.steps.trained import Floats

Vocabulary = tuple[dict[str, int], Floats]
_Counted = tuple[NDArray[np.int32], NDArray[np.float32]]


class Tally:
    """The texts seen so far. A text costs some 20 kB, its reading may be forgotten."""

    def __init__(self) -> None:
        self._numbers: list[dict[str, int]] = [{} for _ in VIEWS]
        self._texts: list[list[_Counted]] = [[] for _ in VIEWS]
        self._letters: dict[str, list[int]] = {}

    def add(self, reading: Reading) -> None:
        """Count one more text."""
        for view, texts in enumerate(self._texts):
            number = self._numbers[view]
            if view == LETTERS:
                found = [part for word in reading.views[view] for part in self._parts(word)]
            else:
                found = [number.setdefault(feature, len(number)) for feature in reading.views[view]]
            rows, many = np.unique(np.array(found, dtype=np.int32), return_counts=True)
            texts.append((rows, (1.0 + np.log(many)).astype(np.float32)))

    def _parts(self, word: str) -> list[int]:
        known = self._letters.get(word)
        if known is None:
            number = self._numbers[LETTERS]
            known = [number.setdefault(part, len(number)) for part in letters(word)]
            self._letters[word] = known
        return known

    def table(self, rare: Mapping[str, int], shares: Mapping[str, float]) -> tuple[list[Vocabulary], Any]:
        """For each view the features that stand in at least `rare` texts, with their idf; and texts × features of all
        views as a sparse matrix, each view weighed by its share. Forgets the texts."""
        from scipy.sparse import hstack

        vocabularies, tables = [], []
        for view, name in enumerate(VIEWS):
            vocabulary, table = self._view(view, rare[name])
            vocabularies.append(vocabulary)
            tables.append(table * np.float32(shares[name] ** 0.5))
        return vocabularies, hstack(tables, format="csr")  # type: ignore[no-untyped-call]

    def _view(self, view: int, rare: int) -> tuple[Vocabulary, Any]:
        from scipy.sparse import csr_matrix

        texts, names = self._texts[view], self._numbers[view]
        self._texts[view], self._numbers[view] = [], {}
        sizes = [len(rows) for rows, _ in texts]
        columns = np.concatenate([rows for rows, _ in texts])
        seen = np.bincount(columns, minlength=len(names))
        kept = seen >= rare
        place = np.cumsum(kept) - 1
        vocabulary = {name: int(place[row]) for name, row in names.items() if kept[row]}
        idf = (np.log((1.0 + len(texts)) / (1.0 + seen[kept])) + 1.0).astype(np.float32)
        inside = kept[columns]
        where = np.repeat(np.arange(len(texts)), sizes)[inside]
        columns = place[columns[inside]]
        values = np.concatenate([plain for _, plain in texts])[inside] * idf[columns]
        lengths = np.sqrt(np.bincount(where, values * values, len(texts)))
        values /= np.maximum(lengths, 1e-12)[where].astype(np.float32)
        starts = np.searchsorted(where, np.arange(len(texts) + 1))
        table = csr_matrix(  # type: ignore[no-untyped-call]
            (values, columns.astype(np.int32), starts.astype(np.int32)), shape=(len(texts), max(len(idf), 1))
        )
        return (vocabulary, idf), table

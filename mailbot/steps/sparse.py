"""Large tables that are nearly empty: of each row, the columns that hold something and the values there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.keys import Places
from mailbot.steps.trained import Floats

Columns = NDArray[np.int32 | np.uint16]
_PIECE = 1_000  # values at a time: they stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Sparse:
    """Row i holds `values[starts[i]:starts[i + 1]]` at the columns that stand in the same places of `columns`."""

    starts: Places
    columns: Columns
    values: Floats

    def of(self, rows: Places) -> "Sparse":
        """Some of the rows."""
        sizes = np.diff(self.starts)[rows]
        places = ranges(self.starts[rows], sizes)
        return Sparse(begins(sizes), self.columns[places], self.values[places])

    def dense(self, rows: slice, width: int) -> Floats:
        """Some rows with all their columns, of which there are `width`."""
        starts = self.starts[rows.start : rows.stop + 1]
        inside = slice(starts[0], starts[-1])
        places = np.repeat(np.arange(len(starts) - 1) * width, np.diff(starts))
        places += self.columns[inside]
        table = np.zeros((len(starts) - 1) * width, dtype=np.float32)
        table[places] = self.values[inside]
        return table.reshape(-1, width)

    def times(self, other: Floats) -> Floats:
        """The product with a table that has a row for each column of this one."""
        result = np.zeros((len(self.starts) - 1, other.shape[1]), dtype=np.float32)
        rows = np.flatnonzero(np.diff(self.starts))
        starts = self.starts[rows]
        ends = np.append(starts[1:], len(self.values))
        for piece in range(0, len(self.values), _PIECE):
            some = slice(*np.searchsorted(starts, [piece, piece + _PIECE]))
            if some.start < some.stop:
                first, last = starts[some.start], ends[some.stop - 1]
                parts = other[self.columns[first:last]]
                parts *= self.values[first:last, None]
                result[rows[some]] = np.add.reduceat(parts, starts[some] - first, axis=0)
        return result


def begins(sizes: Places) -> Places:
    """Where each of so many things of these sizes begins, one after the other, and where the last ends."""
    return np.concatenate([[0], np.cumsum(sizes)])


def ranges(starts: Places, sizes: Places) -> Places:
    """start, start + 1, … of each start, as many as its size says."""
    ends = np.cumsum(sizes)
    places: Places = np.repeat(starts - ends + sizes, sizes)
    places += np.arange(len(places))
    return places

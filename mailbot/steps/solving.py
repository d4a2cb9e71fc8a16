"""Solving with a large symmetric matrix A = L·Lᵀ, of which L⁻¹ grows by blocks of rows in a scratch file.

A block is an array (its rows × all columns up to its last row). Only a few are in memory at a time."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.int64]


class Scratch(Protocol):
    """An empty file to write to and read from: a temporary one, or io.BytesIO() for what is small."""

    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def write(self, data: memoryview, /) -> int: ...
    def readinto(self, room: memoryview, /) -> int: ...


class Root:
    """L⁻¹, in a scratch file of its own."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._ends = [0]

    @property
    def size(self) -> int:
        """The number of rows."""
        return self._ends[-1]

    def grow(self, block: Floats) -> None:
        """Take in the next rows of A, up to the diagonal; the block is used up. Raises LinAlgError when A is not
        positive definite."""
        start, end = self.size, block.shape[1]
        before, corner = np.zeros((end - start, start), dtype=np.float32), block[:, start:]
        for known in self.blocks():
            width = known.shape[1]
            part = block[:, :width] @ known.T  # of L
            before[:, :width] += part @ known
            corner -= part @ part.T
        corner[:] = np.tril(np.linalg.inv(np.linalg.cholesky(corner)))
        np.matmul(-corner, before, out=block[:, :start])
        self._scratch.seek(0, 2)
        self._scratch.write(block.data)
        self._ends.append(end)

    def blocks(self) -> Iterator[Floats]:
        """The blocks, each only until the next is asked for."""
        pairs = list(zip(self._ends, self._ends[1:], strict=False))
        room = np.empty(max(((end - start) * end for start, end in pairs), default=0), dtype=np.float32)
        self._scratch.seek(0)
        for start, end in pairs:
            block = room[: (end - start) * end]
            self._scratch.readinto(block.data)
            yield block.reshape(end - start, end)


def solve(root: Root, goals: Floats) -> Floats:
    """A⁻¹ · goals."""
    result = np.zeros_like(goals)
    for block in root.blocks():
        width = block.shape[1]
        result[:width] += block.T @ (block @ goals[:width])
    return result


def solve_parts(root: Root, parts: Sequence[Places], goals: Sequence[Floats]) -> Floats:
    """A⁻¹ · (the goals of each part at its places, nothing elsewhere), side by side. Places ascend."""
    result = np.zeros((root.size, sum(goal.shape[1] for goal in goals)), dtype=np.float32)
    for block in root.blocks():
        width = block.shape[1]
        inner = [
            _at(block, part) @ goal[: np.searchsorted(part, width)]
            for part, goal in zip(parts, goals, strict=True)
        ]
        result[:width] += block.T @ np.hstack(inner)
    return result


def parts_of_inverse(root: Root, parts: Sequence[Places]) -> list[Floats]:
    """The rows and columns of A⁻¹ at the places (ascending) of each part."""
    results = [np.zeros((len(part), len(part)), dtype=np.float32) for part in parts]
    for block in root.blocks():
        for part, result in zip(parts, results, strict=True):
            here = _at(block, part)
            count = here.shape[1]
            result[:count, :count] += here.T @ here
    return results


def _at(block: Floats, part: Places) -> Floats:
    return block[:, part[: np.searchsorted(part, block.shape[1])]]

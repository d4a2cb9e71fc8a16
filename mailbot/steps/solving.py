"""Solving with a large symmetric matrix of which only the lower half is kept, as blocks of rows.

Row block i is an array (rows of the block × all columns up to the block's last row). Half the memory of LAPACK's
full matrix and two thirds of the work of a full inverse."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def invert_root(blocks: Sequence[Floats]) -> None:
    """Put L⁻¹ (block rows) in place of A = L·Lᵀ. Raises LinAlgError when A is not positive definite."""
    _factor(blocks)
    _invert(blocks)


def solve(root: Sequence[Floats], goals: Floats) -> Floats:
    """A⁻¹ · goals, from the blocks that `invert_root` left."""
    result = np.zeros_like(goals)
    for block in root:
        width = block.shape[1]
        result[:width] += block.T @ (block @ goals[:width])
    return result


def part_of_inverse(root: Sequence[Floats], places: NDArray[np.int64]) -> Floats:
    """The rows and columns `places` (ascending) of A⁻¹."""
    result = np.zeros((len(places), len(places)), dtype=np.float32)
    for block in root:
        inside = int(np.searchsorted(places, block.shape[1]))
        if inside:
            here = block[:, places[:inside]]
            result[:inside, :inside] += here.T @ here
    return result


def _factor(blocks: Sequence[Floats]) -> None:
    """A → L, in place."""
    from scipy.linalg import solve_triangular

    for number, row in enumerate(blocks):
        start = 0
        for other in blocks[:number]:
            end = other.shape[1]
            if start:
                row[:, start:end] -= row[:, :start] @ other[:, :start].T
            row[:, start:end] = solve_triangular(
                other[:, start:end], row[:, start:end].T, lower=True, check_finite=False
            ).T
            start = end
        row[:, start:] -= row[:, :start] @ row[:, :start].T
        row[:, start:] = np.linalg.cholesky(row[:, start:])


def _invert(blocks: Sequence[Floats]) -> None:
    """L → L⁻¹, in place."""
    from scipy.linalg import solve_triangular

    for number, row in enumerate(blocks):
        start = row.shape[1] - row.shape[0]
        before = np.zeros((len(row), start), dtype=np.float32)
        left = 0
        for other in blocks[:number]:
            end = other.shape[1]
            before[:, :end] += row[:, left:end] @ other
            left = end
        unit = np.eye(len(row), dtype=np.float32)
        corner = solve_triangular(row[:, start:], unit, lower=True, check_finite=False)
        row[:, :start] = -(corner @ before)
        row[:, start:] = corner

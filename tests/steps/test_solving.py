"""Half a symmetric matrix is enough to solve with it, and to know any part of its inverse."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mailbot.steps import solving

SIZE, BLOCK = 23, 5


def some_matrix() -> NDArray[np.float32]:
    features = np.random.default_rng(1).normal(size=(SIZE, SIZE)).astype(np.float32)
    return features @ features.T + np.eye(SIZE, dtype=np.float32)


def root_of(matrix: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    ends = [min(start + BLOCK, SIZE) for start in range(0, SIZE, BLOCK)]
    blocks = [matrix[end - (end % BLOCK or BLOCK) : end, :end].copy() for end in ends]
    solving.invert_root(blocks)
    return blocks


def test_solving_gives_what_the_whole_inverse_gives() -> None:
    matrix = some_matrix()
    goals = np.arange(2 * SIZE, dtype=np.float32).reshape(SIZE, 2)
    assert np.allclose(
        solving.solve(root_of(matrix), goals), np.linalg.solve(matrix, goals), atol=1e-2, rtol=1e-3
    )


@pytest.mark.parametrize("places", [[0], [3, 4, 5], [0, 7, 22], list(range(SIZE))])
def test_any_part_of_the_inverse_is_known(places: list[int]) -> None:
    matrix = some_matrix()
    found = solving.part_of_inverse(root_of(matrix), np.array(places))
    assert np.allclose(found, np.linalg.inv(matrix)[np.ix_(places, places)], atol=1e-3)


def test_a_matrix_that_is_not_positive_is_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        solving.invert_root([np.array([[-1.0]], dtype=np.float32)])

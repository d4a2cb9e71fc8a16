"""Half a symmetric matrix is enough to solve with it, and to know any part of its inverse."""

import tracemalloc
from io import BytesIO
from tempfile import TemporaryFile

import numpy as np
import pytest
from numpy.typing import NDArray

from mailbot.steps import solving
from mailbot.steps.solving import Root

SIZE, BLOCK = 23, 5


def some_matrix() -> NDArray[np.float32]:
    features = np.random.default_rng(1).normal(size=(SIZE, SIZE)).astype(np.float32)
    return features @ features.T + np.eye(SIZE, dtype=np.float32)


def root_of(matrix: NDArray[np.float32]) -> Root:
    root = Root(BytesIO())
    for start in range(0, SIZE, BLOCK):
        end = min(start + BLOCK, SIZE)
        root.grow(matrix[start:end, :end].copy())
    return root


def test_solving_gives_what_the_whole_inverse_gives() -> None:
    matrix = some_matrix()
    goals = np.arange(2 * SIZE, dtype=np.float32).reshape(SIZE, 2)
    found = solving.solve(root_of(matrix), goals)
    assert np.allclose(found, np.linalg.solve(matrix, goals), atol=1e-2, rtol=1e-3)


def test_goals_at_some_places_are_solved_side_by_side() -> None:
    matrix = some_matrix()
    parts = [np.array([0, 7, 22]), np.array([3, 4])]
    goals = [np.ones((3, 2), dtype=np.float32), np.full((2, 1), 2, dtype=np.float32)]
    whole = np.zeros((SIZE, 3), dtype=np.float32)
    whole[parts[0], :2], whole[parts[1], 2:] = goals
    found = solving.solve_parts(root_of(matrix), parts, goals)
    assert np.allclose(found, np.linalg.solve(matrix, whole), atol=1e-2, rtol=1e-3)


@pytest.mark.parametrize("places", [[0], [3, 4, 5], [0, 7, 22], list(range(SIZE))])
def test_any_part_of_the_inverse_is_known(places: list[int]) -> None:
    matrix = some_matrix()
    found, first = solving.parts_of_inverse(root_of(matrix), [np.array(places), np.array([0])])
    inverse = np.linalg.inv(matrix)
    assert np.allclose(found, inverse[np.ix_(places, places)], atol=1e-3)
    assert np.allclose(first, inverse[:1, :1], atol=1e-3)


def test_what_is_above_the_diagonal_is_not_looked_at() -> None:
    matrix = some_matrix()
    goals = np.ones((SIZE, 1), dtype=np.float32)
    assert np.array_equal(
        solving.solve(root_of(np.tril(matrix)), goals), solving.solve(root_of(matrix), goals)
    )


def test_a_matrix_that_is_not_positive_is_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        Root(BytesIO()).grow(np.array([[-1.0]], dtype=np.float32))


def test_only_a_few_blocks_are_in_memory_at_a_time() -> None:
    size, rows = 2048, 64
    half = size * size * 2  # bytes of the lower half
    matrix = np.eye(size, dtype=np.float32)
    with TemporaryFile() as file:
        root = Root(file)
        tracemalloc.start()
        for start in range(0, size, rows):
            root.grow(matrix[start : start + rows, : start + rows].copy())
        solving.solve(root, np.ones((size, 1), dtype=np.float32))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < half / 3

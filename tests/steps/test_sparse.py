"""Tables that are nearly empty: products and parts are what the whole tables give."""

import numpy as np
import pytest

from mailbot.steps import sparse
from mailbot.steps.sparse import Sparse


def drawn(rows: int, columns: int) -> tuple[Sparse, np.ndarray]:
    """A table with some empty rows, and the same with every zero."""
    chance = np.random.default_rng(3)
    whole = chance.normal(size=(rows, columns)).astype(np.float32)
    whole[chance.uniform(size=whole.shape) < 0.8] = 0.0
    whole[[0, rows // 2, -1]] = 0.0
    where, places = np.nonzero(whole)
    starts = sparse.begins(np.bincount(where, minlength=rows))
    return Sparse(starts, places.astype(np.int32), whole[where, places]), whole


@pytest.mark.parametrize("rows", [4, 300])
def test_a_product_is_that_of_the_whole_tables(rows: int) -> None:
    table, whole = drawn(rows, 60)
    other = np.random.default_rng(4).normal(size=(60, 3)).astype(np.float32)
    assert np.allclose(table.times(other), whole @ other, atol=1e-4)


def test_a_row_longer_than_a_piece_is_added_up_whole() -> None:
    values = np.ones(2500, dtype=np.float32)
    table = Sparse(np.array([0, 2400, 2500]), np.arange(2500, dtype=np.int32), values)
    assert table.times(np.ones((2500, 1), dtype=np.float32)).ravel().tolist() == [2400.0, 100.0]


def test_some_rows_are_taken_out_in_any_order() -> None:
    table, whole = drawn(30, 20)
    rows = np.array([29, 3, 3, 15, 0])
    some = table.of(rows)
    assert np.array_equal(some.dense(slice(0, 5), 20), whole[rows])


def test_a_part_is_shown_with_its_zeros() -> None:
    table, whole = drawn(30, 20)
    assert np.array_equal(table.dense(slice(5, 19), 20), whole[5:19])


def test_ranges_count_on_from_each_start() -> None:
    assert sparse.ranges(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]

"""Logistic regressions: where they end there is nothing left to gain, also from texts that are told apart wholly."""

import numpy as np
import pytest

from mailbot.steps import logistic
from mailbot.steps.logistic import Link


def drawn(kind: Link) -> tuple[np.ndarray, np.ndarray]:
    """300 rows with 4 outputs and 3 things known of each."""
    chance = np.random.default_rng(5)
    inputs = chance.normal(size=(300, 4, 3))
    likely = logistic.link(inputs @ np.array([1.5, -1.0, 0.0]), kind)
    if kind == "any":
        return inputs, (chance.uniform(size=likely.shape) < likely).astype(float)
    return inputs, np.eye(4)[[chance.choice(4, p=row) for row in likely]]


@pytest.mark.parametrize("kind", ["one", "any"])
def test_no_step_leads_further(kind: Link) -> None:
    inputs, goals = drawn(kind)
    weights = logistic.fit(inputs, goals, kind, np.ones(3))
    slope = np.einsum("nck,nc->k", inputs, logistic.link(inputs @ weights, kind) - goals) + weights
    assert np.abs(slope).max() < 0.5  # of 1,200 added up
    assert np.abs(weights - [1.5, -1.0, 0.0]).max() < 0.4


@pytest.mark.parametrize("kind", ["one", "any"])
def test_rows_that_are_told_apart_wholly_leave_finite_weights(kind: Link) -> None:
    goals = np.eye(2)[[0, 1] * 10]
    weights = logistic.fit(1000.0 * goals[:, :, None] - 500.0, goals, kind, np.array([1e-6]))
    assert np.isfinite(weights).all() and weights[0] > 0.0


def test_corrections_lead_to_what_is_right_and_no_further_than_the_penalty_lets() -> None:
    chance = np.random.default_rng(6)
    inputs = chance.normal(size=(500, 5))
    likely = logistic.link(2.0 * inputs[:, :3], "one")
    goals = np.eye(3)[[chance.choice(3, p=row) for row in likely]]
    chances = np.full((500, 3), 1 / 3)
    weights = logistic.correct(chances, inputs, goals, "one", 1.0)
    guess = logistic.link(np.log(chances) + inputs @ weights, "one")
    assert np.abs(guess - likely).mean() < 0.05
    assert np.abs(inputs.T @ (guess - goals) + weights).max() < 1.0  # of 500 added up
    assert np.abs(logistic.correct(chances, inputs, goals, "one", 1e9)).max() < 1e-3


def test_each_output_for_itself_is_corrected_by_what_is_known_of_all() -> None:
    chance = np.random.default_rng(7)
    inputs = chance.normal(size=(500, 5))
    likely = logistic.link(2.0 * inputs[:, :3] - 1.0, "any")
    goals = (chance.uniform(size=likely.shape) < likely).astype(float)
    chances = np.full((500, 3), logistic.link(np.array([[-1.0]]), "any")[0, 0])
    weights = logistic.correct(chances, inputs, goals, "any", 1.0)
    guess = logistic.link(logistic.unlinked(chances, "any") + inputs @ weights, "any")
    assert np.abs(guess - likely).mean() < 0.05
    assert np.abs(inputs.T @ (guess - goals) + weights).max() < 2.0  # of 500 added up


@pytest.mark.parametrize("kind", ["one", "any"])
def test_a_probability_and_back(kind: Link) -> None:
    chances = np.array([[0.0, 1.0], [0.25, 0.75]])
    assert np.allclose(logistic.link(logistic.unlinked(chances, kind), kind), chances, atol=1e-8)


def test_chances_that_are_sure_and_wrong_are_no_trap() -> None:
    inputs = np.ones((200, 1))
    goals = np.tile([1.0, 0.0], (200, 1))
    chances = np.tile([1e-9, 1.0], (200, 1))
    weights = logistic.correct(chances, inputs, goals, "one", 0.1)
    guess = logistic.link(np.log(chances) + inputs @ weights, "one")
    assert np.isfinite(weights).all() and guess[0, 0] > 0.5

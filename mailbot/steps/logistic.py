"""Logistic regressions, penalised towards 0, by Newton's method."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Link = Literal["one", "any"]
_STEPS = 30
_ENOUGH = 0.01  # what the logarithm of the likelihood must gain for one more step
_TINY = 1e-12
_HIGHEST = 500.0
_LEAST = 1e-9  # of a probability


def link(values: Doubles, kind: Link) -> Doubles:
    """Probabilities: of `any` column for itself, or that it is the `one`."""
    if kind == "any":
        return np.asarray(1.0 / (1.0 + np.exp(np.minimum(-values, _HIGHEST))))
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def unlinked(chances: Doubles, kind: Link) -> Doubles:
    """The values that `link` gives these probabilities for."""
    raised = np.log(chances + _LEAST)
    return raised if kind == "one" else np.asarray(raised - np.log1p(_LEAST - chances))


def fit(inputs: Doubles, goals: Doubles, kind: Link, penalty: Doubles) -> Doubles:
    """The weights of what is known of each output (`inputs`: rows × outputs × kinds), the same for all outputs.
    `goals`: what is right (rows × outputs, 0 or 1); `penalty`: of each weight."""
    flat = inputs.reshape(-1, inputs.shape[2])

    def look(weights: Doubles) -> tuple[float, Callable[[], Doubles]]:
        guess = link(inputs @ weights, kind)

        def step() -> Doubles:
            slope = flat.T @ (guess - goals).ravel() + penalty * weights
            return np.linalg.solve(_curve(inputs, guess, kind) + np.diag(penalty), slope)

        return _lost(guess, goals, kind) + 0.5 * float(penalty @ weights**2), step

    return _least(look, np.zeros(inputs.shape[2]))


def correct(chances: Doubles, inputs: Doubles, goals: Doubles, kind: Link, penalty: float) -> Doubles:
    """The weights (inputs × outputs) that correct `chances`; `inputs`: what is known of each row. The curvature is
    taken twice as large as it is at first, and each output for itself: that leads there as well, without the whole
    matrix."""
    start = unlinked(chances, kind)
    unit = np.float32(penalty) * np.eye(inputs.shape[1], dtype=np.float32)
    short = inputs.astype(np.float32)  # precise enough for the way, that is half the time
    spreads = (2.0 * chances * (1.0 - chances)).astype(np.float32).T
    inverses = np.stack([np.linalg.inv((short.T * spread) @ short + unit) for spread in spreads])

    def look(weights: Doubles) -> tuple[float, Callable[[], Doubles]]:
        guess = link(start + inputs @ weights, kind)

        def step() -> Doubles:
            slope = inputs.T @ (guess - goals) + penalty * weights
            return np.asarray(np.einsum("oij,jo->io", inverses, slope))

        return _lost(guess, goals, kind) + 0.5 * penalty * float(np.sum(weights**2)), step

    return _least(look, np.zeros((inputs.shape[1], goals.shape[1])))


def _least(look: Callable[[Doubles], tuple[float, Callable[[], Doubles]]], weights: Doubles) -> Doubles:
    """Where the least is lost, stepping from `weights`; half as far where a step led up. `look`: what is lost at some
    weights, and the step from there."""
    lost, best, step = np.inf, weights, np.zeros_like(weights)
    for _ in range(_STEPS):
        here, way = look(weights)
        if here > lost:
            step = step / 2
        elif lost - here < _ENOUGH:
            return weights
        else:
            lost, best, step = here, weights, way()
        weights = best - step
    return best


def _lost(guess: Doubles, goals: Doubles, kind: Link) -> float:
    value = -np.sum(goals * np.log(np.maximum(guess, _TINY)))
    if kind == "any":
        value -= np.sum((1.0 - goals) * np.log(np.maximum(1.0 - guess, _TINY)))
    return float(value)


def _curve(inputs: Doubles, guess: Doubles, kind: Link) -> Any:
    flat = inputs.reshape(-1, inputs.shape[2])
    if kind == "any":
        return (flat * (guess * (1.0 - guess)).reshape(-1, 1)).T @ flat
    mean = np.einsum("nck,nc->nk", inputs, guess)
    return (flat * guess.reshape(-1, 1)).T @ flat - mean.T @ mean

"""How sure it is that the main request is the right one: what is doubtful in a mail, learnt on unseen texts.

The probability of the second stage says how far the first intent leads; here counts too how near the next ones are,
how likely a second request is, and how long the mail is."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.steps import logistic
from mailbot.steps.logistic import Doubles, link

_TINY = 1e-6
_PENALTY = 3.0
_PENALTY_CONSTANT = 1e-3  # next to nothing: so that there is one


def certainty(primary: Doubles, presence: Doubles, length: Doubles, weights: Any) -> Doubles:
    """The probability that the most probable main request is right, for each mail."""
    return link(_inputs(primary, presence, length) @ weights[:-1] + weights[-1], "any")


def fit(
    primary: Doubles, presence: Doubles, length: Doubles, right: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """The weights of a logistic regression, the constant last. All texts right or all wrong: a constant nearly so."""
    inputs = _inputs(primary, presence, length)
    middle, spread = inputs.mean(axis=0), inputs.std(axis=0) + _TINY
    known = np.hstack([(inputs - middle) / spread, np.ones((len(inputs), 1))])
    penalty = np.append(np.full(inputs.shape[1], _PENALTY), _PENALTY_CONSTANT)
    found = logistic.fit(known[:, None, :], right[:, None].astype(float), "any", penalty)
    weights = found[:-1] / spread
    return np.append(weights, found[-1] - middle @ weights).astype(np.float32)


def _inputs(primary: Doubles, presence: Doubles, length: Doubles) -> Doubles:
    """Mails × what may be doubtful, then the squares of the same."""
    best = primary.argmax(axis=1)[:, None]
    first, second = -np.partition(-primary, 1, axis=1)[:, :2].T
    others = presence.copy()
    np.put_along_axis(others, best, 0.0, axis=1)
    most = -np.partition(-others, 1, axis=1)[:, :2]
    words = np.log1p(length)
    columns = [
        _odds(first),
        np.log(first + _TINY) - np.log(second + _TINY),
        _odds(np.take_along_axis(presence, best, axis=1)[:, 0]),
        _odds(most[:, 0]),
        _odds(most[:, 1]),
        words,
    ]
    table = np.stack(columns, axis=1)
    return np.hstack([table, table**2])


def _odds(chance: Doubles) -> Doubles:
    return np.asarray(np.log(np.maximum(chance, _TINY)) - np.log(np.maximum(1.0 - chance, _TINY)))

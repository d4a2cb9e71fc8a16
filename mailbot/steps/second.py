"""The second stage: from raw scores and counted signals to calibrated probabilities, learnt on unseen texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.ruleset import Example, Recognition
from mailbot.steps.features import Reading
from mailbot.steps.trained import Calibration, Floats, outputs

Doubles = NDArray[np.float64]
_PENALTY = 1.0
_CAP = 3.0  # more signals than this say no more


def signs(readings: Sequence[Reading], recognition: Recognition) -> Doubles:
    """Per mail: for each intent the signals for it less those against it, then the same for each remedy."""
    intents, remedies = outputs(recognition)
    place = {f"+{name}": (index, 1.0) for index, name in enumerate(intents)}
    place |= {f"-{name}": (index, -1.0) for index, name in enumerate(intents)}
    place |= {f"remede:{name}": (len(intents) + index, 1.0) for index, name in enumerate(remedies)}
    place |= {f"contre:{name}": (len(intents) + index, -1.0) for index, name in enumerate(remedies)}
    table = np.zeros((len(readings), len(intents) + len(remedies)))
    for row, reading in enumerate(readings):
        for hit in [*reading.found, *reading.title_found]:
            column, weight = place.get(hit.signal.owner, (-1, 0.0))
            table[row, column] += -0.5 * weight if hit.negated else weight
    return np.clip(table, -_CAP, _CAP)


def probabilities(scores: Doubles, sign: Doubles, calibration: Calibration) -> tuple[Floats, Floats, Floats]:
    """Calibrated (primary, presence, remedy): rows of the first and last add up to 1."""
    intents = calibration.primary.shape[1]
    first = _inputs(scores[:, : 2 * intents], sign[:, :intents])
    third = _inputs(scores[:, intents:], sign)
    primary = _softmax(first @ calibration.primary)
    presence = _logistic(first @ calibration.presence)
    return primary, presence, _softmax(third @ calibration.remedy)


def fit(scores: Doubles, sign: Doubles, examples: Sequence[Example], recognition: Recognition) -> Calibration:
    """Learn the second stage from the scores of texts that the first stage had not seen."""
    intents, remedies = outputs(recognition)
    size = len(intents)
    primary = np.array(
        [[name in example.intents[:1] for name in intents] for example in examples], dtype=float
    )
    presence = np.array([[name in example.intents for name in intents] for example in examples], dtype=float)
    remedy = np.array([[name == example.remedy for name in remedies] for example in examples], dtype=float)
    first = _inputs(scores[:, : 2 * size], sign[:, :size])
    third = _inputs(scores[:, size:], sign)
    return Calibration(
        _descend(first, primary, _softmax).astype(np.float32),
        _descend(first, presence, _logistic).astype(np.float32),
        _descend(third, remedy, _softmax).astype(np.float32),
    )


def _inputs(scores: Doubles, sign: Doubles) -> Doubles:
    return np.hstack([scores * 4.0, sign, np.ones((len(scores), 1))])


def _descend(inputs: Doubles, goals: Doubles, link: Any) -> Doubles:
    """Weights of a penalised logistic regression whose gradient is inputs' · (link − goals)."""
    from scipy.optimize import minimize

    shape = (inputs.shape[1], goals.shape[1])
    mask = np.ones(shape)
    mask[-1] = 0.0

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        weights = flat.reshape(shape)
        guess = np.clip(link(inputs @ weights), 1e-12, 1.0 - 1e-12)
        value = -np.sum(goals * np.log(guess)) + 0.5 * _PENALTY * np.sum(mask * weights**2)
        if link is _logistic:
            value -= np.sum((1.0 - goals) * np.log(1.0 - guess))
        slope = inputs.T @ (guess - goals) + _PENALTY * mask * weights
        return float(value), slope.ravel()

    found = minimize(  # type: ignore[no-untyped-call]
        loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 200}
    )
    return np.asarray(found.x).reshape(shape)


def _softmax(values: Any) -> Any:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _logistic(values: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-values))

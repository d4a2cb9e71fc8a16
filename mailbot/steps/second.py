"""The second stage: from raw scores and counted signals to calibrated probabilities, learnt on unseen texts.

The same few weights serve all intents, so that rare ones are calibrated as well as frequent ones."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mailbot.ruleset.intents import Example, Recognition
from mailbot.steps.features import Reading
from mailbot.steps.trained import Calibration, Floats, outputs

Doubles = NDArray[np.float64]
Link = Literal["one", "any"]
CONFUSABLE = "voisins"  # files of texts that resemble another intent on purpose: too hard to calibrate on
_FEWEST = 200
_MAIN = [0, 3]
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
            if column >= 0:
                table[row, column] += -0.5 * weight if hit.negated else weight
    return np.clip(table, -_CAP, _CAP)


def probabilities(
    scores: Doubles, sign: Doubles, calibration: Calibration
) -> tuple[Doubles, Doubles, Doubles]:
    """Calibrated (primary, presence, remedy): rows of the first and last add up to 1."""
    size = calibration.habits.shape[0]
    inputs = _inputs(scores, sign, size)
    primary = _apply(inputs[:, :, _MAIN], calibration.primary, "one")
    presence = _apply(inputs, calibration.presence, "any")
    remedy = _apply(_remedy_inputs(scores, sign, primary, calibration.habits), calibration.remedy, "one")
    return primary, presence, remedy


def fit(scores: Doubles, sign: Doubles, examples: Sequence[Example], recognition: Recognition) -> Calibration:
    """Learn the second stage from the scores of texts that the first stage had not seen."""
    usual = np.array([not example.groupe.startswith(CONFUSABLE) for example in examples])
    if usual.sum() >= _FEWEST:
        scores, sign = scores[usual], sign[usual]
        examples = [example for example, keep in zip(examples, usual, strict=True) if keep]
    intents, remedies = outputs(recognition)
    size = len(intents)
    goals = np.array([[name in example.intents[:1] for name in intents] for example in examples], dtype=float)
    asked = np.array([[name in example.intents for name in intents] for example in examples], dtype=float)
    wished = np.array([[name == example.remedy for name in remedies] for example in examples], dtype=float)
    habits = goals.T @ wished + 0.5
    habits /= habits.sum(axis=1, keepdims=True)
    inputs = _inputs(scores, sign, size)
    primary = _descend(inputs[:, :, _MAIN], goals, "one", constants=False)
    presence = _descend(inputs, asked, "any")
    guess = _apply(inputs[:, :, _MAIN], primary, "one")
    remedy = _descend(_remedy_inputs(scores, sign, guess, habits), wished, "one")
    return Calibration(primary, presence, remedy, habits.astype(np.float32))


def _inputs(scores: Doubles, sign: Doubles, size: int) -> Doubles:
    """Mails × intents × what is known of each intent."""
    main, asked = scores[:, :size], scores[:, size : 2 * size]
    lead = main - _best_other(main)
    return np.stack([4.0 * main, 4.0 * asked, sign[:, :size], 4.0 * lead], axis=2)


def _remedy_inputs(scores: Doubles, sign: Doubles, primary: Doubles, habits: Any) -> Doubles:
    """Mails × remedies × what is known of each remedy; `habits`: what people ask for with each intent."""
    size = len(habits)
    usual = np.log(primary @ habits + 1e-6)
    return np.stack([4.0 * scores[:, 2 * size :], sign[:, size:], usual], axis=2)


def _best_other(main: Doubles) -> Doubles:
    ordered = np.sort(main, axis=1)
    best = ordered[:, -1:]
    second = ordered[:, -2:-1] if main.shape[1] > 1 else best
    return np.where(main >= best, second, best)


def _apply(inputs: Doubles, weights: Any, link: Link) -> Doubles:
    return _link(inputs @ weights[: inputs.shape[2]] + weights[inputs.shape[2] :], link)


def _descend(inputs: Doubles, goals: Doubles, link: Link, constants: bool = True) -> Floats:
    """Shared weights, then one constant per output (0 without `constants`, so that rare outputs are not pushed
    down), of a logistic regression penalised towards 0."""
    from scipy.optimize import minimize

    kinds = inputs.shape[2]

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        guess = np.clip(_apply(inputs, weights, link), 1e-12, 1.0 - 1e-12)
        value = -np.sum(goals * np.log(guess)) + 0.5 * _PENALTY * np.sum(weights**2)
        if link == "any":
            value -= np.sum((1.0 - goals) * np.log(1.0 - guess))
        gap = guess - goals
        slope = np.concatenate([np.einsum("nck,nc->k", inputs, gap), gap.sum(axis=0) * constants])
        return float(value), slope + _PENALTY * weights

    start = np.zeros(kinds + goals.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B")  # type: ignore[no-untyped-call]
    return np.asarray(found.x, dtype=np.float32)


def _link(values: Doubles, link: Link) -> Doubles:
    if link == "any":
        return np.asarray(1.0 / (1.0 + np.exp(-values)))
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))

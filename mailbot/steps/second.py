"""The second stage: from raw scores and counted signals to calibrated probabilities, learnt on unseen texts.

The same few weights serve all intents, so that rare ones are calibrated as well as frequent ones. On top of them each
intent and each remedy learns what the scores of the others say of it, held close to nothing by a strong penalty."""

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
_PENALTY_MAIN = 10.0  # of what other intents say of an intent
_PENALTY_WISH = 3.0  # of what intents and other remedies say of a remedy
_SIGN = 0.3  # a signal counts less than a score: it is found or not
_TINY = 1e-9
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
    alone = _apply(inputs[:, :, _MAIN], calibration.primary, "one")
    presence = _apply(inputs, calibration.presence, "any")
    wish = _apply(_remedy_inputs(scores, sign, alone, calibration.habits), calibration.remedy, "one")
    primary = _with_others(alone, _around(scores, sign, size), calibration.main_others)
    remedy = _with_others(wish, _around_wish(scores, sign, alone, presence), calibration.wish_others)
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
    wish_inputs = _remedy_inputs(scores, sign, guess, habits)
    remedy = _descend(wish_inputs, wished, "one")
    main_others = _learn_others(guess, _around(scores, sign, size), goals, _PENALTY_MAIN)
    wish, there = _apply(wish_inputs, remedy, "one"), _apply(inputs, presence, "any")
    wish_others = _learn_others(wish, _around_wish(scores, sign, guess, there), wished, _PENALTY_WISH)
    return Calibration(primary, presence, remedy, habits.astype(np.float32), main_others, wish_others)


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


def _around(scores: Doubles, sign: Doubles, size: int) -> Doubles:
    """Mails × what is known of all intents, for each of them to learn from the others."""
    return np.hstack([scores[:, : 2 * size], _SIGN * sign[:, :size]])


def _around_wish(scores: Doubles, sign: Doubles, primary: Doubles, presence: Doubles) -> Doubles:
    """Mails × what is known of intents and remedies, for each remedy to learn from."""
    size = primary.shape[1]
    constant = np.ones((len(scores), 1))
    return np.hstack([primary, presence, scores[:, 2 * size :], _SIGN * sign[:, size:], constant])


def _with_others(alone: Doubles, around: Doubles, weights: Any) -> Doubles:
    return _link(np.log(alone + _TINY) + around @ weights, "one")


def _learn_others(alone: Doubles, around: Doubles, goals: Doubles, penalty: float) -> Floats:
    """Weights around × outputs that correct the probabilities `alone`, penalised towards no correction."""
    from scipy.optimize import minimize

    start, shape = np.log(alone + _TINY), (around.shape[1], goals.shape[1])

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        weights = flat.reshape(shape)
        guess = _link(start + around @ weights, "one")
        right = np.maximum((guess * goals).sum(axis=1), _TINY)
        value = -np.sum(np.log(right)) + 0.5 * penalty * np.sum(weights**2)
        slope = around.T @ (guess * goals.sum(axis=1, keepdims=True) - goals) + penalty * weights
        return float(value), slope.ravel()

    found = minimize(  # type: ignore[no-untyped-call]
        loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 100}
    )
    return np.asarray(found.x.reshape(shape), dtype=np.float32)


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

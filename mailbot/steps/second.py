"""The second stage: from raw scores and counted signals to calibrated probabilities, learnt on unseen texts.

The same few weights serve all intents, so that rare ones are calibrated as well as frequent ones. On top of them each
intent and each remedy learns what the scores of the others say of it, held close to nothing by a strong penalty."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from mailbot.ruleset.intents import Example, Recognition
from mailbot.steps import certainty
from mailbot.steps.known import Doubles, Known
from mailbot.steps.trained import Calibration, Floats, outputs

Link = Literal["one", "any"]
CONFUSABLE = "voisins"  # files of texts that resemble another intent on purpose: too hard to calibrate on
_FEWEST = 200
_MAIN = [0, 2]
_TURNS = 4
_PENALTY = 1.0
_PENALTY_MAIN = 10.0  # of what other intents say of an intent
_PENALTY_WISH = 3.0  # of what intents and other remedies say of a remedy
_SIGN = 0.3  # a signal counts less than a score: it is found or not
_TINY = 1e-9


def probabilities(known: Known, calibration: Calibration) -> tuple[Doubles, Doubles, Doubles]:
    """Calibrated (primary, presence, remedy): rows of the first and last add up to 1."""
    size = calibration.habits.shape[0]
    inputs = _inputs(known, size)
    alone = _apply(inputs[:, :, _MAIN], calibration.primary, "one")
    presence = _apply(inputs, calibration.presence, "any")
    wish = _apply(_remedy_inputs(known, alone, calibration.habits), calibration.remedy, "one")
    primary = _with_others(alone, _around(known, size), calibration.main_others)
    remedy = _with_others(wish, _around_wish(known, alone, presence), calibration.wish_others)
    return primary, presence, remedy


def sure(known: Known, primary: Doubles, presence: Doubles, calibration: Calibration) -> Doubles:
    """How sure the most probable main request of each mail is."""
    return certainty.certainty(primary, presence, known.length, calibration.certainty)


def fit(known: Known, examples: Sequence[Example], recognition: Recognition) -> Calibration:
    """Learn the second stage from what the first, which had not seen them, says of these texts."""
    usual = np.array([not example.groupe.startswith(CONFUSABLE) for example in examples])
    if usual.sum() >= _FEWEST:
        known = known.of(usual)
        examples = [example for example, keep in zip(examples, usual, strict=True) if keep]
    goals = Goals.of(examples, recognition)
    primary, presence = _in_turns(known, goals, examples)
    right = goals.main[np.arange(len(examples)), primary.argmax(axis=1)] > 0
    sureness = certainty.fit(primary, presence, known.length, right)
    return replace(_fit(known, goals), certainty=sureness)


def _in_turns(known: Known, goals: "Goals", examples: Sequence[Example]) -> tuple[Doubles, Doubles]:
    """What second stages that never saw the files of texts say of them: main request and presence of each intent."""
    files = {name: place for place, name in enumerate(dict.fromkeys(one.groupe for one in examples))}
    turn = np.array([files[example.groupe] for example in examples]) % _TURNS
    if len(files) < _TURNS:
        turn = np.arange(len(examples)) % _TURNS
    primary, presence = np.empty_like(goals.main), np.empty_like(goals.main)
    for number in np.unique(turn):
        here = turn == number
        calibration = _fit(known.of(~here), goals.of_rows(~here))
        primary[here], presence[here], _ = probabilities(known.of(here), calibration)
    return primary, presence


@dataclass(frozen=True, slots=True)
class Goals:
    """What is right: texts × intents as main request, as requests at all, texts × remedies."""

    main: Doubles
    asked: Doubles
    wished: Doubles

    def of_rows(self, rows: Any) -> "Goals":
        """What is right for some of the texts."""
        return Goals(self.main[rows], self.asked[rows], self.wished[rows])

    @classmethod
    def of(cls, examples: Sequence[Example], recognition: Recognition) -> "Goals":
        """From the labels of examples."""
        intents, remedies = outputs(recognition)
        return cls(
            np.array([[name in one.intents[:1] for name in intents] for one in examples], dtype=float),
            np.array([[name in one.intents for name in intents] for one in examples], dtype=float),
            np.array([[name == one.remedy for name in remedies] for one in examples], dtype=float),
        )


def _fit(known: Known, goals: Goals) -> Calibration:
    size = goals.main.shape[1]
    habits = goals.main.T @ goals.wished + 0.5
    habits /= habits.sum(axis=1, keepdims=True)
    inputs = _inputs(known, size)
    primary = _descend(inputs[:, :, _MAIN], goals.main, "one", constants=False)
    presence = _descend(inputs, goals.asked, "any")
    guess, there = _apply(inputs[:, :, _MAIN], primary, "one"), _apply(inputs, presence, "any")
    wish_inputs = _remedy_inputs(known, guess, habits)
    remedy = _descend(wish_inputs, goals.wished, "one")
    wish = _apply(wish_inputs, remedy, "one")
    main_others = _learn_others(guess, _around(known, size), goals.main, _PENALTY_MAIN)
    wish_others = _learn_others(wish, _around_wish(known, guess, there), goals.wished, _PENALTY_WISH)
    nothing = np.zeros(0, dtype=np.float32)
    return Calibration(
        primary, presence, remedy, habits.astype(np.float32), main_others, wish_others, nothing
    )


def _inputs(known: Known, size: int) -> Doubles:
    """Mails × intents × what is known of each intent."""
    main, asked = known.scores[:, :size], known.scores[:, size : 2 * size]
    lead = main - _best_other(main)
    clauses = [part[:, size : 2 * size] for part in (known.highest, known.first, known.last)]
    scores = [4.0 * part for part in (main, asked, lead, *clauses)]
    return np.stack([*scores, known.signs[:, :size]], axis=2)


def _remedy_inputs(known: Known, primary: Doubles, habits: Any) -> Doubles:
    """Mails × remedies × what is known of each remedy; `habits`: what people ask for with each intent."""
    size = len(habits)
    usual = np.log(primary @ habits + 1e-6)
    return np.stack([4.0 * known.scores[:, 2 * size :], known.signs[:, size:], usual], axis=2)


def _around(known: Known, size: int) -> Doubles:
    """Mails × what is known of all intents, for each of them to learn from the others."""
    scores = (known.scores, known.highest, known.first, known.last)
    return np.hstack([*(part[:, : 2 * size] for part in scores), _SIGN * known.signs[:, :size]])


def _around_wish(known: Known, primary: Doubles, presence: Doubles) -> Doubles:
    """Mails × what is known of intents and remedies, for each remedy to learn from."""
    size = primary.shape[1]
    constant = np.ones((len(primary), 1))
    scores = (known.scores, known.highest, known.last)
    parts = [part[:, 2 * size :] for part in scores]
    return np.hstack([primary, presence, *parts, _SIGN * known.signs[:, size:], constant])


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

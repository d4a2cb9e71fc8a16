"""The second stage: from raw scores and counted signals to calibrated probabilities, learnt on unseen texts.

The same few weights serve all intents, so that rare ones are calibrated as well as frequent ones. On top of them each
intent and each remedy learns what the scores of the others say of it, held close to nothing by a strong penalty."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from mailbot.ruleset.intents import Example, Recognition
from mailbot.steps import certainty, logistic
from mailbot.steps.known import Doubles, Known
from mailbot.steps.logistic import Link, link
from mailbot.steps.trained import Calibration, Floats, outputs

CONFUSABLE = "voisins"  # files of texts that resemble another intent on purpose: too hard to calibrate on
_FEWEST = 200
_MAIN = slice(4)  # of what is known of each intent, what tells the main request
_TURNS = 4
_PENALTY = 1.0
_PENALTY_OTHERS = 10.0  # of what other intents say of an intent
_PENALTY_WISH = 1.5  # of what intents and other remedies say of a remedy
_SIGN = 0.3  # a signal counts less than a score: it is found or not


class Chances(NamedTuple):
    """Calibrated, per mail: that each intent is the `main` request, that it is `asked` at all, each `remedy` (rows of
    the first and last add up to 1); `sure`: that the most probable main request is right."""

    main: Doubles
    asked: Doubles
    remedy: Doubles
    sure: Doubles


class _Said(NamedTuple):
    """Of each intent, as main request and as a request at all: by what is known of it alone, then of all."""

    main_alone: Doubles
    asked_alone: Doubles
    main: Doubles
    asked: Doubles


def chances(known: Known, calibration: Calibration) -> Chances:
    """What mails want."""
    said = _intents(known, calibration)
    wish = _apply(_remedy_inputs(known, said.main_alone, calibration.habits), calibration.remedy, "one")
    remedy = _with_others(wish, _around_wish(known, said), calibration.wish_others, "one")
    sure = certainty.certainty(said.main, said.asked_alone, known.length, calibration.certainty)
    return Chances(said.main, said.asked, remedy, sure)


def _intents(known: Known, calibration: Calibration) -> _Said:
    size = calibration.habits.shape[0]
    inputs, around = _inputs(known, size), _around(known, size)
    main = _apply(inputs[:, :, _MAIN], calibration.primary, "one")
    asked = _apply(inputs, calibration.presence, "any")
    return _Said(
        main,
        asked,
        _with_others(main, around, calibration.main_others, "one"),
        _with_others(asked, around, calibration.asked_others, "any"),
    )


def fit(known: Known, examples: Sequence[Example], recognition: Recognition) -> Calibration:
    """Learn the second stage from what the first, which had not seen them, says of these texts."""
    usual = np.array([not example.groupe.startswith(CONFUSABLE) for example in examples])
    if usual.sum() >= _FEWEST:
        known = known.of(usual)
        examples = [example for example, keep in zip(examples, usual, strict=True) if keep]
    goals = Goals.of(examples, recognition)
    main, asked = _in_turns(known, goals, examples)
    right = goals.main[np.arange(len(examples)), main.argmax(axis=1)] > 0
    sureness = certainty.fit(main, asked, known.length, right)
    return replace(_fit_remedies(known, goals, _fit_intents(known, goals)), certainty=sureness)


def _in_turns(known: Known, goals: "Goals", examples: Sequence[Example]) -> tuple[Doubles, Doubles]:
    """What second stages that never saw the files of texts say of them: main request, and requests by what is
    known of each alone."""
    files = {name: place for place, name in enumerate(dict.fromkeys(one.groupe for one in examples))}
    turn = np.array([files[example.groupe] for example in examples]) % _TURNS
    if len(files) < _TURNS:
        turn = np.arange(len(examples)) % _TURNS
    main, asked = np.empty_like(goals.main), np.empty_like(goals.main)
    for number in np.unique(turn):
        here = turn == number
        calibration = _fit_intents(known.of(~here), goals.of_rows(~here))
        said = _intents(known.of(here), calibration)
        main[here], asked[here] = said.main, said.asked_alone
    return main, asked


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


def _fit_intents(known: Known, goals: Goals) -> Calibration:
    size = goals.main.shape[1]
    habits = goals.main.T @ goals.wished + 0.5
    habits /= habits.sum(axis=1, keepdims=True)
    inputs = _inputs(known, size)
    primary = _learn(inputs[:, :, _MAIN], goals.main, "one", constants=False)
    alone = _apply(inputs[:, :, _MAIN], primary, "one")
    presence = _learn(inputs, goals.asked, "any")
    asked = _apply(inputs, presence, "any")
    around = _around(known, size)
    others = _learn_others(alone, around, goals.main, "one", _PENALTY_OTHERS)
    also = _learn_others(asked, around, goals.asked, "any", _PENALTY_OTHERS)
    none = np.zeros(0, dtype=np.float32)
    return Calibration(primary, presence, none, habits.astype(np.float32), others, also, none, none)


def _fit_remedies(known: Known, goals: Goals, calibration: Calibration) -> Calibration:
    said = _intents(known, calibration)
    inputs = _remedy_inputs(known, said.main_alone, calibration.habits)
    remedy = _learn(inputs, goals.wished, "one")
    around = _around_wish(known, said)
    others = _learn_others(_apply(inputs, remedy, "one"), around, goals.wished, "one", _PENALTY_WISH)
    return replace(calibration, remedy=remedy, wish_others=others)


def _inputs(known: Known, size: int) -> Doubles:
    """Mails × intents × what is known of each intent."""
    main, asked = known.scores[:, :size], known.scores[:, size : 2 * size]
    lead = main - _best_other(main)
    clauses = (known.early, known.highest, known.first, known.last)
    said = [part[:, size : 2 * size] for part in clauses]
    scores = [4.0 * part for part in (main, asked, lead, *said)]
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


def _around_wish(known: Known, said: _Said) -> Doubles:
    """Mails × what is known of intents and remedies, for each remedy to learn from."""
    size = said.main.shape[1]
    constant = np.ones((len(said.main), 1))
    clauses = (known.highest[:, 2 * size :], known.last[:, size:], known.early[:, 2 * size :])
    signs = _SIGN * known.signs[:, size:]
    return np.hstack([said.main_alone, said.asked, known.scores, *clauses, signs, constant])


def _with_others(alone: Doubles, around: Doubles, weights: Any, kind: Link) -> Doubles:
    return link(logistic.unlinked(alone, kind) + around @ weights, kind)


def _learn_others(alone: Doubles, around: Doubles, goals: Doubles, kind: Link, penalty: float) -> Floats:
    """Weights around × outputs that correct the probabilities `alone`, penalised towards no correction."""
    if kind == "one":
        labelled = goals.any(axis=1)
        alone, around, goals = alone[labelled], around[labelled], goals[labelled]
    return logistic.correct(alone, around, goals, kind, penalty).astype(np.float32)


def _best_other(main: Doubles) -> Doubles:
    ordered = np.sort(main, axis=1)
    best = ordered[:, -1:]
    second = ordered[:, -2:-1] if main.shape[1] > 1 else best
    return np.where(main >= best, second, best)


def _apply(inputs: Doubles, weights: Any, kind: Link) -> Doubles:
    return link(inputs @ weights[: inputs.shape[2]] + weights[inputs.shape[2] :], kind)


def _learn(inputs: Doubles, goals: Doubles, kind: Link, *, constants: bool = True) -> Floats:
    """Shared weights, then one constant per output (0 without `constants`, so that rare outputs are not pushed
    down), of a logistic regression penalised towards 0."""
    count, size, _ = inputs.shape
    if constants:
        inputs = np.concatenate([inputs, np.broadcast_to(np.eye(size), (count, size, size))], axis=2)
    if kind == "one":
        labelled = goals.any(axis=1)
        inputs, goals = inputs[labelled], goals[labelled]
    found = logistic.fit(inputs, goals, kind, np.full(inputs.shape[2], _PENALTY))
    return np.concatenate([found, np.zeros(0 if constants else size)]).astype(np.float32)

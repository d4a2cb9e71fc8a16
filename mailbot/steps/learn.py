"""Labelled texts → model: kernel ridge regression on five views, then a calibration learnt on unseen authors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.errors import RuleError
from mailbot.ruleset.intents import Example, Recognition
from mailbot.steps import second, solving
from mailbot.steps.features import VIEWS, Extractor, LetterRows
from mailbot.steps.tally import Tally, Vocabulary
from mailbot.steps.trained import Calibration, Floats, Model, View, outputs

SHARES = {"mots": 1.5, "objet": 0.5, "lettres": 0.7, "sauts": 0.7, "notions": 0.5}
RARE = {"mots": 2, "objet": 1, "lettres": 2, "sauts": 2, "notions": 2}  # features in fewer texts are left out
RIDGE = 0.3
BIAS = 0.5  # a constant feature: what is usual when a text says nothing
_BLOCK = 256
_COMMON = 0.05  # features in more than this share of the texts are multiplied as a dense table: faster
FOLDS = 10
VERSION = 7  # counts up when the same examples would give another model

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is kept of the texts once read: their counted features and their signals."""

    tally: Tally
    signs: Doubles


@dataclass(frozen=True, slots=True)
class Learnt:
    """The first stage: one column per feature of all views, weights columns × outputs and `root`, whose square is
    the inverse of the kernel with its ridge."""

    vocabularies: list[Vocabulary]
    weights: Floats
    bias: Floats
    root: list[Floats]
    duals: Floats


def train(examples: Sequence[Example], recognition: Recognition) -> Model:
    """A model from at least two groups of examples. Seconds on one core; the same examples give the same model."""
    extractor = Extractor(recognition)
    seen = _look(examples, extractor, recognition)
    goals = targets(examples, recognition)
    learnt = _learn(seen, goals)
    unseen = held_out(learnt.root, learnt.duals, goals, folds(examples))
    calibration = second.fit(unseen, seen.signs, examples, recognition)
    return _model(recognition, extractor, learnt, calibration)


def _model(recognition: Recognition, extractor: Extractor, learnt: Learnt, calibration: Calibration) -> Model:
    intents, remedies = outputs(recognition)
    views, start = [], 0
    for name, (rows, idf) in zip(VIEWS, learnt.vocabularies, strict=True):
        end = start + max(len(idf), 1)
        weights = learnt.weights[start:end] * np.float32(SHARES[name] ** 0.5)
        views.append(View(rows, idf, weights, LetterRows(rows)))
        start = end
    return Model(recognition, extractor, intents, remedies, tuple(views), learnt.bias, calibration)


@dataclass(frozen=True, slots=True)
class Study:
    """Texts learnt for measuring. `signs`: their signals (see `second.signs`)."""

    signs: Doubles
    goals: Floats
    learnt: Learnt

    def unseen(self, fold: NDArray[np.int64]) -> Doubles:
        """The raw scores of each text by a model that never saw its fold."""
        return held_out(self.learnt.root, self.learnt.duals, self.goals, fold)


def study(examples: Sequence[Example], recognition: Recognition) -> Study:
    """Learn these texts once, to ask for any folds of them what a model without the fold says."""
    seen = _look(examples, Extractor(recognition), recognition)
    goals = targets(examples, recognition)
    return Study(seen.signs, goals, _learn(seen, goals))


def _look(examples: Sequence[Example], extractor: Extractor, recognition: Recognition) -> Seen:
    tally, signs = Tally(), []
    for example in examples:
        reading = extractor.read(example.subject, example.text)
        tally.add(reading)
        signs.append(second.signs([reading], recognition))
    return Seen(tally, np.concatenate(signs))


def _learn(seen: Seen, goals: Floats) -> Learnt:
    vocabularies, table = seen.tally.table(RARE, SHARES)
    root = _root(table)
    duals = solving.solve(root, goals)
    bias = np.asarray(BIAS * duals.sum(axis=0), dtype=np.float32)
    return Learnt(vocabularies, np.asarray(table.T @ duals, dtype=np.float32), bias, root, duals)


def targets(examples: Sequence[Example], recognition: Recognition) -> Floats:
    """+1 or -1 for each output: primary intent, presence of each intent, remedy."""
    intents, remedies = outputs(recognition)
    rows = [
        [name == (example.intents[:1] or ("",))[0] for name in intents]
        + [name in example.intents for name in intents]
        + [name == example.remedy for name in remedies]
        for example in examples
    ]
    return np.array(rows, dtype=np.float32) * np.float32(2.0) - np.float32(1.0)


def folds(examples: Sequence[Example]) -> NDArray[np.int64]:
    """A fold number for each example: its group where there are several, else its place."""
    groups = sorted({example.groupe for example in examples})
    if len(groups) < 3:
        return np.arange(len(examples)) % FOLDS
    number = {group: index for index, group in enumerate(groups)}
    return np.array([number[example.groupe] for example in examples])


def held_out(root: Sequence[Floats], duals: Floats, goals: Floats, fold: NDArray[np.int64]) -> Doubles:
    """What a model trained without an example's fold says of it, exactly, without training again."""
    result = np.empty_like(goals)
    for number in np.unique(fold):
        here = np.flatnonzero(fold == number)
        result[here] = goals[here] - np.linalg.solve(solving.part_of_inverse(root, here), duals[here])
    return result.astype(np.float64)


def _root(table: Any) -> list[Floats]:
    """The root of (kernel + ridge)⁻¹ as row blocks, in single precision; the ridge keeps it well conditioned."""
    many = np.bincount(table.indices, minlength=table.shape[1]) > _COMMON * table.shape[0]
    dense = table[:, many].toarray()
    rest = table[:, ~many]
    size = table.shape[0]
    blocks = []
    for start in range(0, size, _BLOCK):
        end = min(start + _BLOCK, size)
        block = (rest[start:end] @ rest[:end].T).toarray()
        block += dense[start:end] @ dense[:end].T + np.float32(BIAS)
        block[:, start:][np.diag_indices(end - start)] += np.float32(RIDGE)
        blocks.append(np.ascontiguousarray(block, dtype=np.float32))
    del dense, rest
    try:
        solving.invert_root(blocks)
    except np.linalg.LinAlgError as error:
        raise RuleError(
            "les exemples ne permettent pas d'apprendre (noyau singulier) : vérifiez rules/exemples"
        ) from error
    return blocks

"""Labelled texts → model: kernel ridge regression on five views, then a calibration learnt on unseen authors."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from mailbot.errors import RuleError
from mailbot.ruleset.intents import Example, Recognition
from mailbot.steps import second, unseen
from mailbot.steps.features import VIEWS, Extractor
from mailbot.steps.kernel import kernel
from mailbot.steps.keys import Vocabulary
from mailbot.steps.known import Doubles, Known, signs
from mailbot.steps.solving import Root, Scratch, solve
from mailbot.steps.sparse import Sparse
from mailbot.steps.tally import Table, Tally
from mailbot.steps.trained import Floats, Model, outputs
from mailbot.steps.unseen import Learnt

SHARES = {"mots": 1.5, "objet": 0.5, "lettres": 0.7, "sauts": 0.7, "notions": 0.5}
RARE = {"mots": 2, "objet": 1, "lettres": 2, "sauts": 2, "notions": 2}  # features in fewer texts are left out
RIDGE = 0.3
BIAS = 0.5  # a constant feature: what is usual when a text says nothing
_TOGETHER = 512
_COMMON = 0.05  # features in more than this share of the texts are multiplied as a dense table: faster
FOLDS = 10
VERSION = 13  # counts up when the same examples would give another model


@dataclass(frozen=True, slots=True)
class Seen:
    """What is kept of the texts once read: their counted features, their signals and their lengths in words."""

    tally: Tally
    signs: Doubles
    length: Doubles


def train(examples: Sequence[Example], recognition: Recognition, scratch: Scratch | None = None) -> Model:
    """A model from at least two groups of examples. Seconds on one core; the same examples give the same model.
    `scratch`: an empty file for what takes much room (200 MB for ten thousand texts), else it is held in memory."""
    extractor = Extractor(recognition)
    seen = _look(examples, extractor, recognition)
    table = seen.tally.table(RARE, SHARES, _COMMON)
    duals, known = _learn_and_judge(table, seen, examples, recognition, scratch)
    bias = np.asarray(BIAS * duals.sum(axis=0), dtype=np.float32)
    features, vocabulary, idf = table.features, table.vocabulary, table.idf
    del table  # the rest of it is not needed any more, and large
    weights = _weights(features, vocabulary, duals)
    del features
    calibration = second.fit(known, examples, recognition)
    return Model(recognition, extractor, *outputs(recognition), vocabulary, idf, weights, bias, calibration)


def _weights(features: Sparse, vocabulary: Vocabulary, duals: Floats) -> Floats:
    """Features × outputs, from what each text weighs; the shares of the views included."""
    shares = np.array([SHARES[name] ** 0.5 for name in VIEWS], dtype=np.float32)
    weights = features.times(duals)
    weights *= shares[vocabulary.views][:, None]
    return weights


def _learn_and_judge(
    table: Table,
    seen: Seen,
    examples: Sequence[Example],
    recognition: Recognition,
    scratch: Scratch | None,
) -> tuple[Floats, Known]:
    """The weights of the texts and what is known of each by models that never saw it."""
    learnt = _learn(table, targets(examples, recognition), scratch)
    return learnt.duals, unseen.known(learnt, seen.signs, seen.length, folds(examples))


@dataclass(frozen=True, slots=True)
class Study:
    """Texts learnt for measuring."""

    signs: Doubles
    length: Doubles
    learnt: Learnt

    def unseen(self, fold: NDArray[np.int64]) -> Known:
        """What a model that never saw its fold knows of each text."""
        return unseen.known(self.learnt, self.signs, self.length, fold)


def study(examples: Sequence[Example], recognition: Recognition, scratch: Scratch | None = None) -> Study:
    """Learn these texts once, to ask for any folds of them what a model without the fold says. `scratch` as in `train`;
    the study needs it as long as it is asked."""
    seen = _look(examples, Extractor(recognition), recognition)
    table = seen.tally.table(RARE, SHARES, _COMMON)
    return Study(seen.signs, seen.length, _learn(table, targets(examples, recognition), scratch))


def _look(examples: Sequence[Example], extractor: Extractor, recognition: Recognition) -> Seen:
    tally, found, lengths = Tally(), [], []
    for start in range(0, len(examples), _TOGETHER):
        some = examples[start : start + _TOGETHER]
        readings = [extractor.read(example.subject, example.text) for example in some]
        tally.add(readings)
        found.append(signs(readings, recognition))
        lengths += [len(reading.places) for reading in readings]
    return Seen(tally, np.concatenate(found), np.array(lengths, dtype=float))


def _learn(table: Table, goals: Floats, scratch: Scratch | None) -> Learnt:
    root = Root(scratch or BytesIO())
    try:
        for block in kernel(table, BIAS):
            block[:, -len(block) :][np.diag_indices(len(block))] += np.float32(RIDGE)
            root.grow(block)
    except np.linalg.LinAlgError as error:
        raise RuleError(
            "les exemples ne permettent pas d'apprendre (noyau singulier) : vérifiez rules/exemples"
        ) from error
    return Learnt(table, root, solve(root, goals), goals, BIAS)


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

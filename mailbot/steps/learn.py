"""Labelled texts → model: kernel ridge regression on five views, then a calibration learnt on unseen authors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mailbot.errors import RuleError
from mailbot.ruleset.intents import Example, Recognition
from mailbot.steps import second, solving, unseen
from mailbot.steps.features import VIEWS, Extractor
from mailbot.steps.known import Doubles, Known, signs
from mailbot.steps.tally import Table, Tally
from mailbot.steps.trained import Floats, Model, outputs
from mailbot.steps.unseen import Learnt

SHARES = {"mots": 1.5, "objet": 0.5, "lettres": 0.7, "sauts": 0.7, "notions": 0.5}
RARE = {"mots": 2, "objet": 1, "lettres": 2, "sauts": 2, "notions": 2}  # features in fewer texts are left out
RIDGE = 0.3
BIAS = 0.5  # a constant feature: what is usual when a text says nothing
_BLOCK = 256
_TOGETHER = 128
_COMMON = 0.05  # features in more than this share of the texts are multiplied as a dense table: faster
FOLDS = 10
VERSION = 9  # counts up when the same examples would give another model


@dataclass(frozen=True, slots=True)
class Seen:
    """What is kept of the texts once read: their counted features, their signals and their lengths in words."""

    tally: Tally
    signs: Doubles
    length: Doubles


def train(examples: Sequence[Example], recognition: Recognition) -> Model:
    """A model from at least two groups of examples. Seconds on one core; the same examples give the same model."""
    extractor = Extractor(recognition)
    seen = _look(examples, extractor, recognition)
    table = seen.tally.table(RARE, SHARES, _COMMON)
    duals, known = _learn_and_judge(table, seen, examples, recognition)
    calibration = second.fit(known, examples, recognition)
    bias = np.asarray(BIAS * duals.sum(axis=0), dtype=np.float32)
    shares = np.array([SHARES[name] ** 0.5 for name in VIEWS], dtype=np.float32)
    weights = table.weights(duals) * shares[table.vocabulary.views][:, None]
    return Model(
        recognition, extractor, *outputs(recognition), table.vocabulary, table.idf, weights, bias, calibration
    )


def _learn_and_judge(
    table: Table, seen: Seen, examples: Sequence[Example], recognition: Recognition
) -> tuple[Floats, Known]:
    """The weights of the texts and what is known of each by models that never saw it; the kernel is forgotten."""
    learnt = _learn(table, targets(examples, recognition))
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


def study(examples: Sequence[Example], recognition: Recognition) -> Study:
    """Learn these texts once, to ask for any folds of them what a model without the fold says."""
    seen = _look(examples, Extractor(recognition), recognition)
    table = seen.tally.table(RARE, SHARES, _COMMON)
    return Study(seen.signs, seen.length, _learn(table, targets(examples, recognition)))


def _look(examples: Sequence[Example], extractor: Extractor, recognition: Recognition) -> Seen:
    tally, found, lengths = Tally(), [], []
    for start in range(0, len(examples), _TOGETHER):
        some = examples[start : start + _TOGETHER]
        readings = [extractor.read(example.subject, example.text) for example in some]
        tally.add(readings)
        found.append(signs(readings, recognition))
        lengths += [len(reading.places) for reading in readings]
    return Seen(tally, np.concatenate(found), np.array(lengths, dtype=float))


def _learn(table: Table, goals: Floats) -> Learnt:
    root = _root(table)
    return Learnt(table, root, solving.solve(root, goals), goals, BIAS)


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


def _root(table: Table) -> list[Floats]:
    """The root of (kernel + ridge)⁻¹ as row blocks, in single precision; the ridge keeps it well conditioned."""
    blocks = _kernel(table)
    for block in blocks:
        block[:, -len(block) :][np.diag_indices(len(block))] += np.float32(RIDGE)
    try:
        solving.invert_root(blocks)
    except np.linalg.LinAlgError as error:
        raise RuleError(
            "les exemples ne permettent pas d'apprendre (noyau singulier) : vérifiez rules/exemples"
        ) from error
    return blocks


def _kernel(table: Table) -> list[Floats]:
    """What any two texts have in common."""
    from scipy.sparse import csr_matrix

    rest, size = table.rest, table.rest.shape[0]
    blocks = []
    for start in range(0, size, _BLOCK):
        end = min(start + _BLOCK, size)
        count = rest.indptr[end]
        parts = (rest.data[:count], rest.indices[:count], rest.indptr[: end + 1])
        before = csr_matrix(parts, shape=(end, rest.shape[1]), copy=False)  # type: ignore[no-untyped-call]
        block = np.empty((end - start, end), dtype=np.float32)
        block.T[:] = (before @ rest[start:end].T).toarray()
        blocks.append(np.add(block, np.float32(BIAS), out=block))
    for left in range(0, table.common.shape[1], _BLOCK):
        dense = table.common[:, left : left + _BLOCK].toarray()
        for block in blocks:
            end = block.shape[1]
            block += dense[end - len(block) : end] @ dense[:end].T
    return blocks

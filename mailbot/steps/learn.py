"""Labelled texts → model: kernel ridge regression on five views, then a calibration learnt on unseen authors."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.errors import RuleError
from mailbot.ruleset.intents import Example, Recognition
from mailbot.steps import second
from mailbot.steps.features import VIEWS, Extractor, Reading, letters
from mailbot.steps.trained import LETTERS, Calibration, Floats, Model, View, matrix, outputs

SHARES = {"mots": 1.5, "objet": 0.5, "lettres": 0.7, "sauts": 0.7, "notions": 0.5}
RARE = {"mots": 2, "objet": 1, "lettres": 2, "sauts": 2, "notions": 2}  # features in fewer texts are left out
RIDGE = 0.3
BIAS = 0.5  # a constant feature: what is usual when a text says nothing
_BLOCK = 256
FOLDS = 10
VERSION = 5  # counts up when the same examples would give another model


Doubles = NDArray[np.float64]


def train(examples: Sequence[Example], recognition: Recognition) -> Model:
    """A model from at least two groups of examples. Seconds on one core; the same examples give the same model."""
    extractor = Extractor(recognition)
    readings = [extractor.read(example.subject, example.text) for example in examples]
    vocabularies = [_vocabulary(readings, view) for view in range(len(VIEWS))]
    matrices = _matrices(readings, vocabularies)
    signs = second.signs(readings, recognition)
    del readings  # the largest thing in memory, no longer needed
    goals = targets(examples, recognition)
    inverse = _inverse(matrices)
    duals = inverse @ goals
    unseen = held_out(inverse, duals, goals, folds(examples))
    calibration = second.fit(unseen, signs, examples, recognition)
    return _model(recognition, extractor, vocabularies, matrices, duals, calibration)


def _model(
    recognition: Recognition,
    extractor: Extractor,
    vocabularies: list[tuple[dict[str, int], Floats]],
    matrices: list[Any],
    duals: Floats,
    calibration: Calibration,
) -> Model:
    intents, remedies = outputs(recognition)
    views = tuple(
        View(rows, idf, np.asarray(table.T @ duals, dtype=np.float32) * np.float32(SHARES[name] ** 0.5))
        for name, (rows, idf), table in zip(VIEWS, vocabularies, matrices, strict=True)
    )
    bias = np.asarray(BIAS * duals.sum(axis=0), dtype=np.float32)
    return Model(recognition, extractor, intents, remedies, views, bias, calibration)


def unseen_scores(
    examples: Sequence[Example], recognition: Recognition
) -> tuple[list[Reading], Doubles, NDArray[np.int64]]:
    """For measuring: each text as read, its raw scores by a model that never saw its group, and its group."""
    extractor = Extractor(recognition)
    readings = [extractor.read(example.subject, example.text) for example in examples]
    goals = targets(examples, recognition)
    inverse = _inverse(_matrices(readings, [_vocabulary(readings, view) for view in range(len(VIEWS))]))
    group = folds(examples)
    return readings, held_out(inverse, inverse @ goals, goals, group), group


def _matrices(readings: Sequence[Reading], vocabularies: list[tuple[dict[str, int], Floats]]) -> list[Any]:
    from scipy.sparse import vstack

    blocks = range(0, len(readings), _BLOCK)
    return [
        vstack(  # type: ignore[no-untyped-call]
            [matrix(readings[start : start + _BLOCK], view, rows, idf) for start in blocks], format="csr"
        )
        * np.float32(SHARES[name] ** 0.5)
        for view, (name, (rows, idf)) in enumerate(zip(VIEWS, vocabularies, strict=True))
    ]


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


def held_out(inverse: Floats, duals: Floats, goals: Floats, fold: NDArray[np.int64]) -> Doubles:
    """What a model trained without an example's fold says of it, exactly, without training again."""
    result = np.empty_like(goals)
    for number in np.unique(fold):
        here = np.flatnonzero(fold == number)
        result[here] = goals[here] - np.linalg.solve(inverse[np.ix_(here, here)], duals[here])
    return result.astype(np.float64)


def _inverse(matrices: list[Any]) -> Floats:
    """(K + ridge)⁻¹, in single precision to halve the memory; the ridge keeps it well conditioned."""
    from scipy.linalg.lapack import spotrf, spotri  # type: ignore[attr-defined]

    size = matrices[0].shape[0]
    kernel = np.full((size, size), BIAS, dtype=np.float32)
    for table in matrices:
        for start in range(0, size, _BLOCK):
            kernel[start : start + _BLOCK] += (table[start : start + _BLOCK] @ table.T).toarray()
    kernel[np.diag_indices(size)] += RIDGE
    triangle, failed = spotrf(kernel.T, lower=1, overwrite_a=1)
    half, failed = spotri(triangle, lower=1, overwrite_c=1) if failed == 0 else (triangle, failed)
    if failed:
        raise RuleError(
            "les exemples ne permettent pas d'apprendre (noyau singulier) : vérifiez rules/exemples"
        )
    for row in range(size):
        half[row, row + 1 :] = half[row + 1 :, row]
    return np.asarray(half, dtype=np.float32)


def _vocabulary(readings: Sequence[Reading], view: int) -> tuple[dict[str, int], Floats]:
    seen: Counter[str] = Counter()
    for reading in readings:
        features = reading.views[view]
        if view == LETTERS:
            features = [part for word in set(features) for part in letters(word)]
        seen.update(set(features))
    kept = sorted(feature for feature, count in seen.items() if count >= RARE[VIEWS[view]])
    number = np.array([seen[feature] for feature in kept], dtype=np.float64)
    idf = np.log((1.0 + len(readings)) / (1.0 + number)) + 1.0
    return {feature: row for row, feature in enumerate(kept)}, idf.astype(np.float32)

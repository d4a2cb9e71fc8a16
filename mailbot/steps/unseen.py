"""What models that never saw a text say of it, exactly, from one model that saw them all."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mailbot.steps import solving
from mailbot.steps.keys import Places
from mailbot.steps.known import Doubles, Known, pooled
from mailbot.steps.solving import Root
from mailbot.steps.tally import Table
from mailbot.steps.trained import Floats

_GROUPS = 16  # of folds, left out together where clauses are judged
_TOGETHER = 8


@dataclass(frozen=True, slots=True)
class Learnt:
    """The first stage: what each text weighs for each output (`duals`), and `root`, whose square is the inverse of the
    kernel with its ridge. `bias`: the weight of the constant feature."""

    table: Table
    root: Root
    duals: Floats
    goals: Floats
    bias: float


def known(learnt: Learnt, signs: Doubles, length: Doubles, fold: Places) -> Known:
    """What is known of each text to a model trained without its fold (without some other folds where its clauses are
    judged)."""
    scores = held_out(learnt, fold)
    return pooled(scores, _clauses(learnt, fold % _GROUPS), learnt.table.owners, signs, length)


def held_out(learnt: Learnt, fold: Places) -> Floats:
    """What a model trained without an example's fold says of it, without training again."""
    result = np.empty_like(learnt.goals)
    parts = _parts(fold)
    for here, alone in zip(parts, _alone(learnt, parts), strict=True):
        result[here] = learnt.goals[here] - alone
    return result


def _parts(fold: Places) -> list[Places]:
    return [np.flatnonzero(fold == number) for number in np.unique(fold)]


def _alone(learnt: Learnt, parts: list[Places]) -> list[Floats]:
    """How far the models that never saw a part are from its goals."""
    inverses = solving.parts_of_inverse(learnt.root, parts)
    return [
        np.linalg.solve(inverse, learnt.duals[here]) for inverse, here in zip(inverses, parts, strict=True)
    ]


def _clauses(learnt: Learnt, group: Places) -> Floats:
    """The scores of all clauses by models that never saw their group of texts."""
    table = learnt.table
    result = np.empty((len(table.owners), learnt.goals.shape[1]), dtype=np.float32)
    for here, duals in _without(learnt, group):
        rows = np.flatnonzero(np.isin(table.owners, here))
        said = table.clauses.of(rows)
        used, numbers = np.unique(said.columns, return_inverse=True)
        weights = table.features.of(used.astype(np.int64)).times(duals)
        said = replace(said, columns=numbers.astype(np.int32))
        result[rows] = said.times(weights) + learnt.bias * duals.sum(axis=0)
    return result


def _without(learnt: Learnt, group: Places) -> Iterator[tuple[Places, Floats]]:
    """The texts of each group, and what the others weigh when it is left out."""
    parts = _parts(group)
    width = learnt.duals.shape[1]
    for start in range(0, len(parts), _TOGETHER):
        some = parts[start : start + _TOGETHER]
        change = solving.solve_parts(learnt.root, some, _alone(learnt, some))
        for place, here in enumerate(some):
            duals = learnt.duals - change[:, place * width : (place + 1) * width]
            duals[here] = 0.0
            yield here, duals

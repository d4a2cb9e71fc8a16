"""What models that never saw a text say of it, exactly, from one model that saw them all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mailbot.steps import solving
from mailbot.steps.keys import Places
from mailbot.steps.known import Doubles, Known, pooled
from mailbot.steps.tally import Table
from mailbot.steps.trained import Floats

_GROUPS = 16  # of folds, left out together where clauses are judged
_TOGETHER = 4


@dataclass(frozen=True, slots=True)
class Learnt:
    """The first stage: what each text weighs for each output (`duals`), and `root`, whose square is the inverse of the
    kernel with its ridge. `bias`: the weight of the constant feature."""

    table: Table
    root: list[Floats]
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
    for number in np.unique(fold):
        here = np.flatnonzero(fold == number)
        result[here] = learnt.goals[here] - _alone(learnt, here)
    return result


def _alone(learnt: Learnt, here: Places) -> Floats:
    return np.asarray(np.linalg.solve(solving.part_of_inverse(learnt.root, here), learnt.duals[here]))


def _clauses(learnt: Learnt, group: Places) -> Floats:
    """The scores of all clauses by models that never saw their group of texts."""
    table = learnt.table
    result = np.empty((len(table.owners), learnt.goals.shape[1]), dtype=np.float32)
    for number, duals in _without(learnt, group):
        rows = np.flatnonzero(group[table.owners] == number)
        result[rows] = table.clause_scores(rows, duals) + learnt.bias * duals.sum(axis=0)
    return result


def _without(learnt: Learnt, group: Places) -> Iterator[tuple[int, Floats]]:
    """For each group what the other texts weigh when it is left out."""
    numbers = np.unique(group)
    width = learnt.duals.shape[1]
    for start in range(0, len(numbers), _TOGETHER):
        some: Sequence[int] = numbers[start : start + _TOGETHER].tolist()
        left = np.zeros((len(group), width * len(some)), dtype=np.float32)
        for place, number in enumerate(some):
            here = np.flatnonzero(group == number)
            left[here, place * width : (place + 1) * width] = _alone(learnt, here)
        change = solving.solve(learnt.root, left)
        for place, number in enumerate(some):
            duals = learnt.duals - change[:, place * width : (place + 1) * width]
            duals[group == number] = 0.0
            yield number, duals

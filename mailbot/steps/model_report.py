"""How well the classifier does on authors it never saw: cross-validation by file of examples, as a French table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mailbot.ruleset.intents import Example, Recognition
from mailbot.steps import learn, second
from mailbot.steps.classify import Ranked, rank
from mailbot.steps.learn import Study
from mailbot.steps.solving import Scratch
from mailbot.steps.trained import outputs

_BINS = 10
_CALIBRATIONS = 8
_SURE = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One example with what a model that never saw its file says of it."""

    example: Example
    ranked: tuple[tuple[str, float], ...]
    requests: tuple[str, ...]
    remedy: str

    @property
    def right(self) -> bool:
        return self.ranked[0][0] == self.example.intents[0]

    @property
    def score(self) -> float:
        return self.ranked[0][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Shares between 0 and 1. `sure`: share of texts above the lowest score from which 99 % are right."""

    texts: int
    primary: float
    first_two: float
    requests_f1: float
    calibration_error: float
    sure: float
    remedy: float


def judge(
    examples: Sequence[Example], recognition: Recognition, scratch: Scratch | None = None
) -> list[Judged]:
    """Judge each example by a model trained, and calibrated, without the file it comes from; `scratch` as in
    `learn.train`."""
    study = learn.study(examples, recognition, scratch)
    return judge_apart(study, examples, recognition, learn.folds(examples))


def judge_apart(
    study: Study,
    examples: Sequence[Example],
    recognition: Recognition,
    fold: NDArray[np.int64],
    first: int = 0,
) -> list[Judged]:
    """Judge each example from the `first` on by a model trained, and calibrated, without any of its fold (some folds
    share the latter)."""
    known = study.unseen(fold)
    limits = [rule.seuil for rule in recognition.intentions]
    fold = fold % _CALIBRATIONS
    judged: dict[int, Judged] = {}
    for number in np.unique(fold[first:]):
        here, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        calibration = second.fit(known.of(others), [examples[int(index)] for index in others], recognition)
        chances = second.chances(known.of(here), calibration)
        for row, index in enumerate(here):
            ranked = rank(chances.main[row], chances.asked[row], float(chances.sure[row]), limits)
            judged[int(index)] = _judged(
                examples[int(index)], recognition, ranked, int(np.argmax(chances.remedy[row]))
            )
    return [judged[index] for index in range(first, len(examples))]


def _judged(example: Example, recognition: Recognition, ranked: Sequence[Ranked], remedy: int) -> Judged:
    names, remedies = outputs(recognition)
    return Judged(
        example=example,
        ranked=tuple((names[one.intent], one.score) for one in ranked),
        requests=tuple(names[one.intent] for one in ranked if one.asked),
        remedy=remedies[remedy],
    )


def figures(judged: Sequence[Judged]) -> Figures:
    """The measures of some judged examples (at least one)."""
    right = np.array([item.right for item in judged])
    score = np.array([item.score for item in judged])
    hit = sum(len(set(item.requests) & set(item.example.intents)) for item in judged)
    named = sum(len(item.requests) + len(set(item.example.intents)) for item in judged)
    two = [item.example.intents[0] in {name for name, _ in item.ranked[:2]} for item in judged]
    return Figures(
        texts=len(judged),
        primary=float(right.mean()),
        first_two=float(np.mean(two)),
        requests_f1=2 * hit / named,
        calibration_error=calibration_error(right, score),
        sure=_sure(right, score),
        remedy=float(np.mean([item.remedy == item.example.remedy for item in judged])),
    )


def calibration_error(right: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """How far, on average, the share that is right lies from the score, in ten bins of score."""
    bins = np.minimum((score * _BINS).astype(int), _BINS - 1)
    parts = [(bins == number) for number in range(_BINS) if (bins == number).any()]
    return float(sum(abs(right[part].mean() - score[part].mean()) * part.mean() for part in parts))


def _sure(right: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    order = np.argsort(-score, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(share >= _SURE)
    return float((good[-1] + 1) / len(order)) if len(good) else 0.0


def by_group(judged: Sequence[Judged]) -> dict[str, Figures]:
    """The figures by kind of text and by file, by name."""
    groups: dict[str, list[Judged]] = {"tous les textes": list(judged)}
    for item in judged:
        kind = "difficiles" if item.example.style == "hard" else "ordinaires"
        groups.setdefault(kind, []).append(item)
        groups.setdefault(item.example.groupe, []).append(item)
        if not item.example.groupe.startswith(second.CONFUSABLE):
            groups.setdefault(f"{kind} (hors voisins)", []).append(item)
    return {name: figures(items) for name, items in sorted(groups.items())}


def table(judged: Sequence[Judged]) -> list[str]:
    """The same as lines of a French table."""
    head = f"{'textes':34s}{'nombre':>7s}{'1er':>7s}{'2 1ers':>7s}{'F1':>7s}{'ECE':>7s}{'sûrs':>7s}{'remède':>8s}"
    return [head, *(_line(name, shown) for name, shown in by_group(judged).items())]


def _line(name: str, shown: Figures) -> str:
    shares = (shown.primary, shown.first_two, shown.requests_f1, shown.calibration_error, shown.sure)
    return (
        f"{name:34s}{shown.texts:7d}" + "".join(f"{share:7.3f}" for share in shares) + f"{shown.remedy:8.3f}"
    )

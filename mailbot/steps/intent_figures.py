"""How well each intent is recognised, what is taken for what, and what a change of examples made better or worse."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mailbot.steps.model_report import Judged, calibration_error

_LEAST_TEXTS = 2  # a difference of fewer texts is no news


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFigures:
    """One intent among judged texts. `texts` ask for it; `precision` and `recall` of its being named as a request,
    `main`: share right where it is the main request; `calibration_error` of its score."""

    intent: str
    texts: int
    precision: float
    recall: float
    main: float
    calibration_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Texts whose main request is `intent`: how many are understood now that were not (`won`), and the reverse."""

    intent: str
    texts: int
    right_before: int
    right_after: int
    won: int
    lost: int

    @property
    def verdict(self) -> str:
        """'better', 'worse' or 'same'."""
        gain = self.right_after - self.right_before
        if abs(gain) < _LEAST_TEXTS:
            return "same"
        return "better" if gain > 0 else "worse"


def by_intent(judged: Sequence[Judged], intents: Sequence[str]) -> list[IntentFigures]:
    """The figures of every intent that some text asks for."""
    return [
        _figures(judged, intent)
        for intent in intents
        if any(intent in item.example.intents for item in judged)
    ]


def _figures(judged: Sequence[Judged], intent: str) -> IntentFigures:
    asked = np.array([intent in item.example.intents for item in judged])
    named = np.array([intent in item.requests for item in judged])
    score = np.array([dict(item.ranked).get(intent, 0.0) for item in judged])
    main = [item.right for item in judged if item.example.intents[0] == intent]
    return IntentFigures(
        intent=intent,
        texts=int(asked.sum()),
        precision=float((asked & named).sum() / max(named.sum(), 1)),
        recall=float((asked & named).sum() / asked.sum()),
        main=float(np.mean(main)) if main else 0.0,
        calibration_error=calibration_error(asked, score),
    )


def confusions(judged: Sequence[Judged], most: int = 25) -> list[tuple[str, str, int]]:
    """(what it is, what it was taken for, how many texts), the most frequent first."""
    pairs = Counter((item.example.intents[0], item.ranked[0][0]) for item in judged if not item.right)
    return [(gold, guess, count) for (gold, guess), count in pairs.most_common(most)]


def changes(before: Sequence[Judged], after: Sequence[Judged]) -> list[Change]:
    """The same texts judged twice, by their main request. What got better or worse most stands first."""
    pairs = list(zip(before, after, strict=True))
    found = []
    for intent in sorted({item.example.intents[0] for item in before}):
        mine = [(old.right, new.right) for old, new in pairs if old.example.intents[0] == intent]
        found.append(
            Change(
                intent=intent,
                texts=len(mine),
                right_before=sum(old for old, _ in mine),
                right_after=sum(new for _, new in mine),
                won=sum(new and not old for old, new in mine),
                lost=sum(old and not new for old, new in mine),
            )
        )
    return sorted(found, key=lambda change: -abs(change.right_after - change.right_before))

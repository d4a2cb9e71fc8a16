"""What the first stage and the signals say of some texts: all that the second stage knows of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.ruleset.intents import Recognition
from mailbot.steps.features import Reading
from mailbot.steps.trained import outputs

Doubles = NDArray[np.float64]
_CAP = 3.0  # more signals than this say no more
_FADES = 0.7  # what a clause counts for beside the one before it


@dataclass(frozen=True, slots=True)
class Known:
    """One row per text. `scores`: the outputs of the first stage; `highest`, `first`, `last`: the same of its clauses;
    `early`: their mean, of which each clause has less than the one before: of two requests the first is the main one;
    `signs`: for each intent the signals for it less those against it, then the same for each remedy; `length`: how many
    words it has."""

    scores: Doubles
    highest: Doubles
    first: Doubles
    last: Doubles
    early: Doubles
    signs: Doubles
    length: Doubles

    def of(self, rows: Any) -> "Known":
        """What is known of some of the texts."""
        parts = (self.scores, self.highest, self.first, self.last, self.early, self.signs, self.length)
        return Known(*(part[rows] for part in parts))


def known(
    readings: Sequence[Reading],
    scores: Any,
    clauses: Any,
    owners: NDArray[np.int64],
    recognition: Recognition,
) -> Known:
    """Put together the scores of texts and of their clauses, of which each text has one at least."""
    length = np.array([len(reading.places) for reading in readings], dtype=float)
    return pooled(scores, clauses, owners, signs(readings, recognition), length)


def pooled(scores: Any, clauses: Any, owners: NDArray[np.int64], sign: Doubles, length: Doubles) -> Known:
    """The same; `owners`: the text of each clause, ascending."""
    starts = np.searchsorted(owners, np.arange(len(length)))
    ends = np.searchsorted(owners, np.arange(len(length)), side="right") - 1
    return Known(
        scores.astype(np.float64),
        np.maximum.reduceat(clauses, starts, axis=0).astype(np.float64),
        clauses[starts].astype(np.float64),
        clauses[ends].astype(np.float64),
        _early(clauses, owners, starts),
        sign,
        length,
    )


def _early(clauses: Any, owners: NDArray[np.int64], starts: NDArray[np.int64]) -> Doubles:
    counts = _FADES ** (np.arange(len(owners)) - starts[owners])
    counts /= np.add.reduceat(counts, starts)[owners]
    return np.asarray(np.add.reduceat(clauses * counts[:, None], starts, axis=0))


def signs(readings: Sequence[Reading], recognition: Recognition) -> Doubles:
    """Per mail: for each intent the signals for it less those against it, then the same for each remedy."""
    intents, remedies = outputs(recognition)
    place = {f"+{name}": (index, 1.0) for index, name in enumerate(intents)}
    place |= {f"-{name}": (index, -1.0) for index, name in enumerate(intents)}
    place |= {f"remede:{name}": (len(intents) + index, 1.0) for index, name in enumerate(remedies)}
    place |= {f"contre:{name}": (len(intents) + index, -1.0) for index, name in enumerate(remedies)}
    table = np.zeros((len(readings), len(intents) + len(remedies)))
    for row, reading in enumerate(readings):
        for hit in [*reading.found, *reading.title_found]:
            column, weight = place.get(hit.signal.owner, (-1, 0.0))
            if column >= 0:
                table[row, column] += -0.5 * weight if hit.negated else weight
    return np.clip(table, -_CAP, _CAP)

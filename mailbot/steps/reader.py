"""All that is needed to read numbers in mails, made ready once from the rules and the shapes of the shop's numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from mailbot.ruleset.carriers import Carrier, Landmarks
from mailbot.ruleset.shop import Channel
from mailbot.shapes import RefShapes, Shape
from mailbot.steps.scan import Piece, Run, Vocabulary


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to read a part of a run as a number."""

    a: int
    b: int
    key: str
    order: Shape | None
    parcel: Shape | None
    channel: bool
    carrier: str  # '', 'weak' (generic shape), 'sure'


class Cut(NamedTuple):
    """Pieces a to b (included) of a run that may be a number; `order`, `parcel`: the shop's own shapes that fit;
    `long`: long enough for a number of a channel or carrier."""

    a: int
    b: int
    order: Shape | None
    parcel: Shape | None
    long: bool


class Form(NamedTuple):
    """What all runs that differ in their digits only have in common: where their pieces lie and how they may be cut;
    `long`: a part is worth a look-up for its length alone."""

    pieces: tuple[Piece, ...]
    cuts: tuple[Cut, ...]
    long: bool

    def run(self, text: str) -> Run:
        """A run of this form."""
        return Run(text, tuple(Piece(text[a:b].upper(), a, b, word) for _, a, b, word in self.pieces))


@dataclass(frozen=True)
class Reader:
    """All that is needed to read numbers, made ready once for many mails (`reader`). `forms` and `others` only remember
    what was worked out before: what runs of one form may be; the pieces of a run that are no such number."""

    shapes: RefShapes
    vocabulary: Vocabulary
    never: re.Pattern[str] | None
    channel_pattern: re.Pattern[str] | None
    parcel_patterns: tuple[tuple[re.Pattern[str], str | None, bool], ...]
    vague: frozenset[str]  # words of product labels that tell nothing apart
    states: Mapping[str, frozenset[str]]  # intent → order statuses it is plausible for
    forms: dict[str, Form] = field(default_factory=dict, repr=False, compare=False)
    others: dict[str, frozenset[int]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def parcel_pattern(self) -> re.Pattern[str] | None:
        """Any carrier's number, for a quick no."""
        return _any_of([pattern.pattern for pattern, _, _ in self.parcel_patterns])

    @cached_property
    def letter_shapes(self) -> dict[int, Shape]:
        """Order numbers that look like words, by length."""
        return {shape.length: shape for shape in self.shapes.orders if shape.wordlike}

    @cached_property
    def by_length(self) -> dict[int, tuple[tuple[Shape, ...], tuple[Shape, ...]]]:
        """Order shapes and parcel shapes of each length."""
        lengths = {shape.length for shape in (*self.shapes.orders, *self.shapes.tracking)}
        return {
            length: (
                tuple(shape for shape in self.shapes.orders if shape.length == length),
                tuple(shape for shape in self.shapes.tracking if shape.length == length),
            )
            for length in lengths
        }


def reader(
    channels: Sequence[Channel], carriers: Sequence[Carrier], landmarks: Landmarks, shapes: RefShapes
) -> Reader:
    """Make ready to read numbers by these rules and shapes."""
    words = dict.fromkeys(landmarks.commande, "order")
    words |= dict.fromkeys(
        (*landmarks.suivi, *(w for c in carriers for w in c.mots if " " not in w)), "parcel"
    )
    words |= dict.fromkeys(landmarks.autre_numero, "other")
    return Reader(
        shapes=shapes,
        vocabulary=Vocabulary(words, letters=any(shape.wordlike for shape in shapes.orders)),
        never=_any_of([item.motif for item in landmarks.jamais], re.IGNORECASE),
        channel_pattern=_any_of([pattern for c in channels for pattern in c.references]),
        parcel_patterns=tuple(
            (re.compile(f.motif), f.controle, f.generique) for c in carriers for f in c.formats
        ),
        vague=frozenset(landmarks.mots_vides),
        states={intent: frozenset(states) for intent, states in landmarks.etats.items()},
    )


def _any_of(patterns: Sequence[str], flags: int = 0) -> re.Pattern[str] | None:
    return (
        re.compile("|".join(f"(?:{pattern.removeprefix('(?i)')})" for pattern in patterns), flags)
        if patterns
        else None
    )

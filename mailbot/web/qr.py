"""A QR code as the outline of its dark squares, which a page draws as inline SVG: no picture, no style, no script."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import segno

QUIET = 4  # squares of white around it, as ISO/IEC 18004 asks


@dataclass(frozen=True, slots=True)
class Qr:
    """`size`: squares on a side, the white border included; `path`: the dark ones, as the `d` of an SVG path."""

    size: int
    path: str


def drawn(text: str) -> Qr:
    """The code of a text; telephones read it from a screen with much of it hidden (level M)."""
    matrix = segno.make_qr(text, error="m", boost_error=False).matrix
    return Qr(len(matrix) + 2 * QUIET, "".join(_runs(matrix)))


def _runs(matrix: Sequence[Sequence[int]]) -> Iterator[str]:
    """Neighbouring dark squares of a row, as one rectangle each."""
    for y, row in enumerate(matrix):
        x = 0
        for dark, group in groupby(row):
            length = len(list(group))
            if dark:
                yield f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z"
            x += length

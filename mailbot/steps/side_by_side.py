"""Two texts beside each other, sentence by sentence, with the words that differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_SENTENCE = re.compile(r"[^\n]+?(?:[.!?…](?=\s)|[:;](?=\s)|$)|\n", re.MULTILINE)
_WORD = re.compile(r"\s+|[\w'’-]+|[^\w\s]")

Piece = tuple[str, bool]  # words, and whether the other side lacks them


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison; a side that has nothing here is ()."""

    left: tuple[Piece, ...]
    right: tuple[Piece, ...]

    @property
    def same(self) -> bool:
        """Nothing differs on this line."""
        return not any(changed for _words, changed in (*self.left, *self.right))


def rows(before: str, after: str) -> list[Row]:
    """Every sentence of both texts, those that belong together on one line."""
    old, new = _sentences(before), _sentences(after)
    found: list[Row] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [Row(((text, False),), ((text, False),)) for text in old[a:b]]
        else:
            found += _paired(old[a:b], new[c:d])
    return found


def only_changes(found: Sequence[Row], around: int = 1) -> list[Row]:
    """The lines that differ, and so many before and after them."""
    near = {
        place
        for number, row in enumerate(found)
        if not row.same
        for place in range(number - around, number + around + 1)
    }
    return [row for number, row in enumerate(found) if number in near]


def _sentences(text: str) -> list[str]:
    return [part for found in _SENTENCE.findall(text) if (part := found.strip())]


def _paired(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    for number in range(max(len(old), len(new))):
        left = old[number] if number < len(old) else ""
        right = new[number] if number < len(new) else ""
        yield _by_words(left, right)


def _by_words(left: str, right: str) -> Row:
    old, new = _WORD.findall(left), _WORD.findall(right)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if (
        not left or not right or matcher.ratio() < 0.4
    ):  # two different sentences: marking words would only confuse
        return Row(((left, True),) if left else (), ((right, True),) if right else ())
    one: list[Piece] = []
    other: list[Piece] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        for pieces, words in ((one, old[a:b]), (other, new[c:d])):
            if words:
                pieces.append(("".join(words), kind != "equal"))
    return Row(tuple(one), tuple(other))

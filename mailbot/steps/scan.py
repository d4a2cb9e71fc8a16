"""A mail's texts → words with what announces them, and the runs of words that may spell a number."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailbot.identifiers import fold_text

_DIGIT = re.compile(r"[0-9]")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_PUNCTUATION = ".,;:!?()[]{}<>«»\"'’“”*#°/\\-_|=…"
FAR = 99  # no landmark before the word


@dataclass(frozen=True, slots=True)
class Text:
    """The words of several texts in a row. For word i: `marks[i]` is the nearest landmark before it (its
    kind and how many words back), `lines[i]` the number of its line. `digits` are the words with a digit in
    them."""

    words: tuple[str, ...]
    lines: tuple[int, ...]
    marks: tuple[tuple[str, int], ...]
    digits: tuple[int, ...]
    shouted: frozenset[int]  # lines of several words wholly in capitals
    short: frozenset[int]  # lines of at most three words
    parts: tuple[int, ...]  # for each text, the index of its first word

    def same_line(self, first: int, last: int) -> bool:
        """Both words exist and stand on one line."""
        return first >= 0 and last < len(self.words) and self.lines[first] == self.lines[last]


def words_of(texts: Sequence[str], landmarks: Mapping[str, str]) -> Text:
    """Cut texts into words; `landmarks`: folded word → kind."""
    words: list[str] = []
    lines: list[int] = []
    marks: list[tuple[str, int]] = []
    digits: list[int] = []
    parts: list[int] = []
    shouted: set[int] = set()
    short: set[int] = set()
    number = 0
    for text in texts:
        parts.append(len(words))
        kind, at = "", -FAR
        for line in text.splitlines():
            number += 1
            found = line.split()
            if len(found) <= 3:
                short.add(number)
            elif line.isupper():
                shouted.add(number)
            for raw in found:
                i = len(words)
                words.append(raw)
                lines.append(number)
                marks.append((kind, i - at))
                if raw.isalpha():
                    mark = landmarks.get(raw.lower() if raw.isascii() else fold_text(raw))
                else:
                    if _DIGIT.search(raw):
                        digits.append(i)
                    mark = _landmark(raw, landmarks)
                if mark is not None:
                    kind, at = mark, i
    return Text(
        tuple(words),
        tuple(lines),
        tuple(marks),
        tuple(digits),
        frozenset(shouted),
        frozenset(short),
        tuple(parts),
    )


def _landmark(raw: str, landmarks: Mapping[str, str]) -> str | None:
    word = fold_text(raw.strip(_PUNCTUATION))
    if "'" in word or "’" in word:
        word = word.replace("’", "'").rsplit("'", 1)[1]
    return landmarks.get(word)


def bare(raw: str) -> str:
    """A word without the punctuation around it."""
    return raw.strip(_PUNCTUATION)


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters and digits in a row within a run: upper case, its place in the run's text, and its word's
    index."""

    key: str
    start: int
    end: int
    word: int


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring words of one line of which each has a digit, and a word on either side: spellings of a
    number lie within it. `first` is the index of the first word with a digit."""

    text: str
    pieces: tuple[Piece, ...]
    first: int

    def key(self, a: int, b: int) -> str:
        """Pieces a to b (included) as one folded number."""
        return "".join(piece.key for piece in self.pieces[a : b + 1])

    def written(self, a: int, b: int) -> str:
        """The same as the mail has it."""
        return self.text[self.pieces[a].start : self.pieces[b].end]

    def whole(self, a: int, b: int) -> bool:
        """False when pieces a to b are cut out of a longer number ('402-41' of '402-41-99')."""
        return not (self._bound(a - 1, a) or self._bound(b, b + 1))

    def _bound(self, left: int, right: int) -> bool:
        if left < 0 or right >= len(self.pieces):
            return False
        one, two = self.pieces[left], self.pieces[right]
        glued = one.word == two.word and self.text[one.end : two.start] == "-"
        return glued and not one.key.isalpha() and not two.key.isalpha()


def runs(text: Text) -> Iterator[Run]:
    """The runs of a text, in order."""
    done = -1
    for first in text.digits:
        if first <= done:
            continue
        last = first
        while text.same_line(first, last + 1) and _DIGIT.search(text.words[last + 1]):
            last += 1
        done = last
        yield _run(text, first, last)


def _run(text: Text, first: int, last: int) -> Run:
    start, end = first, last
    if text.same_line(first - 1, first) and _part_of_number(text.words[first - 1]):
        start -= 1
    if text.same_line(last, last + 1) and _part_of_number(text.words[last + 1]):
        end += 1
    joined = ""
    pieces: list[Piece] = []
    for word in range(start, end + 1):
        shift = len(joined)
        raw = text.words[word]
        pieces += [
            Piece(m[0].upper(), shift + m.start(), shift + m.end(), word) for m in _PIECE.finditer(raw)
        ]
        joined += raw + " "
    return Run(joined, tuple(pieces), first)


def _part_of_number(raw: str) -> bool:
    plain = bare(raw)
    return len(plain) <= 8 and plain.isascii() and plain.isalpha()

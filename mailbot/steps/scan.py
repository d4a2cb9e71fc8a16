"""A mail's texts → words with what announces them, and the runs of words that may spell a number."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, count, repeat
from operator import is_not
from typing import NamedTuple

from mailbot.identifiers import fold_text

_DIGIT = re.compile(r"[0-9]")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_SEGMENT = re.compile(r"[^\W\d_]+")
_PUNCTUATION = ".,;:!?()[]{}<>«»\"'’“”*#°/\\-_|=…"
# 'B-P-1-0-4-2', 'B.P.1.0.4.2': one character at a time; digits with points are versions and addresses, not numbers.
_SPELT_OUT = re.compile(
    r"(?<![\w.\-])(?=[\d.]*[A-Za-z\-])[A-Za-z0-9]([.\-])(?:[A-Za-z0-9]\1){3,}[A-Za-z0-9](?!\w|[.\-]\w)"
)
_ALIKE = str.maketrans("АВЕКМНОРСТУХЅІЈ", "ABEKMHOPCTYXSIJ")  # Cyrillic capitals that are drawn like ours
FAR = 99  # no landmark before the word
MOST_REMEMBERED = 60_000
MOST_CHARACTERS = 80  # of a run of words that is worth remembering
MOST_NUMBERS = 3_000  # words with a digit that are read
MOST_WORDS = 60  # of a run; a longer line of numbers is read in several
LONGEST_RUN = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Sort:
    """What one word is: the kind of landmark ('' if none), whether it has a digit, and the word without punctuation
    when it is made of the letters A-Z alone: the longest part of 'n°ABCDEF' ('' else)."""

    mark: str
    digit: bool
    letters: str


PLAIN = Sort(mark="", digit=False, letters="")  # nearly every word


class Vocabulary(dict[str, Sort]):
    """Word → what it is, remembering those seen: mails use the same few thousand. `letters`: whether words of letters
    only may be order numbers in this shop; else nobody asks for them."""

    def __init__(self, landmarks: Mapping[str, str], *, letters: bool = True) -> None:
        super().__init__()
        self._landmarks = landmarks
        self.letters = letters

    def __missing__(self, raw: str) -> Sort:
        judged = self._judge(raw)
        if judged == PLAIN:
            judged = PLAIN
        if len(self) < MOST_REMEMBERED:
            self[raw] = judged
        return judged

    def _judge(self, raw: str) -> Sort:
        plain = bare(raw)
        word = fold_text(plain).replace("’", "'").rsplit("'", 1)[-1]
        digit = "@" not in raw and _DIGIT.search(raw) is not None
        segments = [] if digit or "@" in raw or not self.letters else _SEGMENT.findall(plain)
        letters = max(segments, key=len, default="")
        letters = letters if letters.isascii() else ""
        return Sort(self._landmarks.get(word, ""), digit, letters)


@dataclass(frozen=True, slots=True)
class Text:
    """The words of several texts in a row, the number of each one's line, the words with a digit (`digits`), those
    of letters only (`letters`: index and letters), the landmarks and their kinds. `shouted` and `short` are only told
    when numbers may be made of letters."""

    words: list[str]
    lines: list[int]
    digits: list[int]
    letters: list[tuple[int, str]]
    marks: list[int]
    kinds: list[str]
    shouted: set[int]  # lines of several words wholly in capitals
    short: set[int]  # lines of at most three words
    has_digit: set[int]

    def same_line(self, first: int, last: int) -> bool:
        """Both words exist and stand on one line."""
        return first >= 0 and last < len(self.words) and self.lines[first] == self.lines[last]

    def mark(self, word: int) -> tuple[str, int]:
        """The nearest landmark before a word: its kind, and how many words back."""
        place = bisect_left(self.marks, word) - 1
        return (self.kinds[place], word - self.marks[place]) if place >= 0 else ("", FAR)


def words_of(texts: Sequence[str], vocabulary: Vocabulary) -> Text:
    """Cut texts into sorted words."""
    text = Text([], [], [], [], [], [], set(), set(), set())
    number = 0
    for part in texts:
        for line in part.splitlines():
            found = line.split()
            number += 1
            if vocabulary.letters:
                if len(found) <= 3:
                    text.short.add(number)
                elif line.isupper():
                    text.shouted.add(number)
            text.words.extend(found)
            text.lines.extend([number] * len(found))
    kinds = list(map(vocabulary.__getitem__, text.words))
    for i in compress(count(), map(is_not, kinds, repeat(PLAIN))):
        kind = kinds[i]
        if kind.letters:
            text.letters.append((i, kind.letters))
        elif kind.digit:
            text.digits.append(i)
        if kind.mark:
            text.marks.append(i)
            text.kinds.append(kind.mark)
    text.has_digit.update(text.digits)
    return text


def bare(raw: str) -> str:
    """A word without the punctuation around it."""
    return raw.strip(_PUNCTUATION)


class Piece(NamedTuple):
    """Letters and digits in a row within a run: upper case, its place in the run's text, and the number of its word in
    the run."""

    key: str
    start: int
    end: int
    word: int


class Run(NamedTuple):
    """Neighbouring words of one line of which each has a digit, and a word on either side: spellings of a
    number lie within it."""

    text: str
    pieces: tuple[Piece, ...]

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


def runs(text: Text) -> Iterator[tuple[str, int]]:
    """The runs of a text, in order: each one's words, and the index of its first word with a digit."""
    done = -1
    for first in text.digits[:MOST_NUMBERS]:
        if first <= done:
            continue
        last = first
        while last - first < MOST_WORDS and text.same_line(first, last + 1) and last + 1 in text.has_digit:
            last += 1
        done = last
        yield _joined(text, first, last), first


def _joined(text: Text, first: int, last: int) -> str:
    start, end = first, last
    if text.same_line(first - 1, first) and _part_of_number(text.words[first - 1]):
        start -= 1
    if text.same_line(last, last + 1) and _part_of_number(text.words[last + 1]):
        end += 1
    joined = " ".join(text.words[start : end + 1])[:LONGEST_RUN] + " "
    if not joined.isascii():
        joined = joined.translate(_ALIKE)
    if joined.count("-") > 3 or joined.count(".") > 3:
        joined = _SPELT_OUT.sub(lambda found: found[0].replace(found[1], ""), joined)
    return joined


def pieces(joined: str) -> tuple[Piece, ...]:
    """The pieces of a run's words."""
    found: list[Piece] = []
    shift = 0
    for word, raw in enumerate(joined.split(" ")):
        found += [Piece(m[0].upper(), shift + m.start(), shift + m.end(), word) for m in _PIECE.finditer(raw)]
        shift += len(raw) + 1
    return tuple(found)


def _part_of_number(raw: str) -> bool:
    plain = bare(raw)
    return len(plain) <= 8 and plain.isalpha() and (plain.isascii() or plain.translate(_ALIKE).isascii())

"""Features as numbers of 64 bits, so that none has to be spelt out or kept. The last three bits name the view."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from mailbot.steps.features import LETTERS, VIEWS, Reading

Keys = NDArray[np.uint64]
Places = NDArray[np.int64]
Owned = tuple[Keys, Places]  # features and the mail each belongs to
_VIEW_BITS = np.uint64(7)
_REMEMBERED = 60_000  # words
_LETTERED = 20_000  # words whose letters are remembered
ROW = np.dtype(np.int32)
_LETTERS_TOGETHER = (2, 3, 4, 5)
_WORDS, _TITLE, _SKIPS, _NOTIONS = (VIEWS.index(name) for name in ("mots", "objet", "sauts", "notions"))


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


_FACTORS = [np.uint64(_number(f"place {place}") | 1) for place in range(8)]
_STARTS = [np.uint64(_number(f"size {size}")) for size in range(8)]


class Numbers(dict[str, int]):
    """The number of each word or sign, remembered: customers use few words."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        number = self[word] = _number(word)
        return number

    def of(self, texts: Sequence[Sequence[str]]) -> Owned:
        """The numbers of the words of several texts, one text after the other."""
        flat = np.array(
            [number for words in texts for number in map(self.__getitem__, words)], dtype=np.uint64
        )
        return flat, np.repeat(np.arange(len(texts)), [len(words) for words in texts])


def view_of(keys: Keys) -> Places:
    """The place in VIEWS of the view of each feature."""
    return (keys & _VIEW_BITS).astype(np.int64)


def features(readings: Sequence[Reading], numbers: Numbers) -> Owned:
    """All features of some mails but their letters, repeated as often as they occur."""
    plain = numbers.of([reading.plain for reading in readings])
    aside = numbers.of([reading.aside for reading in readings])
    title = numbers.of([reading.title for reading in readings])
    line = numbers.of([reading.notions for reading in readings])
    signs = numbers.of([reading.signs for reading in readings])
    parts = [_grams(plain, gaps, _WORDS) for gaps in ((0,), (0, 1), (0, 1, 2))]
    parts += [_grams(title, gaps, _TITLE) for gaps in ((0,), (0, 1))]
    parts += [_grams(plain, gaps, _SKIPS) for gaps in ((0, 2), (0, 3), (0, 4))]
    parts += [_grams(line, gaps, _NOTIONS) for gaps in ((0,), (0, 1), (0, 1, 2))]
    parts += [_grams(aside, (0,), _WORDS), _grams(signs, (0,), _NOTIONS)]
    return np.concatenate([keys for keys, _ in parts]), np.concatenate([owners for _, owners in parts])


def clauses(readings: Sequence[Reading], numbers: Numbers) -> tuple[Owned, Places]:
    """The words, pairs and triples of the clauses of some mails, by clause, and the mail of each clause."""
    texts = [clause for reading in readings for clause in reading.clauses]
    words = numbers.of(texts)
    parts = [_grams(words, gaps, _WORDS) for gaps in ((0,), (0, 1), (0, 1, 2))]
    mails = np.repeat(np.arange(len(readings)), [len(reading.clauses) for reading in readings])
    joined = np.concatenate([keys for keys, _ in parts]), np.concatenate([owners for _, owners in parts])
    return joined, mails


def words_and_pairs(numbers: Keys, owners: Places) -> tuple[tuple[Keys, Keys], Places]:
    """The features of single words and of neighbours, from the numbers of the words of several texts, and the place of
    the first word of each pair."""
    owned = numbers, owners
    starts = np.flatnonzero(owners[:-1] == owners[1:])
    return (_grams(owned, (0,), _WORDS)[0], _grams(owned, (0, 1), _WORDS)[0]), starts


def letters(words: Sequence[str]) -> Owned:
    """The n-grams of 2 to 5 letters of each word with its borders, and the place of the word."""
    framed = [f" {word} " for word in words]
    codes = np.frombuffer("".join(framed).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    owned = codes, np.repeat(np.arange(len(words)), [len(word) for word in framed])
    parts = [_grams(owned, tuple(range(size)), LETTERS) for size in _LETTERS_TOGETHER]
    return np.concatenate([keys for keys, _ in parts]), np.concatenate([owners for _, owners in parts])


def _grams(owned: Owned, gaps: tuple[int, ...], view: int) -> Owned:
    """What stands at these distances from each other in one text, as one feature each."""
    numbers, owners = owned
    count = max(len(numbers) - gaps[-1], 0)
    keys = np.full(count, _STARTS[len(gaps)], dtype=np.uint64)
    for gap, factor in zip(gaps, _FACTORS, strict=False):
        keys += numbers[gap : gap + count] * factor
    keys ^= keys >> np.uint64(29)
    keys *= _FACTORS[-1]
    same = owners[:count] == owners[gaps[-1] : gaps[-1] + count]
    return keys[same] & ~_VIEW_BITS | np.uint64(view), owners[:count][same]


class Vocabulary:
    """The features a model knows: key → row. `keys` stand in the order of their rows."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.views = view_of(keys)
        self._order = np.argsort(keys, kind="stable").astype(np.int32)
        self._sorted = keys[self._order]
        bits = min(max(len(keys).bit_length(), 1), 24)
        self._shift = np.uint64(64 - bits)
        buckets = self._sorted >> self._shift
        self._starts = np.searchsorted(buckets, np.arange(2**bits + 1, dtype=np.uint64)).astype(np.int32)

    def rows(self, keys: Keys) -> Places:
        """The row of each feature, -1 for unknown ones."""
        found = np.full(len(keys), -1, dtype=np.int64)
        buckets = (keys >> self._shift).astype(np.int64)
        places, ends = self._starts[buckets], self._starts[buckets + 1]
        pending = np.flatnonzero(places < ends)
        while len(pending):
            here = places[pending]
            hit = self._sorted[here] == keys[pending]
            found[pending[hit]] = self._order[here[hit]]
            pending, here = pending[~hit], here[~hit] + 1
            places[pending] = here
            pending = pending[here < ends[pending]]
        return found


class LetterRows(dict[str, bytes]):
    """The known n-grams of each word as the bytes of their rows, remembered: customers use few words."""

    def learn(self, words: set[str], vocabulary: Vocabulary) -> None:
        """Look up the words that are not remembered yet."""
        new = sorted(words - self.keys())
        if not new:
            return
        if len(self) + len(new) > _LETTERED:
            self.clear()
            new = sorted(words)
        keys, owners = letters(new)
        rows = vocabulary.rows(keys)
        known = rows >= 0
        rows, owners = rows[known].astype(ROW), owners[known]
        order = np.argsort(owners, kind="stable")
        ends = np.searchsorted(owners[order], np.arange(1, len(new)))
        for word, found in zip(new, np.split(rows[order], ends), strict=True):
            self[word] = found.tobytes()


class Memory:
    """What is remembered of words between mails. Losing it costs nothing but time."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self.letters = LetterRows()

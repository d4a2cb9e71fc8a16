"""What order and parcel numbers look like, learnt from the orders themselves, and likely misspellings of one.

Nothing here knows any shop's format: a shape is the characters seen at each place of numbers of one length.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from mailbot.identifiers import fold_id

_DIGITS = frozenset("0123456789")
_SEGMENT = re.compile(r"[A-Z0-9]+")
_LETTER_HEAD = re.compile(r"[A-Z]+(?=[0-9])")
_LOOK_ALIKE = str.maketrans("OQDILSZBG", "000115286")
_LOOK_ALIKE_BACK = str.maketrans("01258", "OIZSB")
_Written = tuple[str, list[str]]  # a number in upper case, and its letters and digits in a row
_FEW = 16  # a leading or trailing part with at most so many different values is a prefix or suffix


@dataclass(frozen=True)
class Shape:
    """Numbers of one channel and length. `places[i]` holds the characters seen at place i of the folded
    number; `heads` and `tails` the parts that customers leave out ('CMD', '2026', the '-A' of a seller).
    `count` is how many numbers of the table have this shape."""

    places: tuple[frozenset[str], ...]
    count: int
    heads: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()

    @cached_property
    def length(self) -> int:
        """Characters of the folded number."""
        return len(self.places)

    @cached_property
    def wordlike(self) -> bool:
        """A number of this shape may be letters only, like a word."""
        return all(place - _DIGITS for place in self.places)

    @cached_property
    def density(self) -> float:
        """The chance that any number of this shape is a real one (0..1): high for running numbers."""
        return min(1.0, self.count / prod(_width(place, self.count) for place in self.places))

    @cached_property
    def _classes(self) -> re.Pattern[str]:
        digits, letters = "0-9", "A-Z"
        return re.compile(
            "".join(
                f"[{digits if place & _DIGITS else ''}{letters if place - _DIGITS else ''}]"
                for place in self.places
            )
        )

    def fits(self, key: str) -> bool:
        """Whether a folded number could be one of these: length, and digit or letter at each place."""
        return self._classes.fullmatch(key) is not None

    def misfits(self, key: str) -> list[int]:
        """Places where `key` (same length) has a digit where only letters are known, or the reverse."""
        return [
            i
            for i, (char, place) in enumerate(zip(key, self.places, strict=True))
            if char not in place and not _same_class(char, place)
        ]


@dataclass(frozen=True, slots=True)
class RefShapes:
    """The shapes of the shop's order numbers and of its parcel numbers."""

    orders: tuple[Shape, ...] = ()
    tracking: tuple[Shape, ...] = ()


def _same_class(char: str, place: frozenset[str]) -> bool:
    return bool(place & _DIGITS) if char in _DIGITS else bool(place - _DIGITS)


def _width(place: frozenset[str], count: int) -> float:
    """How many characters the place really allows: all of its class when the few numbers seen look drawn by lot."""
    width = 10 * bool(place & _DIGITS) + 26 * bool(place - _DIGITS)
    by_lot = width * (1 - (1 - 1 / width) ** count)
    return width if len(place) >= 0.7 * by_lot else len(place)


def learn(numbers: Iterable[tuple[str, str]], scale: float = 1.0) -> tuple[Shape, ...]:
    """Shapes of (channel or carrier, number as written) pairs, most frequent first. `scale`: how many numbers
    of the table each given one stands for."""
    groups: defaultdict[tuple[object, ...], list[_Written]] = defaultdict(list)
    for source, number in numbers:
        upper = number.upper()
        parts = _SEGMENT.findall(upper)
        layout = tuple(map(len, parts))
        if length := sum(layout):
            ends = upper[0].isdecimal(), upper[-1].isdecimal()
            groups[source, length, layout if len(layout) > 1 else (), ends].append((upper, parts))
    shapes = [_shape(members, scale) for members in groups.values()]
    return tuple(sorted(shapes, key=lambda shape: -shape.count))


def _shape(members: Sequence[_Written], scale: float) -> Shape:
    """The shape of numbers of one layout."""
    keys = ["".join(parts) if upper.isascii() else fold_id(upper) for upper, parts in members]
    several = len(members[0][1])
    firsts = [[_letters(upper) for upper, _ in members]]
    firsts += [["".join(parts[:most]) for _, parts in members] for most in (1, 2) if several > most]
    heads = tuple(dict.fromkeys(head for parts in firsts for head in _few(parts, len(keys[0]))))
    last = [parts[-1] for _, parts in members] if several > 1 and len(members[0][1][-1]) <= 3 else []
    places = tuple(frozenset(column) for column in zip(*keys, strict=False))
    return Shape(places, max(1, round(len(keys) * scale)), heads, _few(last, len(keys[0])))


def _letters(member: str) -> str:
    letters = _LETTER_HEAD.match(member.lstrip("#"))
    return str(letters[0]) if letters else ""


def _few(parts: Sequence[str], length: int) -> tuple[str, ...]:
    seen = Counter(part for part in parts if part and length - len(part) >= 3)
    often = [part for part, times in seen.most_common(_FEW) if times * 200 >= len(parts)]
    enough = len(parts) >= 3 and sum(seen[part] for part in often) >= 0.98 * len(parts)
    return tuple(often) if enough and (len(often) == 1 or len(parts) >= 5 * len(often)) else ()


def shortened(key: str, shapes: Sequence[Shape]) -> Iterator[str]:
    """Full numbers of which `key` may be the rest when prefix, suffix or leading zeros were left out."""
    for shape in shapes:
        for head in ("", *shape.heads):
            for tail in ("", *shape.tails):
                missing = shape.length - len(head) - len(tail) - len(key)
                if missing == 0 and (head or tail):
                    yield head + key + tail
                elif 0 < missing <= 6 and (head or tail) and key.isdecimal() and len(key) >= 3:
                    yield head + "0" * missing + key + tail


def misspelt(key: str, shapes: Sequence[Shape]) -> Iterator[str]:
    """Numbers that differ from `key` by one typing error (a character wrong, missing, in excess, two
    neighbours swapped, or look-alikes such as O for 0) and fit a shape."""
    for shape in shapes:
        gap = shape.length - len(key)
        if gap == 0:
            yield from _same_length(key, shape)
        elif gap == 1:
            yield from _one_missing(key, shape)
        elif gap == -1:
            shorter = {key[:i] + key[i + 1 :] for i in range(len(key))}
            yield from (item for item in shorter if shape.fits(item))


def _same_length(key: str, shape: Shape) -> Iterator[str]:
    misfits = shape.misfits(key)
    if len(misfits) > 1:
        alike = "".join(_alike(char, place) for char, place in zip(key, shape.places, strict=True))
        if shape.fits(alike):
            yield alike
    if len(misfits) <= 1:
        for i in misfits or range(len(key)):
            yield from (key[:i] + char + key[i + 1 :] for char in shape.places[i] if char != key[i])
    if len(misfits) <= 2:
        for i in range(len(key) - 1):
            swapped = key[:i] + key[i + 1] + key[i] + key[i + 2 :]
            if key[i] != key[i + 1] and shape.fits(swapped):
                yield swapped


def _alike(char: str, place: frozenset[str]) -> str:
    if char in place or _same_class(char, place):
        return char
    return char.translate(_LOOK_ALIKE if place & _DIGITS else _LOOK_ALIKE_BACK)


def _one_missing(key: str, shape: Shape) -> Iterator[str]:
    for i in range(len(key) + 1):
        head, tail = key[:i], key[i:]
        fits = all(_same_class(char, place) for char, place in zip(head, shape.places, strict=False)) and all(
            _same_class(char, place) for char, place in zip(tail, shape.places[i + 1 :], strict=True)
        )
        if fits:
            yield from (head + char + tail for char in shape.places[i])


def densest(key: str, shapes: Sequence[Shape]) -> float:
    """The highest density among the shapes that `key` fits; 0 when it fits none."""
    return max((shape.density for shape in shapes if shape.fits(key)), default=0.0)

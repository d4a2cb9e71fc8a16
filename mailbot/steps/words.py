"""Text → words: folded (no case, no accents), with their places in the original text and sentence breaks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from mailbot.identifiers import fold_text

MAX_CHARACTERS = 12_000  # what a person reads of a mail; the rest of a huge text cannot slow the line
BREAK = "."
PAUSE = ","
POINTS = frozenset((BREAK, PAUSE))
_TOKEN = re.compile(r"([^\W\d_]+|\d+|[?!€%.…;,\n()])")
_BREAKS = frozenset(".…;?!\n")


@dataclass(frozen=True, slots=True)
class Words:
    """The folded words of `text`; breaks of a sentence are BREAK. The i-th token of the text stands between
    `bounds[2 * i]` and `bounds[2 * i + 1]`; `tokens[j]` is the token of the j-th word, () when each is one word."""

    text: str
    folded: tuple[str, ...]
    bounds: tuple[int, ...]
    tokens: tuple[int, ...] = ()

    def span(self, first: int, last: int) -> str:
        """The original characters from word `first` to word `last`, both included."""
        if self.tokens:
            first, last = self.tokens[first], self.tokens[last]
        return self.text[self.bounds[2 * first] : self.bounds[2 * last + 1]]


def shorten(text: str) -> str:
    """The beginning and the end of a text longer than MAX_CHARACTERS (requests stand there), else the text."""
    if len(text) <= MAX_CHARACTERS:
        return text
    half = MAX_CHARACTERS // 2
    return text[:half] + "\n" + text[-half:]


class Folder(dict[str, str]):
    """Folds words, remembering those seen (customers use few words) and spelling out text-speak."""

    def __init__(self, spellings: Mapping[str, str], limit: int = 60_000) -> None:
        super().__init__()
        self._spellings = {fold_text(key): fold_text(value) for key, value in spellings.items()}
        self._several: dict[str, int] = {}  # tokens spelt out as several words, and how many
        self._limit = limit

    def word(self, raw: str) -> str:
        """The folded form of one token; digits become '#' and their count, breaks of a sentence BREAK or '?'/'!'."""
        return self[raw]

    def __missing__(self, raw: str) -> str:
        known = self._make(raw)
        if " " in known:
            self._several[raw] = known.count(" ") + 1
        if len(self) < self._limit:
            self[raw] = known
        return known

    def _make(self, raw: str) -> str:
        if raw.isdigit():
            return f"#{min(len(raw), 9)}"
        if raw in _BREAKS:
            return raw if raw in "?!" else BREAK
        if raw in "(),":
            return PAUSE
        plain = fold_text(raw)
        plain = re.sub(r"(.)\1{2,}", r"\1", plain)
        return self._spellings.get(plain, plain)

    def words(self, text: str) -> Words:
        """Cut a text into folded words."""
        text = shorten(text)
        pieces = _TOKEN.split(text)  # what lies between the tokens, and the tokens
        tokens = pieces[1::2]
        bounds = tuple(accumulate(map(len, pieces)))
        folded = list(map(self.__getitem__, tokens))
        if self._several.keys().isdisjoint(tokens):
            return Words(text, tuple(folded), bounds)
        places = tuple(
            place for place, token in enumerate(tokens) for _ in range(self._several.get(token, 1))
        )
        return Words(text, tuple(" ".join(folded).split(" ")), bounds, places)

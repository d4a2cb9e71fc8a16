"""Text → words: folded (no case, no accents), with their places in the original text and sentence breaks."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

MAX_CHARACTERS = 12_000  # what a person reads of a mail; the rest of a huge text cannot slow the line
BREAK = "."
PAUSE = ","
POINTS = frozenset((BREAK, PAUSE))
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[?!€%.…;,\n()]")
_BREAKS = frozenset(".…;?!\n")


@dataclass(frozen=True, slots=True)
class Words:
    """`folded[i]` is the i-th word of `text` between `starts[i]` and `ends[i]`; breaks of a sentence are BREAK."""

    text: str
    folded: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, first: int, last: int) -> str:
        """The original characters from word `first` to word `last`, both included."""
        return self.text[self.starts[first] : self.ends[last]]


def fold(word: str) -> str:
    """Lower case, without accents, ligatures opened: 'Œuvré' → 'oeuvre'."""
    plain = unicodedata.normalize("NFKD", word.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def shorten(text: str) -> str:
    """The beginning and the end of a text longer than MAX_CHARACTERS (requests stand there), else the text."""
    if len(text) <= MAX_CHARACTERS:
        return text
    half = MAX_CHARACTERS // 2
    return text[:half] + "\n" + text[-half:]


class Folder:
    """Folds words, remembering those seen (customers use few words) and spelling out text-speak."""

    def __init__(self, spellings: Mapping[str, str], limit: int = 60_000) -> None:
        self._spellings = {fold(key): fold(value) for key, value in spellings.items()}
        self._seen: dict[str, str] = {}
        self._limit = limit

    def word(self, raw: str) -> str:
        """The folded form of one token; digits become '#' and their count, breaks of a sentence BREAK or '?'/'!'."""
        known = self._seen.get(raw)
        if known is None:
            known = self._make(raw)
            if len(self._seen) < self._limit:
                self._seen[raw] = known
        return known

    def _make(self, raw: str) -> str:
        if raw.isdigit():
            return f"#{min(len(raw), 9)}"
        if raw in _BREAKS:
            return raw if raw in "?!" else BREAK
        if raw in "(),":
            return PAUSE
        plain = fold(raw)
        plain = re.sub(r"(.)\1{2,}", r"\1", plain)
        return self._spellings.get(plain, plain)

    def words(self, text: str) -> Words:
        """Cut a text into folded words with their places."""
        text = shorten(text)
        folded: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            known = self._seen.get(match[0]) or self.word(match[0])
            for part in (known,) if " " not in known else known.split(" "):
                folded.append(part)
                starts.append(start)
                ends.append(end)
        return Words(text, tuple(folded), tuple(starts), tuple(ends))

"""Patterns of rules/ joined and compiled once; text folded so that they can be written without accents."""

import re
from functools import lru_cache

_FROM = "àâäáãåçèéêëìíîïñòóôöõùúûüýÿ’‘\xa0"
_TO = "aaaaaaceeeeiiiinooooouuuuyy'' "
_FOLD = bytes.maketrans(_FROM.encode("cp1252"), _TO.encode("ascii"))


def fold(text: str) -> str:
    """Lower case, no French accents, straight apostrophes, ordinary spaces; other scripts and emoji drop out."""
    plain = text.lower().replace("œ", "oe").replace("æ", "ae").replace("\u202f", " ")
    return plain.encode("cp1252", "ignore").translate(_FOLD).decode("latin-1")


@lru_cache(maxsize=512)
def union(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One case-blind pattern that matches where any of them does; none at all never matches."""
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined or r"(?!)", re.IGNORECASE)


@lru_cache(maxsize=512)
def lines(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """As `union`, anchored to the beginning of a line (blanks and markup marks before it allowed)."""
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(rf"^[ \t\xa0*_]{{0,8}}(?:{joined or '(?!)'})", re.IGNORECASE | re.MULTILINE)

"""Patterns of rules/ joined and compiled once; text folded so that they can be written without accents."""

import re
from functools import lru_cache

_FOLD = {
    ord(a): b
    for a, b in zip(
        "àâäáãåçèéêëìíîïñòóôöõùúûüýÿ’‘ʼ\xa0\u202f", "aaaaaaceeeeiiiinooooouuuuyy'''  ", strict=True
    )
} | {ord("œ"): "oe", ord("æ"): "ae"}


def fold(text: str) -> str:
    """Lower case, no French accents, straight apostrophes, ordinary spaces."""
    return text.lower().translate(_FOLD)


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

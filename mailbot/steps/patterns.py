"""Patterns of rules/ joined and compiled once."""

import re
from functools import lru_cache


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

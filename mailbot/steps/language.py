"""Which language a text is written in, by its commonest words. No guess on texts too short to tell."""

from collections.abc import Mapping
from functools import lru_cache

from mailbot.steps.words import POINTS, Words

_LOOKED_AT = 120  # words; a mail seldom changes language later
_FEWEST_WORDS = 4
_FEWEST_HITS = 2


def language(words: Words, common: Mapping[str, str]) -> str | None:
    """ISO 639-1 code, or None when the text is too short or speaks none of the known languages. The first
    language of `common` wins a tie."""
    plain = [word for word in words.folded[:_LOOKED_AT] if word not in POINTS and word[0].isalpha()]
    if len(plain) < _FEWEST_WORDS:
        return None
    hits = {code: sum(map(_words(listed).__contains__, plain)) for code, listed in common.items()}
    best = max(hits, key=lambda code: hits[code], default=None)
    return best if best is not None and hits[best] >= _FEWEST_HITS else None


@lru_cache(64)
def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())

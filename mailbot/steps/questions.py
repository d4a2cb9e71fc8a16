"""Which questions of a mail the usual letters do not answer (rules/garde_fous.toml, `questions_ordinaires`)."""

import re
from collections.abc import Sequence
from functools import lru_cache

_SENTENCE = re.compile(r"[^.!?;:\n]*[.!?;:\n]")


def open_questions(text: str, ordinary: Sequence[str]) -> list[str]:
    """The sentences of `text` that end in a question mark and match none of the `ordinary` patterns (full `re`
    patterns, case ignored). A lone question mark counts as a question."""
    if "?" not in text:
        return []
    known = _union(tuple(ordinary))
    return [
        sentence.strip()
        for sentence in _SENTENCE.findall(text)
        if sentence[-1] == "?" and (known is None or not known.search(sentence))
    ]


@lru_cache(maxsize=8)
def _union(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE) if patterns else None

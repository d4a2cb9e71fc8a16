"""How far a person moved a letter from its draft, and by which sentences."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from mailbot.steps.french import DAYS, MONTHS

_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_SENTENCE_END = re.compile(r"(?<=[.!?…:;])\s+|\n+")
_DATE = re.compile(rf"(?:(?:{'|'.join(DAYS)}) )?\d{{1,2}}(?:er)? (?:{'|'.join(MONTHS)})(?: \d{{4}})?")
_NUMBER = re.compile(r"[\w-]*\d[\w,.-]*\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One rewriting. `distance`: 0 (the same) to 1 (nothing left); `removed` and `added` sentences, without their
    dates and numbers, so that the same change is known again in another letter."""

    distance: float
    removed: tuple[str, ...]
    added: tuple[str, ...]


def edit_of(before: str, after: str) -> Edit:
    """What a person made of a draft."""
    old, new = sentences(before), sentences(after)
    return Edit(
        distance=Levenshtein.normalized_distance(_plain(before), _plain(after)),
        removed=tuple((Counter(old) - Counter(new)).elements()),
        added=tuple((Counter(new) - Counter(old)).elements()),
    )


def sentences(text: str) -> list[str]:
    """The sentences of a letter, with « … » for dates and numbers."""
    found = (_SPACES.sub(" ", part).strip(" -") for part in _SENTENCE_END.split(text))
    return [_NUMBER.sub("…", _DATE.sub("…", part)) for part in found if len(part) > 1]


def most_frequent(phrases: Iterable[Sequence[str]], limit: int = 3) -> tuple[tuple[str, int], ...]:
    """The sentences that most letters share, each with the number of letters; a sentence counts once a letter."""
    counted = Counter(phrase for some in phrases for phrase in dict.fromkeys(some))
    return tuple(counted.most_common(limit))


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip()

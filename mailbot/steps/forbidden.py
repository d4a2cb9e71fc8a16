"""A thing no outgoing text may say (rules/garde_fous.toml, jamais), and where a text says it."""

import re
from collections.abc import Collection, Sequence

REMEMBERED = 1024  # paragraphs without any of it: letters are made of the same few
# A pattern with one of these may match across paragraphs, or depend on where the text begins and ends.
_WIDE = re.compile(r"\\[sSWDAZnr]|\[\^|\(\?\w*s|[\^$]")


class Forbidden:
    """`everywhere`: on all channels; `reason`: French, how to mend it. A pattern without capitals is searched in lower
    case text, which is several times faster than IGNORECASE; upper and lower case do not matter either way."""

    def __init__(self, id: str, *, everywhere: bool, patterns: Sequence[str], reason: str) -> None:
        self.id, self.everywhere, self.reason = id, everywhere, reason
        self._patterns = tuple(map(_compiled, patterns))
        self._wide = any(map(_WIDE.search, patterns))
        self._clean: set[str] = set()

    def find(self, text: str, paragraphs: Collection[str]) -> str | None:
        """The forbidden words of `text`, which are these paragraphs; None when there are none."""
        if not self._wide and (self._clean.issuperset(paragraphs) or all(map(self._is_clean, paragraphs))):
            return None
        lower = text.lower()
        for pattern, as_written in self._patterns:
            if found := pattern.search(text if as_written else lower):
                return found[0]
        return None

    def _is_clean(self, paragraph: str) -> bool:
        if paragraph in self._clean:
            return True
        lower = paragraph.lower()
        if any(pattern.search(paragraph if written else lower) for pattern, written in self._patterns):
            return False
        if len(self._clean) >= REMEMBERED:
            self._clean.clear()
        self._clean.add(paragraph)
        return True


def _compiled(pattern: str) -> tuple[re.Pattern[str], bool]:
    """The pattern, and whether it is for the text as written rather than in lower case."""
    capitals = any(char.isupper() for char in re.sub(r"\\.", "", pattern))
    return re.compile(pattern, re.IGNORECASE if capitals else 0), capitals

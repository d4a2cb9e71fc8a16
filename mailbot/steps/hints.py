"""Wishes hinted at in a mail that its reply does not answer (rules/garde_fous.toml, `indices`)."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mailbot.identifiers import fold_text
from mailbot.model import Mail, Verdict
from mailbot.ruleset.guards import Hint

_BORDER = r"\b"


def unanswered(
    mail: Mail, verdict: Verdict, situations: Sequence[str], hints: Sequence[Hint]
) -> Iterator[tuple[Hint, str]]:
    """Each hint that the mail gives, with the words (folded), when neither the requests understood, nor the remedy, nor
    one of the `situations` answered (their stems) speaks to it."""
    text = fold_text(f"{mail.subject}\n{mail.text}").replace("\u2019", "'")
    for hint in hints:
        if hint.sauf_demandes.intersection(verdict.requests) or verdict.remedy in hint.sauf_remedes:
            continue
        if not hint.sauf_situations.isdisjoint(situations):
            continue
        found = [match for pattern in _patterns(hint.motifs) if (match := pattern.search(text))]
        if found:
            yield hint, " ".join(min(found, key=re.Match.start)[0].split())


@lru_cache(maxsize=64)
def _patterns(motifs: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Those that begin a word share one \\b, so that most places of a text are passed over at once."""
    words = [one for one in motifs if one.startswith(_BORDER) and not _is_choice(one)]
    at_words = "|".join(one.removeprefix(_BORDER) for one in words)
    anywhere = "|".join(f"(?:{one})" for one in motifs if one not in words)
    joined = (f"{_BORDER}(?:{at_words})" if at_words else "", anywhere)
    return tuple(re.compile(one) for one in joined if one)


def _is_choice(pattern: str) -> bool:
    """Has it a | outside all groups and sets? Then \\b at its beginning binds the first choice only."""
    outside = re.sub(r"\\.|\[[^]]*\]", "", pattern)
    while (inner := re.sub(r"\([^()]*\)", "", outside)) != outside:
        outside = inner
    return "|" in outside

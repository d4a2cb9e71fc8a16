"""Wishes hinted at in a mail that its reply does not answer (rules/garde_fous.toml, `indices`)."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mailbot.identifiers import fold_text
from mailbot.model import Mail, Verdict
from mailbot.ruleset.guards import Hint


def unanswered(
    mail: Mail, verdict: Verdict, situations: Sequence[str], hints: Sequence[Hint]
) -> Iterator[tuple[Hint, str]]:
    """Each hint that the mail gives, with the words (folded), when neither the requests understood, nor the remedy, nor
    one of the `situations` answered (their stems) speaks to it."""
    text = fold_text(f"{mail.subject}\n{mail.text}").replace("\u2019", "'")
    for hint in hints:
        if hint.sauf_demandes.intersection(verdict.requests) or verdict.remedy in hint.sauf_remedes:
            continue
        if hint.sauf_situations.isdisjoint(situations) and (found := _pattern(hint.motifs).search(text)):
            yield hint, " ".join(found[0].split())


@lru_cache(maxsize=64)
def _pattern(motifs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in motifs))

"""A mail in capitals is one that shouts, whatever its words."""

from dataclasses import replace

from mailbot.identifiers import fold_text
from mailbot.model import Mail, Verdict
from mailbot.ruleset.intents import Capitals, Recognition


def heard(verdict: Verdict, mail: Mail, recognition: Recognition) -> Verdict:
    """The verdict with the flags that capitals raise (`majuscules` of a flag)."""
    raised = [
        flag.id
        for flag in recognition.drapeaux
        if flag.majuscules is not None and flag.id not in verdict.flags and shouts(mail.text, flag.majuscules)
    ]
    return replace(verdict, flags=verdict.flags.union(raised)) if raised else verdict


def shouts(text: str, rule: Capitals) -> bool:
    """Whether a text of some length is mostly in capitals, and says nothing kind."""
    capitals = sum(map(str.isupper, text))
    if capitals < rule.lettres * rule.part:
        return False
    letters = capitals + sum(map(str.islower, text))
    if letters < rule.lettres or capitals < rule.part * letters:
        return False
    folded = fold_text(text).lower()
    return not any(kind in folded for kind in rule.sauf)

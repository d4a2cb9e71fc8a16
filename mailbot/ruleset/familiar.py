"""rules/tutoiement.toml: how letters written with « vous » are said with « tu »."""

from collections.abc import Mapping

from mailbot.ruleset.base import Rule


class Familiar(Rule):
    """The lexicon. `toujours_vous`: families or stems of letters that keep « vous »; `verbes`: second person plural →
    singular, the indicative (the imperative follows from it); `subjonctifs`: what comes after « pour que »;
    `complements`: verbs before which « vous » is the object; `tournures`: whole phrases, taken first. Lower case."""

    toujours_vous: tuple[str, ...] = ()
    feminins: frozenset[str] = frozenset()
    masculins: frozenset[str] = frozenset()
    complements: frozenset[str] = frozenset()
    tournures: Mapping[str, str] = {}
    subjonctifs: Mapping[str, str] = {}
    verbes: Mapping[str, str] = {}

    def keeps_vous(self, stem: str) -> bool:
        """Is this letter, or its whole family, always written with « vous »?"""
        return any(stem == one or stem.startswith(f"{one}/") for one in self.toujours_vous)

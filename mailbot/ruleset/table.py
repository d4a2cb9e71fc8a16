"""rules/lignes.toml: the decision table."""

from typing import Self

from pydantic import Field, model_validator

from mailbot.ruleset.base import Rule


class DecisionRow(Rule):
    """One case of the decision table, and what it is about in a few French words."""

    id: str = Field(pattern=r"^[A-Z]{2}[0-9]{2}$")
    titre: str


class DecisionTable(Rule):
    """rules/lignes.toml: the cases that must each have a rule."""

    ligne: tuple[DecisionRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rows_are_unique(self) -> Self:
        names = [row.id for row in self.ligne]
        if doubles := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"deux lignes portent le même id : {', '.join(doubles)}")
        return self

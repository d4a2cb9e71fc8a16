"""rules/cas/<LIGNE>.toml: whole mails with their orders, and what must be decided on them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from mailbot.ruleset.base import Rule

Decided = Literal["brouillon", "humain", "ignorer", "envoi"]
ACTIONS: Mapping[Decided, str] = {
    "brouillon": "draft", "humain": "human", "ignorer": "ignore", "envoi": "send"
}  # fmt: skip


class Expected(Rule):
    """What must come of the mail. `ligne`: the row of the decision table; `contient`: words of the reply."""

    ligne: str | None = None
    situation: str | None = None
    decision: Decided
    contient: tuple[str, ...] = ()


class SampleMail(Rule):
    """One mail. `recu` without zone is Europe/Paris; `de` defaults to the buyer of the first order; `entetes` are
    further header fields; `seul`: judged as if everything that may leave alone did. The orders' keys are the columns of
    the orders file."""

    nom: str
    recu: datetime
    de: str = ""
    objet: str = ""
    texte: str
    entetes: Mapping[str, str] = Field(default_factory=dict)
    seul: bool = False
    commandes: tuple[Mapping[str, Any], ...] = ()
    attendu: Expected


class SampleFile(Rule):
    """All samples of one row; `id` is the row, the name of the file."""

    id: str
    cas: tuple[SampleMail, ...] = Field(min_length=1)


def cell(value: Any) -> str:
    """A value of a sample order as the orders file has it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)

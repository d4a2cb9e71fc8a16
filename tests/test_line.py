"""What the line adds to its steps: which verdict rules and letters may rely on."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mailbot.line import Line
from mailbot.model import Verdict
from mailbot.rule_files import read_toml
from mailbot.rulebook import Rulebook
from mailbot.ruleset.guards import Guards

GUARDS = read_toml(Path(__file__).parents[1] / "rules" / "garde_fous.toml", Guards)
REPLACED = "remplacement"
VERDICT = Verdict(intents=(), requests=("produit_en_panne",), remedy=REPLACED, language="fr")


@pytest.mark.parametrize(
    ("score", "kept"), [(0.5, None), (GUARDS.certitude_remede, "remplacement"), (0.95, "remplacement")]
)
def test_a_remedy_that_is_only_a_guess_is_no_wish_of_the_customer(score: float, kept: str | None) -> None:
    book = cast(Rulebook, SimpleNamespace(guards=GUARDS))
    line = Line(rulebook=book, model=cast(object, None), composer=cast(object, None))  # type: ignore[arg-type]
    assert line._sure(replace(VERDICT, remedy_score=score)).remedy == kept

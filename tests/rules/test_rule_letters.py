"""A shop that says « tu » starts with every letter said that way, or is told which words are missing."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.errors import RuleError
from mailbot.line import Line
from mailbot.rulebook import Rulebook, load
from tests.steps.letters import CASE

ROOT = Path(__file__).parents[2]
LETTER = "templates/colis_non_recu/bloque.txt.j2"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name in ("rules", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("exemples"))
    change(tmp_path / "rules/entreprise.toml", 'adresse = "vous"', 'adresse = "tu"')
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def rulebook(shop: Path) -> Rulebook:
    return load(shop / "rules", shop / "templates")


def test_the_shipped_letters_can_all_be_said_with_tu(shop: Path) -> None:
    book = rulebook(shop)
    line = Line.build(book, None)
    case = replace(CASE, merchant=book.merchant)
    assert "Nous comprenons ton inquiétude" in line.composer.compose("colis_non_recu/bloque", case).text


def test_a_word_that_has_no_tu_is_told_with_its_line(shop: Path) -> None:
    change(shop / LETTER, "Nous comprenons votre inquiétude.", "Vous zigzaguez.")
    with pytest.raises(RuleError) as caught:
        rulebook(shop)
    assert f"{LETTER}, ligne 6 : « " in str(caught.value) and "Vous zigzaguez" in str(caught.value)
    change(shop / "rules/entreprise.toml", 'adresse = "tu"', 'adresse = "vous"')
    rulebook(shop)


def test_the_notice_of_a_machine_says_neither(shop: Path) -> None:
    change(
        shop / "rules/entreprise.toml", "Une personne prend le relais", "Écrivez-nous : une personne vient"
    )
    with pytest.raises(RuleError, match="mention_ia : « Écrivez »"):
        rulebook(shop)


def test_without_the_lexicon_nobody_is_spoken_to_with_tu(shop: Path) -> None:
    (shop / "rules/tutoiement.toml").unlink()
    with pytest.raises(RuleError, match=r"tutoiement\.toml : fichier introuvable"):
        rulebook(shop)
    change(shop / "rules/entreprise.toml", 'adresse = "tu"', 'adresse = "vous"')
    rulebook(shop)

"""`orders import`: what was taken otherwise than written is said, with the line to look at."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Said

Run = Callable[..., Said]

README = Path(__file__).parents[2] / "README.md"
HEADER = "order_id;channel;placed_at;total\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "commandes.csv"
    rows = ("A;site;2026-03-14;10", "B;Amazon;2026-03-14;10", "C;Troc du coin;2026-03-14;10")
    path.write_text(HEADER + "\n".join(rows) + "\nD;Amazon;2026-03-14;10\nE;site;demain\n", "utf-8")
    return path


def test_an_unknown_channel_is_named_with_count_first_line_and_the_nearest_known_one(
    config: Path, file: Path, mailbot: Run
) -> None:
    said = mailbot("orders", "import", file, "-c", config)
    assert said.code == 0
    assert (
        "canal inconnu « Amazon » (2 lignes, la première : 3) : importé comme « autre ». "
        "Vouliez-vous dire « amazon_fr » ?" in said.words
    )
    assert (
        "canal inconnu « Troc du coin » (1 ligne, la première : 4) : importé comme « autre »." in said.words
    )
    assert said.words.count("Vouliez-vous dire") == 1


def test_a_row_with_too_few_cells_is_said_to_be_shifted(config: Path, file: Path, mailbot: Run) -> None:
    said = mailbot("orders", "import", file, "-c", config)
    assert "ligne 6 ignorée : placed_at : date « demain » incorrecte" in said.words
    assert "(3 cellules pour 4 colonnes : ligne décalée ?)" in said.words


def test_scripts_get_count_and_line(config: Path, file: Path, mailbot: Run) -> None:
    said = mailbot("orders", "import", file, "-c", config, "--json")
    assert '"unknown_channels": {"Amazon": 2, "Troc du coin": 1}' in said.out
    assert '"unknown_channel_lines": {"Amazon": 3, "Troc du coin": 4}' in said.out


def test_the_example_of_the_readme_imports_as_it_stands(config: Path, tmp_path: Path, mailbot: Run) -> None:
    example = README.read_text("utf-8").partition("```csv\n")[2].partition("```")[0]
    path = tmp_path / "exemple.csv"
    path.write_text(example, "utf-8")
    said = mailbot("orders", "import", path, "-c", config)
    assert (said.code, said.words) == (0, "1 commande importée, 0 mise à jour.")

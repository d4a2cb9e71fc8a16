"""`mailbot rules`: fit for use, and complete?"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.config import defaults_dir
from tests.commands.conftest import Said

Run = Callable[..., Said]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules."""
    return Path(shutil.copytree(defaults_dir() / "rules", tmp_path / "rules"))


@pytest.fixture
def where(rules: Path) -> tuple[object, ...]:
    """The options that name the copy."""
    return "--rules", rules, "--templates", defaults_dir() / "templates"


def test_every_row_of_the_decision_table_is_shown_with_what_covers_it(mailbot: Run) -> None:
    said = mailbot("rules", "coverage")
    assert said.code == 0
    assert said.words.endswith("76/76 lignes couvertes.")
    assert "colis_non_recu/delai_depasse" in said.words


def test_coverage_for_scripts_is_one_row_a_line(mailbot: Run) -> None:
    rows = [json.loads(line) for line in mailbot("rules", "coverage", "--json").out.splitlines()]
    assert len(rows) == 76
    assert all(row["title"] and row["covered_by"] for row in rows)
    assert rows[9] == {
        "row": "NR10",
        "title": "Délai de livraison dépassé : réexpédier ou rembourser, au choix du client",
        "covered_by": ["colis_non_recu/delai_depasse"],
        "examples": 3,
        "mails": 4,
        "cases": None,
    }


def test_a_row_without_rule_is_named_and_fails(mailbot: Run, rules: Path, where: tuple[object, ...]) -> None:
    with (rules / "lignes.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[ligne]]\nid = "NR99"\ntitre = "Colis tombé de la Lune"\n')
    said = mailbot("rules", "coverage", *where)
    assert said.code == 1
    assert said.words.endswith("76/77 lignes couvertes. Il manque : NR99.")
    assert json.loads(mailbot("rules", "coverage", "--json", *where).out.splitlines()[-1])["covered_by"] == []


def test_good_rules_pass_and_their_folders_are_named(
    mailbot: Run, rules: Path, where: tuple[object, ...]
) -> None:
    said = mailbot("rules", "check", *where)
    assert said.code == 0
    assert f"Règles : {rules}" in said.out
    assert "situations" in said.out


def test_every_problem_is_printed_on_a_line_of_its_own(
    mailbot: Run, rules: Path, where: tuple[object, ...]
) -> None:
    situation = rules / "situations" / "colis_non_recu" / "bloque.toml"
    situation.write_text(situation.read_text("utf-8").replace('"NR09"', '"NR0X"'), "utf-8")
    other = rules / "situations" / "colis_non_recu" / "perdu.toml"
    other.write_text(other.read_text("utf-8").replace('"colis_non_recu"', '"colis_non_rcu"'), "utf-8")
    said = mailbot("rules", "check", *where)
    assert said.code == 1
    assert "« NR0X » n'est pas dans lignes.toml : vouliez-vous dire" in said.out
    assert "mot inconnu « colis_non_rcu » : vouliez-vous dire « colis_non_recu » ?" in said.out
    told = json.loads(mailbot("rules", "check", "--json", *where).out)
    assert not told["ok"]
    assert len(told["problems"]) == said.out.count("✗") >= 2


def test_files_of_several_kinds_are_all_told_at_once(
    mailbot: Run, rules: Path, where: tuple[object, ...]
) -> None:
    (rules / "entreprise.toml").write_text("nom = ", "utf-8")
    (rules / "reperes.toml").unlink()
    said = mailbot("rules", "check", *where)
    assert said.code == 1
    assert "entreprise.toml" in said.out
    assert "reperes.toml : fichier introuvable" in said.out


def test_a_broken_example_is_a_problem_too(mailbot: Run, rules: Path, where: tuple[object, ...]) -> None:
    file = sorted((rules / "exemples").glob("*.jsonl"))[0]
    file.write_text(file.read_text("utf-8") + "{\n", "utf-8")
    said = mailbot("rules", "check", *where)
    assert said.code == 1
    assert file.name in said.out


def test_the_rules_of_the_configuration_are_checked(mailbot: Run, config: Path, rules: Path) -> None:
    config.write_text('rules_dir = "rules"\n' + config.read_text("utf-8"), "utf-8")
    assert f"Règles : {rules}" in mailbot("rules", "check", "--config", config).out


def test_coverage_counts_examples_and_sample_mails(mailbot: Run) -> None:
    rows = [json.loads(line) for line in mailbot("rules", "coverage", "--json").out.splitlines()]
    assert all(row["mails"] > 0 for row in rows)
    assert all(row["examples"] > 0 for row in rows if row["covered_by"] != ["garde_fous.toml"])
    assert {row["cases"] for row in rows} == {None}, "without configuration no database is asked"


def test_a_situation_is_told_in_words(mailbot: Run) -> None:
    said = mailbot("rules", "show", "colis_non_recu/retard_en_transit")
    assert said.code == 0
    assert "delai_livraison_depasse : oui" in said.words
    assert "Ne dit jamais" in said.words and "┃" not in said.out, "no empty line of headings"


def test_an_unknown_situation_is_wrong_usage_and_the_nearest_is_named(mailbot: Run) -> None:
    said = mailbot("rules", "show", "colis_non_recu/perdi")
    assert said.code == 2
    assert "vouliez-vous dire « colis_non_recu/perdu » ?" in said.err
    far = mailbot("rules", "show", "xyz")
    assert "« xyz » n'existe pas : « mailbot rules list » les montre toutes" in far.err and len(far.err) < 200


def test_situations_are_listed_in_the_order_they_are_tried(mailbot: Run) -> None:
    rows = [json.loads(line) for line in mailbot("rules", "list", "litige", "--json").out.splitlines()]
    assert [row["stage"] for row in rows] == sorted(
        (row["stage"] for row in rows), key=["avis", "juridique", "donnees", "reclamation"].index
    )


def test_a_broken_example_makes_the_test_fail_and_is_named(
    mailbot: Run, rules: Path, where: tuple[object, ...]
) -> None:
    path = rules / "situations" / "colis_non_recu" / "perdu.toml"
    text = path.read_text("utf-8").replace(
        'faits = { livree = false, suivi = "perdu" }', "faits = { livree = true }"
    )
    path.write_text(text, "utf-8")
    said = mailbot("rules", "test", "--no-mails", *where)
    assert said.code == 1
    assert "situations/colis_non_recu/perdu.toml : exemple 1" in said.words
    assert mailbot("rules", "test", "--no-mails").code == 0

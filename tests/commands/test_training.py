"""`mailbot train` and `mailbot tickets correct` as people type them, on a small set of examples."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.edges import examples_file
from mailbot.edges.store import Store, learning
from mailbot.edges.store.learning import Correction
from mailbot.ruleset.intents import Example
from tests.commands.conftest import Said
from tests.edges.store.samples import NOW
from tests.steps.scenes import ROOT

FILES = ("boutique_perrin", "generaliste", "messageries", "mode_et_sport")
CORRECTION = Correction(
    case_id=12,
    at=NOW,
    actor="Léa",
    intents_before=("question",),
    intents=("produit_manquant",),
    remedy_before=None,
    remedy="envoi_manquant",
    order_before=None,
    order_id=None,
    customer_name="Jeanne Morel",
    subject="Le zinzin",
    text="Bonjour, le zinzin du trucmuche était absent. Jeanne Morel, jeanne@mail.example",
)


@pytest.fixture
def rules(tmp_path: Path, config: Path) -> Path:
    """The shop's own rules, with few examples, so that learning takes a second."""
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder, ignore=shutil.ignore_patterns("exemples"))
    (folder / "exemples").mkdir()
    for name in FILES:
        lines = (ROOT / "rules" / "exemples" / f"{name}.jsonl").read_text("utf-8").splitlines()
        (folder / "exemples" / f"{name}.jsonl").write_text("\n".join(lines[:90]) + "\n", "utf-8")
    config.write_text('rules_dir = "rules"\n' + config.read_text("utf-8"), "utf-8")
    return folder


def keep(store: Store, *corrections: Correction) -> None:
    with store.write() as conn:
        for one in corrections:
            learning.record(conn, one)


def test_the_report_gives_figures_for_each_intent_and_what_is_confused(
    mailbot: Callable[..., Said], config: Path, rules: Path
) -> None:
    said = mailbot("train", "--report", "--json", "-c", config)
    report = json.loads(said.out)
    assert said.code == 0 and report["groups"]["tous les textes"]["texts"] == 360
    assert {"intent", "precision", "recall", "calibration_error"} <= report["intents"][0].keys()
    assert {"intent", "taken_for", "texts"} == report["confusions"][0].keys()
    assert "Ce qui est confondu" in mailbot("train", "--report", "-c", config).out


def test_without_corrections_there_is_nothing_to_learn(
    mailbot: Callable[..., Said], config: Path, rules: Path, store: Store
) -> None:
    said = mailbot("train", "--oui", "-c", config)
    assert said.code == 0 and "rien à faire" in said.words
    assert not (rules / "exemples" / "corrections.jsonl").exists()


def test_corrections_become_readable_examples_without_names_and_are_used_once(
    mailbot: Callable[..., Said], config: Path, rules: Path, store: Store
) -> None:
    keep(
        store,
        CORRECTION,
        replace(CORRECTION, case_id=13, text="Il manque le bidule.", at=NOW + timedelta(days=1)),
    )
    said = mailbot("train", "--oui", "-c", config)
    assert (
        said.code == 0 and "2 correction(s) écrite(s)" in said.words and "Intention par intention" in said.out
    )
    lines = (rules / "exemples" / "corrections.jsonl").read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    assert (first["id"], first["intents"], first["remedy"]) == (
        "correction-12",
        ["produit_manquant"],
        "envoi_manquant",
    )
    assert "zinzin" in first["text"] and "Morel" not in first["text"] and "@" not in first["text"]
    assert learning.list_corrections(store, unused=True) == []
    assert "rien à faire" in mailbot("train", "--oui", "-c", config).words


def test_who_declines_changes_nothing(
    mailbot: Callable[..., Said], config: Path, rules: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, CORRECTION)
    monkeypatch.setattr("typer.confirm", lambda *_words, **_default: False)
    assert "Rien n'est changé" in mailbot("train", "-c", config).words
    assert not (rules / "exemples" / "corrections.jsonl").exists()
    assert len(learning.list_corrections(store, unused=True)) == 1


def test_the_shipped_rules_are_never_written_to(mailbot: Callable[..., Said], config: Path) -> None:
    said = mailbot("train", "--oui", "-c", config)
    assert said.code == 2 and "rules_dir" in said.words


def test_a_later_correction_takes_the_line_of_the_earlier_one_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "exemples").mkdir()
    one = Example(id="correction-1", subject="", text="a", intents=("facture",))
    two = Example(id="correction-2", subject="", text="b", intents=("question",))
    path = examples_file.add(tmp_path, [one, two])
    path.write_text(path.read_text("utf-8").replace('"b"', '"relu par un humain"'), "utf-8")
    examples_file.add(tmp_path, [one.model_copy(update={"intents": ("litige",)})])
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [(line["id"], line["text"], line["intents"]) for line in lines] == [
        ("correction-1", "a", ["litige"]),
        ("correction-2", "relu par un humain", ["question"]),
    ]


def test_correcting_a_ticket_that_does_not_exist_is_told_in_french(
    mailbot: Callable[..., Said], config: Path, rules: Path, store: Store
) -> None:
    said = mailbot("tickets", "correct", 99, "--intention", "facture", "-c", config)
    assert said.code == 1 and "le ticket 99 n'existe pas" in said.words

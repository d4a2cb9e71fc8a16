"""`mailbot templates` as a lead types it."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import typer

from mailbot.commands.since import since_when
from mailbot.config import defaults_dir
from mailbot.edges.store import Store, replies
from tests.commands.conftest import Said
from tests.edges.store.samples import MINUTE, NOW, draft

Run = Callable[..., Said]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return Path(shutil.copytree(defaults_dir() / "templates", tmp_path / "templates"))


def test_the_shipped_letters_have_no_fault(mailbot: Run) -> None:
    said = mailbot("templates", "check")
    assert said.code == 0 and "sans défaut" in said.out


def test_a_letter_with_a_fault_is_named_and_fails(mailbot: Run, templates: Path) -> None:
    letter = templates / "colis_non_recu" / "bloque.txt.j2"
    letter.write_text(
        letter.read_text("utf-8").replace("votre inquiétude", "votre  inquiétude sous peu"), "utf-8"
    )
    said = mailbot("templates", "check", "--templates", templates)
    assert said.code == 1
    assert "✗ colis_non_recu/bloque : À ne pas écrire : « sous peu »" in said.out


def test_every_template_is_listed_with_its_title_and_what_became_of_its_replies(
    mailbot: Run, config: Path, store: Store
) -> None:
    said = mailbot("templates", "list", "-c", config)
    assert said.code == 0 and "colis_non_recu/bloque" in said.out and "non publié" in said.out
    rows = {
        row["stem"]: row for row in map(json.loads, mailbot("templates", "list", "--json").out.splitlines())
    }
    assert rows["colis_non_recu/bloque"]["ready"] and rows["colis_non_recu/bloque"]["scores"] == []


def test_a_letter_is_shown_on_the_examples_of_its_situation(mailbot: Run) -> None:
    letters = [
        json.loads(line)
        for line in mailbot("templates", "preview", "colis_non_recu/bloque", "--json").out.splitlines()
    ]
    assert [one["example"] for one in letters] == list(range(1, len(letters) + 1))
    assert all("n'avance plus" in one["text"] and one["missing"] == [] for one in letters)
    shown = mailbot("templates", "preview", "colis_non_recu/bloque").words
    assert "Exemple 1 : expediee = oui, livree = non" in shown and "True" not in shown


def test_an_unknown_letter_is_refused_with_the_nearest_name(mailbot: Run) -> None:
    said = mailbot("templates", "preview", "colis_non_recu/bloqué")
    assert said.code == 1 and "vouliez-vous dire « colis_non_recu/bloque »" in said.err


def test_the_shipped_rules_get_no_new_situation(mailbot: Run) -> None:
    said = mailbot("templates", "new", "colis_non_recu/neige")
    assert said.code == 1 and "mailbot init" in said.err


def test_scores_say_what_people_changed(mailbot: Run, config: Path, store: Store) -> None:
    number = draft(store).id
    text = "Bonjour, votre colis est en route. Merci."
    replies.edit(store, number, "léa", text=text, subject="Re", now=NOW, missing=(), blocked=())
    (score,) = map(
        json.loads, mailbot("templates", "scores", "--json", "-c", config, at=NOW + MINUTE).out.splitlines()
    )
    assert (score["template"], score["version"], score["drafts"], score["edited"]) == (
        "colis_non_recu/en_route", None, 1, 0,
    )  # fmt: skip
    assert "non publiée" in mailbot("templates", "scores", "-c", config, at=NOW + MINUTE).words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30j", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("2s", timedelta(weeks=2)),
        ("7d", timedelta(days=7)),
    ],
)
def test_a_stretch_of_the_past_is_read(text: str, expected: timedelta) -> None:
    assert NOW - since_when(text, NOW) == expected


@pytest.mark.parametrize("text", ["trente jours", "", "j", "-3j", "999999999999j"])
def test_what_is_no_stretch_of_time_is_refused_in_french(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="--since"):
        since_when(text, NOW)

"""`mailbot publish`, `versions`, `rollback` as a lead types them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.config import defaults_dir
from mailbot.edges.store import Store
from tests.commands.conftest import Said

Run = Callable[..., Said]


@pytest.fixture
def base(config: Path) -> Path:
    """The shop's own rules in the configuration; the frame of its letters."""
    for name in ("rules", "templates"):
        shutil.copytree(defaults_dir() / name, config.parent / name)
    own = 'rules_dir = "rules"\ntemplates_dir = "templates"\n'
    config.write_text(own + config.read_text("utf-8"), "utf-8")
    return config.parent / "templates" / "_base.txt.j2"


def test_a_change_is_published_compared_and_taken_back(
    mailbot: Run, config: Path, store: Store, base: Path
) -> None:
    assert "Version 1 publiée" in mailbot("publish", "--note", "départ", "--auteur", "Léa", "-c", config).out
    old = base.read_text("utf-8")
    base.write_text(old.replace("Bien cordialement", "Cordialement"), "utf-8")
    assert "changements non publiés" in mailbot("versions", "list", "-c", config).out
    told = mailbot("versions", "diff", "-c", config).out
    assert "-{% block salutation %}Bien cordialement,{% endblock %}" in told
    assert "+{% block salutation %}Cordialement,{% endblock %}" in told
    assert "Version 2 publiée" in mailbot("publish", "--note", "plus court", "-c", config).out
    assert "plus court" in mailbot("versions", "show", 2, "-c", config).out
    assert "Version 1 remise en place" in mailbot("rollback", 1, "-c", config).out
    assert base.read_text("utf-8") == old
    rows = [json.loads(line) for line in mailbot("versions", "list", "--json", "-c", config).out.splitlines()]
    assert [(row["version"], row["in_place"]) for row in rows] == [(2, False), (1, True)]
    assert rows[1]["author"] == "Léa"


def test_publishing_the_same_files_again_says_which_version_they_are(
    mailbot: Run, config: Path, store: Store, base: Path
) -> None:
    mailbot("publish", "--note", "départ", "-c", config)
    assert "déjà la version 1" in mailbot("publish", "--note", "encore", "-c", config).out


def test_rules_in_doubt_are_not_published_and_the_reason_is_named(
    mailbot: Run, config: Path, store: Store, base: Path
) -> None:
    base.write_text(base.read_text("utf-8").replace("client.nom", "client.nm"), "utf-8")
    said = mailbot("publish", "--note", "essai", "-c", config)
    assert said.code == 1
    assert "« client » n'a pas de « nm » : vouliez-vous dire « nom »" in said.err
    assert "Aucune version publiée" in mailbot("versions", "list", "-c", config).out


def test_nothing_to_compare_is_said_in_french(mailbot: Run, config: Path, store: Store) -> None:
    said = mailbot("versions", "diff", "-c", config)
    assert said.code == 1 and "aucune version n'est publiée" in said.err

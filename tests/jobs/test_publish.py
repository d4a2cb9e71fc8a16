"""Publishing and going back, on the shipped rules and a real database."""

import shutil
from pathlib import Path

import pytest

from mailbot import rulebook
from mailbot.edges import rule_folders
from mailbot.edges.rule_folders import RuleFolders
from mailbot.edges.store import Store, versions
from mailbot.edges.store.conflicts import Impossible
from mailbot.errors import RuleError
from mailbot.jobs import publish
from tests.edges.store.samples import NOW
from tests.steps.scenes import ROOT


@pytest.fixture
def folders(tmp_path: Path) -> RuleFolders:
    """A shop's own copy of rules and templates."""
    for name in ("rules", "templates"):
        shutil.copytree(ROOT / name, tmp_path / "boutique" / name)
    home = tmp_path / "boutique"
    return RuleFolders(rules=home / "rules", templates=home / "templates", own=True)


def change_letter(folders: RuleFolders, old: str = "Bien cordialement", new: str = "Cordialement") -> Path:
    base = folders.templates / "_base.txt.j2"
    base.write_text(base.read_text("utf-8").replace(old, new), "utf-8")
    return base


def do(store: Store, folders: RuleFolders, note: str = "essai") -> publish.Published:
    return publish.publish(store, folders, author="Léa", note=note, now=NOW)


def test_the_version_holds_the_digest_that_cases_are_stored_with(store: Store, folders: RuleFolders) -> None:
    done = do(store, folders)
    assert done.new and done.version.digest == rulebook.load(folders.rules, folders.templates).digest
    here = publish.in_place(store, folders)
    assert here.version is not None and here.version.number == 1


def test_changes_that_are_not_published_are_known_as_such(store: Store, folders: RuleFolders) -> None:
    do(store, folders)
    change_letter(folders)
    assert publish.in_place(store, folders).version is None
    (change,) = publish.version_changes(store, 1, None, folders)
    assert change.name == "templates/_base.txt.j2"
    assert "Bien cordialement" in (change.before or "") and "Bien cordialement" not in (change.after or "")


def test_rules_that_do_not_load_are_not_published(store: Store, folders: RuleFolders) -> None:
    change_letter(folders, "client.nom", "client.nm")
    with pytest.raises(RuleError, match="vouliez-vous dire « nom »"):
        do(store, folders)
    assert versions.list_versions(store) == []


def test_a_version_without_note_is_refused(store: Store, folders: RuleFolders) -> None:
    with pytest.raises(Impossible, match="demande une note"):
        do(store, folders, "  ")


def test_going_back_keeps_the_present_files_as_a_version_first(store: Store, folders: RuleFolders) -> None:
    do(store, folders)
    first = rule_folders.read(folders)
    change_letter(folders)
    changed = rule_folders.read(folders)
    done = publish.rollback(store, folders, 1, author="Léa", now=NOW)
    assert rule_folders.read(folders) == first
    assert (done.kept.number, done.kept_now) == (2, True)
    assert versions.contents(store, versions.get(store, 2)) == changed
    again = publish.rollback(store, folders, 2, author="Léa", now=NOW)
    assert rule_folders.read(folders) == changed
    assert (again.kept.number, again.kept_now) == (1, False)
    assert [one.name for one in publish.own_changes(store, 2)] == ["templates/_base.txt.j2"]


def test_rules_that_no_longer_load_are_kept_too_when_going_back(store: Store, folders: RuleFolders) -> None:
    do(store, folders)
    base = change_letter(folders, "client.nom", "client.nm")
    broken = base.read_bytes()
    publish.rollback(store, folders, 1, author="Léa", now=NOW)
    rulebook.load(folders.rules, folders.templates)
    assert versions.contents(store, versions.get(store, 2))["templates/_base.txt.j2"] == broken


def test_a_version_this_program_cannot_use_is_not_put_in_place(store: Store, folders: RuleFolders) -> None:
    do(store, folders)
    files = {**rule_folders.read(folders), "rules/entreprise.toml": b'nom = "X"\nvieux = 1\n'}
    versions.publish(store, "ancienne", files, author="Léa", note="ancienne", now=NOW)
    before = rule_folders.read(folders)
    with pytest.raises(RuleError, match="la version 2 ne convient plus à ce programme"):
        publish.rollback(store, folders, 2, author="Léa", now=NOW)
    assert rule_folders.read(folders) == before
    assert len(versions.list_versions(store)) == 2


def test_the_rules_that_came_with_the_program_are_never_overwritten(
    store: Store, folders: RuleFolders
) -> None:
    do(store, folders)
    shipped = RuleFolders(rules=folders.rules, templates=folders.templates, own=False)
    with pytest.raises(Impossible, match="mailbot init"):
        publish.rollback(store, shipped, 1, author="Léa", now=NOW)

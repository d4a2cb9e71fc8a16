"""The note of what was shipped, and an update that somebody is faster than."""

from pathlib import Path

import pytest

from mailbot.edges.rule_folders import RuleFolders
from mailbot.edges.store import Store, versions
from mailbot.errors import RuleError
from mailbot.jobs import rule_update, shipped_note
from mailbot.steps.rule_update import content_digest
from tests.edges.store.samples import NOW

CARRIER = "rules/transporteurs/gls.toml"


@pytest.fixture
def folders(tmp_path: Path) -> RuleFolders:
    """A fresh copy, with its note."""
    shipped_note.lay_out(tmp_path)
    return RuleFolders(rules=tmp_path / "rules", templates=tmp_path / "templates", own=True)


def test_the_note_of_the_same_files_is_the_same_bytes(tmp_path: Path, folders: RuleFolders) -> None:
    first = (tmp_path / shipped_note.MANIFEST).read_bytes()
    shipped_note.write(folders.rules)
    assert (tmp_path / shipped_note.MANIFEST).read_bytes() == first
    noted = shipped_note.of({shipped_note.MANIFEST: first})
    assert noted is not None and shipped_note.text(dict(reversed(noted.items()))) == first
    assert noted[CARRIER] == content_digest((folders.rules / "transporteurs/gls.toml").read_bytes())
    assert "templates/LISEZMOI.md" in noted and shipped_note.MANIFEST not in noted


def test_rules_that_were_there_before_get_no_note(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    assert shipped_note.lay_out(tmp_path) == ("templates",)
    assert not (tmp_path / shipped_note.MANIFEST).exists()


def test_a_file_saved_while_the_update_is_checked_is_not_lost(
    tmp_path: Path, store: Store, folders: RuleFolders
) -> None:
    base = shipped_note.of(shipped_note.read(folders)) or {}
    carrier = folders.rules / "transporteurs/gls.toml"
    carrier.write_bytes(b"# avant\n" + carrier.read_bytes())
    note = shipped_note.text({**base, CARRIER: content_digest(carrier.read_bytes())})
    (tmp_path / shipped_note.MANIFEST).write_bytes(note)
    found = rule_update.look(folders)
    assert found.plan.taken == (CARRIER,)
    carrier.write_bytes(b"# par une collegue\n")
    with pytest.raises(RuleError, match="ont changé pendant la vérification"):
        rule_update.put_in_place(store, folders, found, "0" * 64, author="Léa", now=NOW)
    assert carrier.read_bytes() == b"# par une collegue\n"
    assert versions.list_versions(store) == []

"""Folders of rules and templates: put back whole, or left as they were."""

import errno
import os
from pathlib import Path

import pytest

from mailbot.edges import rule_folders
from mailbot.edges.rule_folders import RuleFolders
from mailbot.errors import RuleError

BEFORE = {"rules/a.toml": b"a = 1\n", "rules/old/b.toml": b"b = 1\n", "templates/x.txt.j2": b"X\n"}
AFTER = {"rules/a.toml": b"a = 2\n", "rules/new/c.toml": b"c = 1\n", "templates/x.txt.j2": b"X\n"}


@pytest.fixture
def folders(tmp_path: Path) -> RuleFolders:
    """Two folders with BEFORE, a note and an editor's file that no version knows."""
    laid = rule_folders.lay_out(BEFORE, tmp_path)
    (laid.rules / "LISEZMOI.md").write_text("note", "utf-8")
    (laid.rules / ".a.toml.swp").write_bytes(b"swap")
    return laid


def test_what_is_read_is_what_a_rulebook_reads(folders: RuleFolders) -> None:
    assert rule_folders.read(folders) == BEFORE


def test_the_folders_hold_exactly_the_files_put_back_and_what_else_lay_there(folders: RuleFolders) -> None:
    rule_folders.replace(folders, AFTER)
    assert rule_folders.read(folders) == AFTER
    assert (folders.rules / "LISEZMOI.md").read_text("utf-8") == "note"
    assert (folders.rules / ".a.toml.swp").exists()
    assert sorted(path.name for path in folders.rules.parent.iterdir()) == ["rules", "templates"]


def test_a_folder_that_cannot_be_exchanged_is_changed_file_by_file(
    folders: RuleFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(fresh: Path, folder: Path) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(folder))

    monkeypatch.setattr(rule_folders, "_exchange", busy)
    rule_folders.replace(folders, AFTER)
    assert rule_folders.read(folders) == AFTER


def test_when_the_disk_is_full_nothing_has_changed(
    folders: RuleFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = rule_folders._exchange, []

    def second_fails(fresh: Path, folder: Path) -> None:
        calls.append(folder)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        real(fresh, folder)

    monkeypatch.setattr(rule_folders, "_exchange", second_fails)
    with pytest.raises(RuleError, match=r"le disque est plein\). Rien n'a été changé"):
        rule_folders.replace(folders, AFTER)
    assert rule_folders.read(folders) == BEFORE

"""Files with customers' words: private whatever stood there before, and never half written."""

import os
from pathlib import Path

import pytest

from mailbot.commands import private
from mailbot.errors import MailbotError


def test_a_file_is_for_its_owner_only_also_when_it_was_there_before(tmp_path: Path) -> None:
    path = tmp_path / "dossier.zip"
    path.write_bytes(b"avant")
    path.chmod(0o644)
    private.write(path, b"maintenant")
    assert path.read_bytes() == b"maintenant"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_and_what_it_pointed_at_is_left_alone(tmp_path: Path) -> None:
    victim = tmp_path / "autre"
    victim.write_text("à garder", "utf-8")
    link = tmp_path / "dossier.zip"
    link.symlink_to(victim)
    private.write(link, b"neuf")
    assert victim.read_text("utf-8") == "à garder"
    assert not link.is_symlink()


def test_a_place_that_cannot_be_written_is_told_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(MailbotError, match=r"absent/x\.zip : écriture impossible \(le fichier ou le dossier"):
        private.write(tmp_path / "absent" / "x.zip", b"")
    (tmp_path / "dossier").mkdir()
    with pytest.raises(MailbotError, match="c'est un dossier"):
        private.write(tmp_path / "dossier", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["dossier"]


def test_a_device_or_a_pipe_is_neither_replaced_nor_written_to(tmp_path: Path) -> None:
    pipe, link = tmp_path / "tuyau", tmp_path / "vers-le-tuyau"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link, Path("/dev/stdout"), Path("/dev/null"), Path("/proc/self/fd/1")):
        before = path.lstat().st_mode
        with pytest.raises(MailbotError, match="pas un fichier ordinaire"):
            private.write(path, b"x")
        assert path.lstat().st_mode == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tuyau", "vers-le-tuyau"]

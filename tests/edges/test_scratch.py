"""The file learning works in: beside the model, without a name, and a full disk is told in French."""

import errno
from pathlib import Path

import pytest

from mailbot.edges.scratch import scratch
from mailbot.errors import RuleError


def test_what_is_written_can_be_read_again_and_leaves_nothing(tmp_path: Path) -> None:
    with scratch(tmp_path / "modele") as file:
        file.write(b"abc")
        file.seek(0)
        assert file.read() == b"abc"
        assert list((tmp_path / "modele").iterdir()) == []


def test_where_the_folder_cannot_be_written_to_another_place_serves(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("ceci n'est pas un dossier")
    with scratch(tmp_path / "fichier") as file:
        assert file.write(b"abc") == 3


def test_a_full_disk_is_told_with_the_folder_and_the_room_that_is_needed(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"200 Mo.*le disque est plein") as raised, scratch(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(tmp_path) in str(raised.value)

"""A file is replaced whole, or the earlier one stays and nothing is left beside it."""

import stat
from pathlib import Path

import pytest

from mailbot.edges import whole_file


def test_a_file_is_replaced_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "jeton.json"
    path.write_bytes(b"avant")
    path.chmod(0o644)
    whole_file.write(path, b"apres")
    assert path.read_bytes() == b"apres"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    aim, link = tmp_path / "ailleurs", tmp_path / "lien"
    aim.write_bytes(b"intact")
    link.symlink_to(aim)
    whole_file.write(link, b"ici")
    assert not link.is_symlink() and (aim.read_bytes(), link.read_bytes()) == (b"intact", b"ici")


def test_the_earlier_file_stays_when_the_new_one_cannot_be_made_ready(tmp_path: Path) -> None:
    path = tmp_path / "jeton.json"
    path.write_bytes(b"avant")

    def refuse(_new: Path) -> None:
        raise PermissionError(1, "non")

    with pytest.raises(PermissionError):
        whole_file.write(path, b"apres", refuse)
    assert path.read_bytes() == b"avant" and list(tmp_path.iterdir()) == [path]

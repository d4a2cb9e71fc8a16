"""Files to enclose come from one folder and from nowhere else."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.edges import enclosures
from mailbot.errors import NeedsHuman
from mailbot.model import Enclosure
from mailbot.ruleset.enclosures import Folder, is_safe


def enclosure(name: str = "F-1.pdf") -> Enclosure:
    return Enclosure(kind="facture", title="facture", name=name, content_type="application/pdf")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    pieces = tmp_path / "pieces"
    pieces.mkdir()
    (pieces / "F-1.pdf").write_bytes(b"%PDF-1 facture")
    (tmp_path / "secret.pdf").write_bytes(b"%PDF-1 secret")
    return Folder(path=pieces, max_bytes=1000)


def test_a_file_that_is_there_is_sealed_with_its_hash_and_read_back(folder: Folder) -> None:
    assert enclosures.sizes(folder, ["F-1.pdf", "F-2.pdf"]) == {"F-1.pdf": 14}
    sealed = enclosures.sealed(folder, enclosure())
    assert sealed.size == 14 and len(sealed.digest) == 64
    assert enclosures.content(folder, sealed) == b"%PDF-1 facture"


def test_a_file_that_was_changed_since_does_not_leave(folder: Folder) -> None:
    sealed = enclosures.sealed(folder, enclosure())
    (folder.path / "F-1.pdf").write_bytes(b"%PDF-1 autre")
    with pytest.raises(NeedsHuman, match="a changé depuis la préparation"):
        enclosures.content(folder, sealed)


def test_a_file_that_went_is_without_size(folder: Folder) -> None:
    (folder.path / "F-1.pdf").unlink()
    assert enclosures.sealed(folder, enclosure()).size == 0
    with pytest.raises(NeedsHuman, match="n'existe pas"):
        enclosures.content(folder, enclosure())


@pytest.mark.parametrize(
    "name",
    [
        "../secret.pdf",
        "/etc/passwd",
        "sous/F-1.pdf",
        "..",
        ".F-1.pdf",
        "F-1.exe",
        "F\x00.pdf",
        "",
        "a/../F-1.pdf",
    ],
)
def test_no_name_leads_out_of_the_folder(folder: Folder, name: str) -> None:
    assert not is_safe(name)
    assert enclosures.sizes(folder, [name]) == {}
    with pytest.raises(NeedsHuman, match="n'est pas permis"):
        enclosures.content(folder, enclosure(name))


def test_a_name_ends_where_it_seems_to() -> None:
    assert is_safe("F-1.pdf") and not is_safe("F-1.pdf\n")


@given(st.text(max_size=40))
def test_a_name_that_passes_is_one_plain_component(name: str) -> None:
    if is_safe(name):
        assert Path(name).name == name and not name.startswith(".") and "\x00" not in name


def test_links_pipes_folders_empty_and_large_files_are_none(folder: Folder, tmp_path: Path) -> None:
    (folder.path / "lien.pdf").symlink_to(tmp_path / "secret.pdf")
    os.mkfifo(folder.path / "tube.pdf")
    (folder.path / "dossier.pdf").mkdir()
    (folder.path / "vide.pdf").write_bytes(b"")
    (folder.path / "gros.pdf").write_bytes(b"x" * 1001)
    assert enclosures.sizes(folder, sorted(path.name for path in folder.path.iterdir())) == {"F-1.pdf": 14}


def test_without_the_folder_nothing_is_read() -> None:
    with pytest.raises(NeedsHuman, match="n'est plus dans la configuration"):
        enclosures.content(None, enclosure())

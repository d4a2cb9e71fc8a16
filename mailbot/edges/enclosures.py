"""Files that go along with letters, read from one folder and from nowhere else."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from mailbot.errors import NeedsHuman, words
from mailbot.model import Enclosure
from mailbot.ruleset.enclosures import Folder, is_safe


def sizes(folder: Folder, names: Iterable[str]) -> dict[str, int]:
    """Name → size of those that are there, are plain files, and are not too large."""
    found = {}
    for name in names:
        try:
            with _opened(folder, name) as (_file, size):
                found[name] = size
        except NeedsHuman:
            continue
    return found


def sealed(folder: Folder, enclosure: Enclosure) -> Enclosure:
    """The same with the SHA-256 of what lies there now; without size when it is gone meanwhile."""
    try:
        data = _read(folder, enclosure.name)
    except NeedsHuman:
        return replace(enclosure, size=0, digest="")
    return replace(enclosure, size=len(data), digest=hashlib.sha256(data).hexdigest())


def content(folder: Folder | None, enclosure: Enclosure) -> bytes:
    """The file, exactly as it was when the letter was written. Raises NeedsHuman (French)."""
    if folder is None:
        raise NeedsHuman(
            f"pièce jointe « {enclosure.name} » : le dossier des pièces jointes n'est plus dans la configuration."
        )
    data = _read(folder, enclosure.name)
    if hashlib.sha256(data).hexdigest() != enclosure.digest:
        raise NeedsHuman(f"pièce jointe « {enclosure.name} » : le fichier a changé depuis la préparation.")
    return data


def _read(folder: Folder, name: str) -> bytes:
    with _opened(folder, name) as (file, _size):
        data = b"".join(iter(lambda: os.read(file, 1 << 20), b""))
    if len(data) > folder.max_bytes:
        raise NeedsHuman(f"pièce jointe « {name} » : fichier trop lourd.")
    return data


@contextmanager
def _opened(folder: Folder, name: str) -> Iterator[tuple[int, int]]:
    """An open file of the folder itself and its size: no other folder, no symbolic link, no pipe."""
    if not is_safe(name):
        raise NeedsHuman(f"pièce jointe « {name} » : ce nom n'est pas permis.")
    try:
        file = os.open(folder.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NeedsHuman(f"pièce jointe « {name} » : lecture impossible ({words(error)}).") from error
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode) or not 0 < about.st_size <= folder.max_bytes:
            raise NeedsHuman(f"pièce jointe « {name} » : fichier vide, trop lourd, ou qui n'en est pas un.")
        yield file, about.st_size
    finally:
        os.close(file)

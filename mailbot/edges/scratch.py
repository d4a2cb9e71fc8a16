"""A file for what learning cannot hold in memory. It has no name and is gone when closed, however the process ends."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path

from mailbot.errors import RuleError, words


@contextmanager
def scratch(directory: Path) -> Iterator[BufferedRandom]:
    """An empty file in `directory` (made if need be), or among the system's temporary files where that cannot be
    written to. Raises RuleError (French) when it finds no room, there or while it is used."""
    try:
        with _opened(directory) as file:
            yield file
    except OSError as error:
        raise RuleError(
            f"{directory} : l'apprentissage doit pouvoir y écrire, quelques secondes, un fichier de 200 Mo pour dix "
            f"mille textes ({words(error)})."
        ) from error


def _opened(directory: Path) -> BufferedRandom:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=directory)
    except OSError:
        return tempfile.TemporaryFile()

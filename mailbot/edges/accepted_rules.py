"""Which rulebooks have passed every check of this very program: an unchanged one is not checked again at each start,
nor are its letters compiled again. A cache: losing it only costs a second."""

import hashlib
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import mailbot
from mailbot.edges import whole_file

_NAME = "regles-admises"
_KEPT = 20
_LETTERS = "lettres"
_LETTERS_KEPT = 2  # as many as models


def known(directory: Path, digest: str) -> bool:
    """Whether the rulebook of this digest (hex) has been noted in `directory`, by this program."""
    return _key(digest) in _noted(directory)


def letters(directory: Path, digest: str) -> bytes:
    """What was noted with it; b"" when that is not there, or not as it was written."""
    try:
        data = _letters(directory, digest).read_bytes()
    except OSError:
        return b""
    seal, compiled = data[:32], data[32:]
    return compiled if seal == hashlib.sha256(compiled).digest() else b""


def note(directory: Path, digest: str, letters: bytes = b"") -> None:
    """Remember that it passed, and its compiled letters. A directory that cannot be written to is no error."""
    keys = [key for key in _noted(directory) if key != _key(digest)]
    path, compiled = directory / _NAME, _letters(directory, digest)
    with suppress(OSError):
        directory.mkdir(parents=True, exist_ok=True)
        whole_file.write(compiled, hashlib.sha256(letters).digest() + letters)
        whole_file.write(path, "\n".join([*keys[1 - _KEPT :], _key(digest)]).encode())
        whole_file.forget(compiled, f"{_LETTERS}-*", _LETTERS_KEPT)


def _noted(directory: Path) -> list[str]:
    try:
        return (directory / _NAME).read_text("ascii", "replace").split()
    except OSError:
        return []


def _letters(directory: Path, digest: str) -> Path:
    return directory / f"{_LETTERS}-{_key(digest)[:32]}"


def _key(digest: str) -> str:
    return hashlib.sha256(f"{digest} {_program()}".encode()).hexdigest()


def _program() -> str:
    """What tells this program from another: its files with their times, and the libraries it checks with."""
    sources = sorted(Path(mailbot.__file__).parent.rglob("*.py"))
    files = [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sources]
    versions = [sys.version, *(version(name) for name in ("jinja2", "pydantic"))]
    return hashlib.sha256("\n".join([*versions, *files]).encode()).hexdigest()

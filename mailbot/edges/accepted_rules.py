"""Which rulebooks have passed every check of this very program: an unchanged one is not checked again at each start.
A cache: losing it only costs half a second."""

import hashlib
import os
import sys
from importlib.metadata import version
from pathlib import Path

import mailbot

_NAME = "regles-admises"
_KEPT = 20


def known(directory: Path, digest: str) -> bool:
    """Whether the rulebook of this digest (hex) has been noted in `directory`, by this program."""
    return _key(digest) in _noted(directory)


def note(directory: Path, digest: str) -> None:
    """Remember that it passed. A directory that cannot be written to is no error."""
    keys = [key for key in _noted(directory) if key != _key(digest)]
    path = directory / _NAME
    temporary = path.with_name(f".{_NAME}-{os.getpid()}")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        temporary.write_text("\n".join([*keys[1 - _KEPT :], _key(digest)]), "ascii")
        temporary.replace(path)
    except OSError:
        return


def _noted(directory: Path) -> list[str]:
    try:
        return (directory / _NAME).read_text("ascii", "replace").split()
    except OSError:
        return []


def _key(digest: str) -> str:
    return hashlib.sha256(f"{digest} {_program()}".encode()).hexdigest()


def _program() -> str:
    """What tells this program from another: its files with their times, and the libraries it checks with."""
    sources = sorted(Path(mailbot.__file__).parent.rglob("*.py"))
    files = [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sources]
    versions = [sys.version, *(version(name) for name in ("jinja2", "pydantic"))]
    return hashlib.sha256("\n".join([*versions, *files]).encode()).hexdigest()

"""The folders of rules and templates as one set of files: read whole, and put back whole or not at all."""

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mailbot.errors import RuleError, words

SUFFIXES = (".toml", ".jsonl", ".j2")  # what a rulebook reads; all other files of the folders are left alone
GUIDES = (".md",)  # the pages that explain them
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_NOT_POSSIBLE = {errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOSYS, errno.EROFS}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFolders:
    """Where rules and templates lie. `own`: they are the merchant's, not those that came with the program."""

    rules: Path
    templates: Path
    own: bool

    @property
    def both(self) -> tuple[tuple[str, Path], ...]:
        """Each folder with the name it has in a version."""
        return ("rules", self.rules), ("templates", self.templates)


def rule_files(folder: Path, suffixes: tuple[str, ...] = SUFFIXES) -> list[Path]:
    """The rule and template files below a folder, by name; hidden ones are an editor's own."""
    return sorted(path for path in folder.rglob("[!.]*") if path.suffix in suffixes)


def read(folders: RuleFolders, suffixes: tuple[str, ...] = SUFFIXES) -> dict[str, bytes]:
    """'rules/…' or 'templates/…' → content, in the order of the rulebook's digest. Raises RuleError (French)."""
    found: dict[str, bytes] = {}
    for name, folder in folders.both:
        for path in rule_files(folder, suffixes):
            try:
                found[f"{name}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
            except OSError as error:
                raise RuleError(f"{path} : lecture impossible ({words(error)}).") from error
    return found


def lay_out(files: Mapping[str, bytes], directory: Path) -> RuleFolders:
    """Write the files of a version below an empty directory."""
    for name, data in files.items():
        _write(directory / name, data)
    return RuleFolders(rules=directory / "rules", templates=directory / "templates", own=False)


def replace(folders: RuleFolders, files: Mapping[str, bytes]) -> None:
    """Make the folders hold exactly these rule and template files; what else lies there stays, unless among these.

    Each folder is prepared beside the old one and exchanged with it in one step; where the system cannot do that (a
    mounted folder, a parent that may not be written) file by file, undone when one fails. Raises RuleError (French)."""
    before = read(folders)
    try:
        with ExitStack() as cleaning:
            staged = [_staged(folder, _part(files, name), cleaning) for name, folder in folders.both]
            for (_name, folder), fresh in zip(folders.both, staged, strict=True):
                _exchange(fresh, folder)
    except OSError as error:
        if error.errno not in _NOT_POSSIBLE:
            _put(folders, before)
            raise _refused(folders, error) from error
        _one_by_one(folders, files, before)


def _part(files: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    return {key.removeprefix(f"{name}/"): data for key, data in files.items() if key.startswith(f"{name}/")}


def _staged(folder: Path, files: Mapping[str, bytes], cleaning: ExitStack) -> Path:
    """A copy of the folder beside it, with these rule files."""
    place = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    cleaning.callback(shutil.rmtree, place, ignore_errors=True)
    fresh = place / folder.name
    shutil.copytree(folder, fresh, symlinks=True)
    _set(fresh, files)
    return fresh


def _set(folder: Path, files: Mapping[str, bytes]) -> None:
    for path in rule_files(folder):
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            _write(path, data)


def _write(path: Path, data: bytes) -> None:
    """The whole content or nothing: readers never see half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.nouveau")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _exchange(fresh: Path, folder: Path) -> None:
    """Both names change places at one instant (Linux renameat2)."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(folder))
    done = rename(_AT_FDCWD, os.fsencode(fresh), _AT_FDCWD, os.fsencode(folder), _RENAME_EXCHANGE)
    if done != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(folder))


def _one_by_one(folders: RuleFolders, files: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    try:
        _put(folders, files)
    except OSError as error:
        _put(folders, before)
        raise _refused(folders, error) from error


def _put(folders: RuleFolders, files: Mapping[str, bytes]) -> None:
    for name, folder in folders.both:
        _set(folder, _part(files, name))


def _refused(folders: RuleFolders, error: OSError) -> RuleError:
    where = error.filename or folders.rules.parent
    return RuleError(f"{where} : écriture impossible ({words(error)}). Rien n'a été changé.")

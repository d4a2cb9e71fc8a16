"""The note in a shop's copy of what it was made of (rules/livraison.toml), and the files that are shipped now."""

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

from mailbot.config import defaults_dir
from mailbot.edges import rule_folders
from mailbot.edges.rule_folders import GUIDES, SUFFIXES, RuleFolders
from mailbot.errors import RuleError
from mailbot.rule_files import validate
from mailbot.ruleset.shipped import Shipped
from mailbot.steps.rule_update import content_digest, renoted

MANIFEST = "rules/livraison.toml"
_HEAD = (
    "# Écrit par mailbot : l'empreinte (SHA-256) de chaque fichier tel qu'il a été livré, pour que « mailbot rules\n"
    "# update » sache ce que la boutique a changé. Ne pas modifier.\n[fichiers]\n"
)


def shipped_folders() -> RuleFolders:
    """The rules and templates that came with the program."""
    return RuleFolders(rules=defaults_dir() / "rules", templates=defaults_dir() / "templates", own=False)


def read(folders: RuleFolders) -> dict[str, bytes]:
    """Rules, templates and the pages that explain them. Raises RuleError (French)."""
    return rule_folders.read(folders, SUFFIXES + GUIDES)


def text(base: Mapping[str, str]) -> bytes:
    """The note: the same bytes for the same files."""
    lines = (f'"{name}" = "{digest}"\n' for name, digest in sorted(base.items()))
    return (_HEAD + "".join(lines)).encode()


def lay_out(directory: Path) -> tuple[str, ...]:
    """Copy the shipped folders that are missing below a directory, with the note when both are fresh; their names."""
    missing = tuple(name for name in ("rules", "templates") if not (directory / name).exists())
    for name in missing:
        shutil.copytree(defaults_dir() / name, directory / name)
    if len(missing) == 2:
        write(directory / "rules")
    return missing


def write(rules_dir: Path) -> None:
    """Into the rules of a fresh copy, what it was made of."""
    digests = {name: content_digest(data) for name, data in read(shipped_folders()).items()}
    (rules_dir / Path(MANIFEST).name).write_bytes(text(digests))


def of(files: Mapping[str, bytes]) -> dict[str, str] | None:
    """File → digest as noted among these files; None without a note. Raises RuleError (French) when it is spoilt."""
    if MANIFEST not in files:
        return None
    try:
        data = tomllib.loads(files[MANIFEST].decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(
            f"{MANIFEST} : illisible ({error}). Remettez-le tel qu'il était, ou supprimez-le : chaque fichier "
            "différent de celui livré sera alors à décider."
        ) from error
    return validate(Path(MANIFEST), Shipped, data).fichiers


def refreshed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """These files with their note brought up to date: those that equal what is shipped now were made of it. A spoilt
    note stays as it is."""
    try:
        base = of(files)
    except RuleError:
        return dict(files)
    if base is None:
        return dict(files)
    return {**files, MANIFEST: text(renoted(base, files, read(shipped_folders())))}

"""Publishing rules and templates as numbered versions, comparing them, and going back to one."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailbot import rulebook
from mailbot.edges import rule_folders
from mailbot.edges.rule_folders import RuleFolders
from mailbot.edges.store import Store, versions
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.versions import Version
from mailbot.errors import RuleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What `publish` did: the version, and whether it is a new one or was published before."""

    version: Version
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What `rollback` did: the version in place now, and the one that holds what was there before."""

    version: Version
    kept: Version
    kept_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file that differs between two states; None where it does not exist."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlace:
    """The files as they are: the version they equal, or None when they have changes that are not published."""

    digest: str
    version: Version | None


def publish(store: Store, folders: RuleFolders, *, author: str, note: str, now: datetime) -> Published:
    """Record the files as the next version. Raises RuleError (French) when the rulebook does not load, or when the
    files change while they are read."""
    if not note.strip():
        raise Impossible("une version demande une note : que change-t-elle, et pourquoi ?")
    digest = rulebook.load(folders.rules, folders.templates).digest
    files = rule_folders.read(folders)
    if rulebook.digest(folders.rules, folders.templates) != digest:
        raise RuleError(
            "les fichiers changent pendant la lecture : recommencez une fois l'enregistrement fini."
        )
    version, new = versions.publish(store, digest, files, author=author, note=note.strip(), now=now)
    return Published(version=version, new=new)


def in_place(store: Store, folders: RuleFolders) -> InPlace:
    """Which version the files are. Raises RuleError (French) when one cannot be read."""
    digest = rulebook.digest(folders.rules, folders.templates)
    return InPlace(digest=digest, version=versions.of_digest(store, digest))


def rollback(store: Store, folders: RuleFolders, number: int, *, author: str, now: datetime) -> TakenBack:
    """Put the files of a version back, all at once; the present ones are kept as a version first.

    Raises Impossible for an unknown version or folders that came with the program, RuleError when this program cannot
    use that version or the folders cannot be written (French); then nothing has changed."""
    if not folders.own:
        raise Impossible(
            "les règles en service sont celles livrées avec mailbot, elles ne se modifient pas. Faites-en une copie "
            "avec « mailbot init » et nommez-la dans la configuration (rules_dir, templates_dir)."
        )
    wanted = versions.get(store, number)
    files = versions.contents(store, wanted)
    _must_load(files, number)
    present = rule_folders.read(folders)
    digest = rulebook.digest(folders.rules, folders.templates)
    note = f"gardée avant le retour à la version {number}"
    kept, new = versions.publish(store, digest, present, author=author, note=note, now=now)
    rule_folders.replace(folders, files)
    versions.taken_back(store, number, author, now)
    return TakenBack(version=wanted, kept=kept, kept_now=new)


def _must_load(files: Mapping[str, bytes], number: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mailbot-") as name:
        laid = rule_folders.lay_out(files, Path(name))
        try:
            rulebook.load(laid.rules, laid.templates)
        except RuleError as error:
            text = str(error).replace(f"{name}/", "")
            raise RuleError(f"la version {number} ne convient plus à ce programme :\n{text}") from error


def changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileChange]:
    """What differs between two sets of files, by name."""
    return [
        FileChange(name=name, before=_text(before.get(name)), after=_text(after.get(name)))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def version_changes(store: Store, number: int, other: int | None, folders: RuleFolders) -> list[FileChange]:
    """What differs from version `number` to version `other`, or to the files as they are when it is None."""
    before = versions.contents(store, versions.get(store, number))
    after = (
        rule_folders.read(folders) if other is None else versions.contents(store, versions.get(store, other))
    )
    return changes(before, after)


def own_changes(store: Store, number: int) -> list[FileChange]:
    """What a version changed: the difference to the one published before it (to nothing for the first)."""
    found = versions.list_versions(store)
    wanted = versions.get(store, number)
    earlier = next((one for one in found if one.number < number), None)
    before = versions.contents(store, earlier) if earlier else {}
    return changes(before, versions.contents(store, wanted))


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")

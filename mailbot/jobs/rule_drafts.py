"""A working copy of the rules: each person's changed files over those in place, tried as a whole, then published."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailbot import rulebook
from mailbot.config import Config, defaults_dir
from mailbot.edges import rule_folders
from mailbot.edges.rule_folders import RuleFolders
from mailbot.edges.store import Store, rule_drafts, versions
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.versions import Version, content_digest
from mailbot.errors import RuleError
from mailbot.jobs import shipped_note
from mailbot.jobs.publish import FileChange, changes
from mailbot.rulebook import Rulebook

NOT_OWN = (
    "les règles en service sont celles livrées avec mailbot, elles ne se modifient pas. Faites-en une copie avec "
    "« mailbot init » et nommez-la dans la configuration (rules_dir, templates_dir)."
)
GONE = b""  # what a draft holds of a file that is to be taken away
_KEPT = "gardée avant la publication de : {note}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCopy:
    """The files in place (`live`) and a person's changed ones over them (`files`, without those to be taken away).
    `stale`: changed files whose original was changed since by somebody else."""

    live: Mapping[str, bytes]
    files: Mapping[str, bytes]
    changed: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def differences(self) -> list[FileChange]:
        """What publishing would change."""
        return changes(self.live, self.files)


def folders_of(config: Config) -> RuleFolders:
    """The folders of rules and templates a configuration names, else those that came with the program."""
    return RuleFolders(
        rules=config.rules_dir or defaults_dir() / "rules",
        templates=config.templates_dir or defaults_dir() / "templates",
        own=config.rules_dir is not None and config.templates_dir is not None,
    )


def working_copy(store: Store, folders: RuleFolders, author: str) -> WorkingCopy:
    """What a person is working on. Raises RuleError (French) when a file cannot be read."""
    live, drafts = rule_folders.read(folders), rule_drafts.of(store, author)
    stale = [
        one.name
        for one in drafts.values()
        if _digest(live, one.name) not in (one.base, content_digest(one.data) if one.data else "")
    ]
    laid = {**live, **{one.name: one.data for one in drafts.values()}}
    return WorkingCopy(
        live=live,
        files={name: data for name, data in laid.items() if data != GONE or name not in drafts},
        changed=tuple(name for name, one in drafts.items() if live.get(name, GONE) != one.data),
        stale=tuple(stale),
    )


def _digest(files: Mapping[str, bytes], name: str) -> str:
    return content_digest(files[name]) if name in files else ""


def edit(store: Store, folders: RuleFolders, author: str, texts: Mapping[str, str], now: datetime) -> None:
    """Put these texts into a person's working copy; one that equals the file in place is no change. Raises Impossible
    (French) for rules that came with the program."""
    put(store, folders, author, {name: f"{text.rstrip()}\n".encode() for name, text in texts.items()}, now)


def put(store: Store, folders: RuleFolders, author: str, wanted: Mapping[str, bytes], now: datetime) -> None:
    """The same for files as they are, byte by byte."""
    if not folders.own:
        raise Impossible(NOT_OWN)
    live = rule_folders.read(folders)
    same = [name for name, data in wanted.items() if live.get(name) == data]
    for name in same:
        rule_drafts.drop(store, author, name)
    rest = {name: data for name, data in wanted.items() if name not in same}
    rule_drafts.keep(store, author, rest, {name: _digest(live, name) for name in rest}, now)


def take_away(store: Store, folders: RuleFolders, author: str, names: Sequence[str], now: datetime) -> None:
    """These files are to go when the working copy is published; one that is not in place is forgotten at once. Raises
    Impossible (French) for rules that came with the program."""
    if not folders.own:
        raise Impossible(NOT_OWN)
    live = rule_folders.read(folders)
    for name in names:
        rule_drafts.drop(store, author, name)
    there = [name for name in names if name in live]
    rule_drafts.keep(
        store, author, dict.fromkeys(there, GONE), {name: _digest(live, name) for name in there}, now
    )


def rebase(store: Store, folders: RuleFolders, author: str, name: str, now: datetime) -> None:
    """The person has seen what somebody else changed in this file and goes on with their own text."""
    draft = rule_drafts.of(store, author).get(name)
    if draft is None:
        raise Impossible(f"{name} : ce fichier n'est pas modifié.")
    rule_drafts.drop(store, author, name)
    if draft.data == GONE:
        take_away(store, folders, author, [name], now)
    else:
        edit(store, folders, author, {name: draft.data.decode("utf-8", "replace")}, now)


@contextmanager
def tried(
    files: Mapping[str, bytes],
    instead_of: Rulebook | None = None,
    also: Callable[[Path], object] | None = None,
) -> Iterator[Rulebook]:
    """The rulebook of these files. Raises RuleError (French, a line for each problem, files named as in a version);
    also when a row of the decision table loses the last rule that it has in the other rulebook. `also`: what else
    must be able to read the folder of rules."""
    with tempfile.TemporaryDirectory(prefix="mailbot-") as name:
        laid = rule_folders.lay_out(files, Path(name))
        try:
            book = rulebook.load(laid.rules, laid.templates)
            if also is not None:
                also(laid.rules)
        except RuleError as error:
            raise RuleError(str(error).replace(f"{name}/", "")) from error
        if instead_of is not None and (lost := _uncovered(instead_of, book)):
            raise RuleError("\n".join(lost))
        yield book


def _uncovered(before: Rulebook, after: Rulebook) -> list[str]:
    """The rows of the decision table that lose their last rule (French)."""
    had, has = rulebook.rules_coverage(before), rulebook.rules_coverage(after)
    return [
        f"ligne {row.id} de la table de décision (« {row.titre} ») : plus aucune règle ne la couvrirait, aujourd'hui "
        f'{", ".join(had[row.id])} la couvre. Donnez « ligne = "{row.id}" » à une autre situation d\'abord.'
        for row in after.rows
        if had.get(row.id) and not has[row.id]
    ]


def publish(store: Store, folders: RuleFolders, *, author: str, note: str, now: datetime) -> Version:
    """Put a person's working copy in place as the next version; what was there before is kept as one as well.

    Raises RuleError when it does not load or cannot be written, Impossible when nothing is changed, a note is missing,
    or somebody changed one of the files meanwhile (French); then nothing has changed."""
    if not folders.own:
        raise Impossible(NOT_OWN)
    if not note.strip():
        raise Impossible("une version demande une note : que change-t-elle, et pourquoi ?")
    copy = working_copy(store, folders, author)
    if not copy.changed:
        raise Impossible("rien n'est modifié : il n'y a rien à publier.")
    if copy.stale:
        names = ", ".join(copy.stale)
        raise Impossible(
            f"modifié par quelqu'un d'autre depuis : {names}. Reprenez ces fichiers avant de publier."
        )
    files = shipped_note.refreshed(copy.files)
    with tried(files, present(folders)) as book:
        digest = book.digest
    version = put_in_place(store, folders, copy.live, files, digest, author=author, note=note, now=now)
    rule_drafts.drop(store, author)
    return version


def put_in_place(
    store: Store,
    folders: RuleFolders,
    live: Mapping[str, bytes],
    files: Mapping[str, bytes],
    digest: str,
    *,
    author: str,
    note: str,
    now: datetime,
) -> Version:
    """These files, tried before, instead of those in place (`live`), which are kept as a version; `digest`: of their
    rulebook. Raises RuleError (French) when they cannot be written; then nothing has changed."""
    _keep_present(store, folders, live, author, note.strip(), now)
    rule_folders.replace(folders, files)
    own = {name: data for name, data in files.items() if name.endswith(rule_folders.SUFFIXES)}
    return versions.publish(store, digest, own, author=author, note=note.strip(), now=now)[0]


def present(folders: RuleFolders) -> Rulebook | None:
    """The rules in place; None when they do not load, and anything is better."""
    try:
        return rulebook.load(folders.rules, folders.templates)
    except RuleError:
        return None


def _keep_present(
    store: Store, folders: RuleFolders, live: Mapping[str, bytes], author: str, note: str, now: datetime
) -> None:
    """So that one can go back to what was in place."""
    digest = rulebook.digest(folders.rules, folders.templates)
    if versions.of_digest(store, digest) is None:
        versions.publish(store, digest, live, author=author, note=_KEPT.format(note=note), now=now)

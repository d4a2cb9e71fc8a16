"""A shop's copy of rules and templates brought up to those shipped now, where the shop has changed nothing; put in
place as a version that one can go back from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailbot import __version__
from mailbot.config import Config
from mailbot.edges import rule_folders
from mailbot.edges.intent_rules import read_examples
from mailbot.edges.rule_folders import RuleFolders
from mailbot.edges.store import Store
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.versions import Version
from mailbot.errors import RuleError
from mailbot.jobs import rule_drafts, samples, shipped_note
from mailbot.jobs.publish import FileChange, changes
from mailbot.jobs.shipped_note import MANIFEST
from mailbot.situation import nearest
from mailbot.steps import rule_update as steps
from mailbot.steps.rule_update import Plan

_NOTE = "mise à jour : règles et modèles livrés avec mailbot {version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What the shop has (`live`), what is shipped now, and what would become of it. `base`: the digests of what was
    shipped when the copy was made, None when that is not known."""

    live: Mapping[str, bytes]
    shipped: Mapping[str, bytes]
    base: Mapping[str, str] | None
    plan: Plan

    @property
    def files(self) -> dict[str, bytes]:
        """The copy afterwards, with the note of what was shipped."""
        return {**self.plan.files, MANIFEST: shipped_note.text(self.plan.base)}

    @property
    def changed(self) -> bool:
        """Whether there is anything to put in place."""
        return self.files != dict(self.live)

    def difference(self, name: str) -> FileChange:
        """A file of the shop and the one shipped now."""
        before, after = self.live.get(name), self.shipped.get(name)
        return changes(_one(name, before), _one(name, after))[0]


def _one(name: str, data: bytes | None) -> dict[str, bytes]:
    return {} if data is None else {name: data}


def look(folders: RuleFolders, *, accept: Sequence[str] = (), keep: Sequence[str] = ()) -> Update:
    """Compare with what is shipped now; nothing is changed. `accept`, `keep`: files or folders ('rules/exemples') where
    the shipped ones are taken, or the shop's kept. Raises Impossible (French) when one of them does not exist or the
    rules are not the shop's own, RuleError when a file cannot be read."""
    if not folders.own:
        raise Impossible(rule_drafts.NOT_OWN)
    shipped = shipped_note.read(shipped_note.shipped_folders())
    return compare(shipped_note.read(folders), shipped, accept=accept, keep=keep)


def compare(
    live: Mapping[str, bytes],
    shipped: Mapping[str, bytes],
    *,
    accept: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> Update:
    """The same for these files of a shop."""
    base = shipped_note.of(live)
    wanted = {"accept": [_plain(one) for one in accept], "keep": [_plain(one) for one in keep]}
    names = {*live, *shipped, *(base or {})} - {MANIFEST}
    for one in (one for given in wanted.values() for one in given):
        if not any(steps.covers(one, name) for name in names):
            raise Impossible(f"« {one} » n'est ni un fichier ni un dossier{_near(one, names)}")
    shop = {name: data for name, data in live.items() if name != MANIFEST}
    plan = steps.plan(base, shop, shipped, **wanted)
    return Update(live=live, shipped=shipped, base=base, plan=plan)


def _plain(name: str) -> str:
    return name.removeprefix("./").rstrip("/")


def _near(name: str, names: set[str]) -> str:
    said = nearest(name, tuple(sorted(names)))
    return said if "vouliez-vous" in said else ", par exemple « rules/exemples »."


def note_of_kept(update: Update) -> bytes:
    """The note when nothing else is done than staying with the files the plan keeps."""
    noted = dict(update.plan.base if update.base is None else update.base)
    for name in update.plan.kept:
        noted.pop(name, None)
        if name in update.shipped:
            noted[name] = steps.content_digest(update.shipped[name])
    return shipped_note.text(noted)


def check(folders: RuleFolders, update: Update) -> str:
    """The digest of the rulebook that the update would put in place. Raises RuleError (French, a line for each problem)
    when it does not load, or its examples and sample mails cannot be read."""
    present = rule_drafts.present(folders)
    with rule_drafts.tried(update.files, present, also=_read_mails) as book:
        return book.digest


def _read_mails(rules_dir: Path) -> None:
    read_examples(rules_dir)
    samples.read(rules_dir)


def put_in_place(
    store: Store, folders: RuleFolders, update: Update, digest: str, *, author: str, now: datetime
) -> Version:
    """Do what was checked (`digest`); what was in place is kept as a version. Raises RuleError (French) when it cannot
    be written, or somebody has changed the files meanwhile; then nothing has changed."""
    if shipped_note.read(folders) != update.live:
        raise RuleError("les fichiers ont changé pendant la vérification : recommencez. Rien n'a été changé.")
    own = {name: data for name, data in update.live.items() if name.endswith(rule_folders.SUFFIXES)}
    note = _NOTE.format(version=__version__)
    return rule_drafts.put_in_place(
        store, folders, own, update.files, digest, author=author, note=note, now=now
    )


def lay_out(update: Update, directory: Path) -> None:
    """The copy as it would be, below another folder, to be tried there."""
    rule_folders.lay_out(update.files, directory)


def told(config: Config) -> str | None:
    """In one line that shipped files are newer than the shop's (French); None when they are not, or the shop has no
    copy of its own."""
    folders = rule_drafts.folders_of(config)
    if not (folders.own and folders.rules.is_dir() and folders.templates.is_dir()):
        return None
    try:
        plan = look(folders).plan
    except RuleError as error:
        return str(error)
    said = in_words(plan)
    return said and f"{said} : voir « mailbot rules update --dry-run »"


def in_words(plan: Plan) -> str | None:
    """How many shipped files the shop does not have (French); None when there is nothing to say."""
    newer, mine, unknown = plan.of("new", "newer", "gone", "both"), plan.of("both"), plan.of("unknown")
    more = "s" if len(newer or unknown) > 1 else ""
    if newer:
        words = (
            f"{len(newer)} fichier{more} livré{more} avec cette version de mailbot, plus récent{more} que "
        )
        also = f" (qui en a changé {len(mine)} aussi)" if mine else ""
        return f"{words}ceux de la boutique{also}"
    if unknown:
        words = (
            f"{len(unknown)} fichier{more} livré{more} avec mailbot et différent{more} de ceux de la boutique"
        )
        return f"{words}, pour une raison inconnue"
    return None

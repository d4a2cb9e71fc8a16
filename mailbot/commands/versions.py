"""`publish`, `rollback` and `mailbot versions`: rules and templates as numbered versions."""

import difflib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, open_database, read_config
from mailbot.steps.french import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailbot.config import Config
    from mailbot.edges.rule_folders import RuleFolders
    from mailbot.edges.store.versions import Version
    from mailbot.jobs.publish import FileChange

app = french.group("Versions publiées des règles et modèles : les lister, les lire, les comparer.")

AuthorOption = Annotated[
    str, typer.Option("--auteur", "--as", help="Votre nom, gardé avec la version.", envvar="USER")
]
VersionArgument = Annotated[int, typer.Argument(metavar="VERSION", help="Numéro de version.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    french.command(app, "publish")(publish)
    french.command(app, "rollback")(rollback)


def folders_of(config: "Config") -> "RuleFolders":
    """The folders of rules and templates a configuration names, else those that came with the program."""
    from mailbot.jobs import rule_drafts

    return rule_drafts.folders_of(config)


def publish(
    note: Annotated[str, typer.Option("--note", help="Ce qui change, et pourquoi.")],
    author: AuthorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Publie les règles et modèles : une version numérotée, gardée en entier. Refuse s'ils ne se chargent pas."""
    from mailbot import clock
    from mailbot.jobs import publish as job

    settings = read_config(config)
    with open_database(settings) as store:
        done = job.publish(store, folders_of(settings), author=author, note=note, now=clock.now())
    if as_json:
        screen.print_json({**_as_json(done.version), "new": done.new})
    elif done.new:
        print(f"Version {done.version.number} publiée ({counted(len(done.version.files), 'fichier')}).")
    else:
        print(f"Rien de nouveau : ces fichiers sont déjà la version {done.version.number}.")


def rollback(
    number: VersionArgument,
    author: AuthorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Remet en place les fichiers d'une version. Ceux d'aujourd'hui sont d'abord gardés comme version."""
    from mailbot import clock
    from mailbot.jobs import publish as job

    settings = read_config(config)
    with open_database(settings) as store:
        done = job.rollback(store, folders_of(settings), number, author=author, now=clock.now())
    kept = "publiés sous le numéro" if done.kept_now else "déjà gardés dans la version"
    print(f"Version {number} remise en place. Les fichiers d'avant sont {kept} {done.kept.number}.")


def list_(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Liste les versions, la plus récente en premier, et dit laquelle est en place."""
    from mailbot.edges.store import versions
    from mailbot.jobs import publish as job

    settings = read_config(config)
    with open_database(settings) as store:
        found = versions.list_versions(store)
        here = job.in_place(store, folders_of(settings))
    current = here.version.number if here.version else None
    if as_json:
        for one in found:
            screen.print_json({**_as_json(one), "in_place": one.number == current})
        return
    screen.table(
        ("Version", "Publiée", "Par", "Note", "Mails jugés"),
        [
            (
                f"{one.number}{' ◀' if one.number == current else ''}",
                screen.moment(one.published_at), one.author, one.note, str(one.cases),
            )
            for one in found
        ],
        empty="Aucune version publiée. Publiez la première : mailbot publish --note « première version »",
        whole=("Version", "Publiée"),
    )  # fmt: skip
    if found and current is None:
        print("Les fichiers en place ont des changements non publiés : mailbot versions diff")


def show(number: VersionArgument, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Montre une version : qui, quand, pourquoi, et ce qu'elle a changé par rapport à la précédente."""
    from mailbot.edges.store import versions
    from mailbot.jobs import publish as job

    with open_database(read_config(config)) as store:
        version = versions.get(store, number)
        changed = job.own_changes(store, number)
    if as_json:
        screen.print_json({**_as_json(version), "changes": [_change(one) for one in changed]})
        return
    when = screen.moment(version.published_at)
    print(f"Version {number}, {when}, par {version.author} : {version.note}")
    if len(changed) == len(version.files) and all(one.before is None for one in changed):
        print(f"Première version : {counted(len(changed), 'fichier')}.")
    else:
        _show(changed)


def diff(
    number: Annotated[
        int | None, typer.Argument(metavar="[VERSION]", help="Par défaut : la dernière.")
    ] = None,
    other: Annotated[
        int | None, typer.Argument(metavar="[AUTRE]", help="Par défaut : les fichiers tels qu'ils sont.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Montre ce qui change d'une version à une autre, ou aux fichiers en place."""
    from mailbot.edges.store import versions
    from mailbot.edges.store.conflicts import Impossible
    from mailbot.jobs import publish as job

    settings = read_config(config)
    with open_database(settings) as store:
        found = versions.list_versions(store)
        if number is None and not found:
            raise Impossible("aucune version n'est publiée : il n'y a rien à comparer.")
        first = number if number is not None else found[0].number
        changed = job.version_changes(store, first, other, folders_of(settings))
    if as_json:
        for one in changed:
            screen.print_json(_change(one))
    else:
        _show(changed)


def _show(changed: "Sequence[FileChange]") -> None:
    for change in changed:
        print_lines(change)
    print(f"{counted(len(changed), 'fichier différent')}.")


def print_lines(change: "FileChange") -> None:
    """A changed file on the screen, in colours."""
    from rich.text import Text

    out = screen.console()
    for line in difference(change):
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        out.print(Text(line, "bold" if line.startswith(("+++", "---")) else style), soft_wrap=True)


def difference(change: "FileChange") -> "Iterator[str]":
    """A changed file line by line, as `diff -u` shows it."""
    before, after = (change.before or "").splitlines(), (change.after or "").splitlines()
    left = "(absent)" if change.before is None else change.name
    right = "(absent)" if change.after is None else change.name
    return difflib.unified_diff(before, after, left, right, lineterm="")


def _change(change: "FileChange") -> dict[str, Any]:
    return {"file": change.name, "before": change.before, "after": change.after}


def _as_json(version: "Version") -> dict[str, Any]:
    return {
        "version": version.number,
        "digest": version.digest,
        "published_at": version.published_at,
        "author": version.author,
        "note": version.note,
        "files": len(version.files),
        "cases": version.cases,
    }


for _name, _function in (("list", list_), ("show", show), ("diff", diff)):
    french.command(app, _name)(_function)

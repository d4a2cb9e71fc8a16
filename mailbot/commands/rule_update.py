"""`mailbot rules update`: the shop's copy of rules and templates brought up to those shipped now."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.commands import screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, open_database, read_config
from mailbot.commands.versions import AuthorOption, folders_of, print_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailbot.edges.rule_folders import RuleFolders
    from mailbot.jobs.rule_update import Update

_STATES = {
    "new": "nouveau",
    "newer": "plus récent",
    "gone": "n'est plus livré",
    "both": "changé des deux côtés",
    "unknown": "différent, origine inconnue",
    "own": "changé par la boutique seule",
    "left": "n'est plus livré, le vôtre reste",
}
_UP_TO_DATE = "Rien à mettre à jour : la boutique a tout ce qui est livré avec cette version de mailbot."

AcceptOption = Annotated[
    list[str] | None,
    typer.Option(
        "--accept", metavar="FICHIER", help="Prend le fichier livré (ou tout un dossier) à la place du vôtre."
    ),
]
KeepOption = Annotated[
    list[str] | None,
    typer.Option(
        "--keep", metavar="FICHIER", help="Garde le vôtre (ou tout un dossier) ; ne le redemande plus."
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Dit seulement ce qui changerait, et si cela se charge.")
]
DiffOption = Annotated[bool, typer.Option("--diff", help="Montre aussi les différences, ligne par ligne.")]
IntoOption = Annotated[
    Path | None,
    typer.Option(
        "--vers", metavar="DOSSIER", help="Écrit le résultat dans ce dossier, pour l'essayer ; rien d'autre."
    ),
]


def update(
    accept: AcceptOption = None,
    keep: KeepOption = None,
    dry_run: DryRunOption = False,
    diff: DiffOption = False,
    into: IntoOption = None,
    author: AuthorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Prend les règles et modèles livrés avec cette version de mailbot, là où la boutique n'a rien changé.

    Ce que la boutique a changé reste, et vous décidez : --accept ou --keep. Ce qu'elle a supprimé reste supprimé. Tout
    est vérifié d'abord, puis mis en place comme une version : « mailbot rollback » y revient. Code 1 si refusé."""
    from mailbot import clock
    from mailbot.jobs import rule_update as job

    settings = read_config(config)
    if settings.rules_dir is None and settings.templates_dir is None:
        print("Les règles en service sont celles livrées avec mailbot : elles sont à jour.")
        return
    _must_be_free(into)
    folders = folders_of(settings)
    found = job.look(folders, accept=accept or (), keep=keep or ())
    _show(found, diff=diff, as_json=as_json)
    digest, version = _checked(folders, found) if found.changed else None, None
    if into is not None:
        job.lay_out(found, into)
    elif digest is not None and not dry_run:
        with open_database(settings) as store:
            version = job.put_in_place(store, folders, found, digest, author=author, now=clock.now()).number
    if as_json:
        screen.print_json({"changed": found.changed, "waiting": len(found.plan.waiting), "version": version})
    else:
        _conclude(found, version, into, config)


def _must_be_free(into: Path | None) -> None:
    if into is not None and into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise typer.BadParameter(f"--vers : {into} existe déjà et n'est pas vide ; nommez un dossier nouveau")


def _checked(folders: "RuleFolders", found: "Update") -> str:
    """The digest of the rulebook that would be put in place."""
    from mailbot.errors import RuleError
    from mailbot.jobs import rule_update as job

    try:
        return job.check(folders, found)
    except RuleError as error:
        raise RuleError(
            f"la mise à jour est refusée, rien n'a été changé :\n{error}\nPrenez (--accept) ou gardez (--keep) "
            "ensemble les fichiers qui vont ensemble, ou corrigez d'abord les vôtres."
        ) from error


def _show(found: "Update", *, diff: bool, as_json: bool) -> None:
    """Every file that something becomes of, and what."""
    from mailbot.jobs.shipped_note import shipped_folders

    plan = found.plan
    if as_json:
        fates = {"taken": plan.taken, "kept": plan.kept, "waiting": plan.waiting}
        fate = {name: key for key, names in fates.items() for name in names}
        for name, state in plan.states.items():
            screen.print_json({"file": name, "state": state, "fate": fate.get(name)})
        return
    if found.base is None and plan.of("unknown"):
        print(
            "Cette copie ne dit pas ce qui lui a été livré : un fichier différent peut être plus ancien, ou changé\n"
            "par la boutique. Chacun est à décider, une fois. Tout garder : --keep rules --keep templates"
        )
    _section("À prendre, la boutique n'y ayant rien changé ou l'ayant décidé", found, plan.taken, diff=diff)
    _section("À décider (--accept, --keep) ; le vôtre reste d'ici là", found, plan.waiting, diff=diff)
    _section("Gardé", found, plan.kept, diff=False)
    _section("Plus livré", found, plan.of("left"), diff=False)
    if plan.waiting:
        print(f"Les fichiers livrés sont dans {shipped_folders().rules.parent}")


def _section(title: str, found: "Update", names: "Sequence[str]", *, diff: bool) -> None:
    if not names:
        return
    print(f"{title} : {len(names)}")
    for name in names:
        print(f"  {name} ({_STATES[found.plan.states[name]]}{_why(found, name)})")
        if diff:
            print_lines(found.difference(name))


def _why(found: "Update", name: str) -> str:
    """Why a file that could be taken waits (French)."""
    from mailbot.steps.rule_update import TAKEN, partner

    waits = name in found.plan.waiting and found.plan.states[name] in TAKEN
    return f", va avec {partner(name)}" if waits else ""


def _conclude(found: "Update", version: int | None, into: Path | None, config: Path) -> None:
    if into is not None:
        where = shlex.quote(str(into))
        option = "" if config == DEFAULT_CONFIG else f" --config {shlex.quote(str(config))}"
        print(
            f"Écrit dans {into}, rien n'est changé. Ce que cela ferait aux mails passés :\n"
            f"  mailbot replay --since 30j --rules {where}/rules --templates {where}/templates{option}"
        )
    elif version is not None:
        print(f"Mis en place : version {version}. Le service relit en quelques secondes ; {_back()}")
    elif found.changed:
        print(
            "Cela se chargerait. Rien n'est changé ; --vers DOSSIER l'écrit ailleurs, pour « mailbot replay »."
        )
    elif not found.plan.waiting:
        print(_UP_TO_DATE)


def _back() -> str:
    return "« mailbot versions list » montre celle d'avant, « mailbot rollback » y revient."

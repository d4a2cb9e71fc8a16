"""`mailbot templates`: the letters, what is wrong with them, what they would say, how they do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    instant,
    load_line,
    load_rulebook,
    open_database,
    read_config,
)
from mailbot.commands.rules import MaybeConfig, RulesOption, TemplatesOption, rule_folders
from mailbot.commands.template_views import (
    letter_json,
    score_json,
    score_row,
    show_letter,
    template_json,
    template_row,
)
from mailbot.steps.french import counted

if TYPE_CHECKING:
    from datetime import datetime

    from mailbot.jobs.scores import Score
    from mailbot.jobs.template_bench import Template
    from mailbot.model import Judgement

app = french.group("Modèles de réponse : les lister, les vérifier, les essayer, voir ce qu'ils valent.")

StemArgument = Annotated[str, typer.Argument(metavar="FAMILLE/NOM", help="Nom du modèle.")]


def list_(
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
    as_json: JsonOption = False,
) -> None:
    """Liste les modèles : titre, renseignements manquants, problèmes, version, et ce que les réponses sont devenues."""
    found, other, scores = _looked_at(rules, templates, config, with_scores=True)
    if as_json:
        for one in found:
            told = [score_json(score) for score in scores if score.template == one.stem]
            screen.print_json({**template_json(one), "scores": told})
        return
    screen.table(
        ("Modèle", "Va à", "À compléter ou à corriger", "Version", "Tels quels / modifiés / jetés"),
        [template_row(one, [score for score in scores if score.template == one.stem]) for one in found],
        empty="Aucun modèle.",
        styles=["" if one.ready else "red" for one in found],
    )
    for problem in other:
        print(f"✗ {problem}")


def check(
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
    as_json: JsonOption = False,
) -> None:
    """Écrit chaque lettre sur les exemples de sa situation : mots, garde-fous, typographie. Code 1 en cas de défaut."""
    found, other, _scores = _looked_at(rules, templates, config)
    wrong = [one for one in found if not one.ready]
    if as_json:
        for one in found:
            screen.print_json(template_json(one))
    else:
        for one in wrong:
            for problem in (
                *one.problems,
                *(f"il manque : {name}" for name in one.missing),
                *one.blocked,
                *one.faults,
            ):
                print(f"✗ {one.stem} : {problem}")
        for problem in other:
            print(f"✗ {problem}")
        print(f"{counted(len(found) - len(wrong), 'modèle')} sur {len(found)} sans défaut.")
    if wrong or other:
        raise typer.Exit(1)


def _looked_at(
    rules: Path | None, templates: Path | None, config: Path | None, *, with_scores: bool = False
) -> "tuple[list[Template], list[str], list[Score]]":
    from mailbot import clock
    from mailbot.edges.store import versions
    from mailbot.jobs.scores import scores
    from mailbot.jobs.template_bench import look

    path = config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)
    now, published, told = clock.now(), [], []
    if path is not None and with_scores:
        with open_database(read_config(path)) as store:
            published, told = versions.list_versions(store), scores(store, now)
    found, other = look(*rule_folders(rules, templates, config), now, published)
    return found, other, told


def preview(
    stem: StemArgument,
    mail: Annotated[Path | None, typer.Option("--mail", metavar="FICHIER", help="Sur ce mail.")] = None,
    ticket: Annotated[
        int | None, typer.Option("--ticket", metavar="N", help="Sur le mail d'un ticket.")
    ] = None,
    orders: Annotated[
        Path | None, typer.Option("--orders", help="Fichier de commandes, avec --mail.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="« Maintenant » ; par défaut la date du mail.")
    ] = None,
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
    as_json: JsonOption = False,
) -> None:
    """Écrit une lettre sur les exemples de sa situation, sur un mail ou sur celui d'un ticket. N'enregistre rien."""
    if mail is not None and ticket is not None:
        raise typer.BadParameter("--mail ou --ticket, pas les deux")
    where = rule_folders(rules, templates, config)
    now = instant(at, "--at") if at else None
    if mail is None and ticket is None:
        _examples(stem, where, now, as_json=as_json)
        return
    judged = _on_mail(stem, where, mail, ticket, orders, config, now)
    if as_json:
        screen.print_json(letter_json(judged.reply, judged.deadlines))
    else:
        show_letter("", judged.reply, judged.deadlines)


def _examples(stem: str, where: tuple[Path, Path], now: "datetime | None", *, as_json: bool) -> None:
    from mailbot import clock
    from mailbot.jobs.template_bench import situation_of, write_all
    from mailbot.line import Line

    book = load_rulebook(*where)
    situation = situation_of(book, stem)
    for letter in write_all(Line.build(book, None), situation, now or clock.now()):
        if as_json:
            told = {"example": letter.example, "faults": list(letter.faults)}
            screen.print_json({**letter_json(letter.reply, letter.deadlines), **told})
        else:
            facts = situation.exemples[letter.example - 1].faits
            said = ", ".join(f"{name} = {_value(fact)}" for name, fact in facts.items())
            said = said or "aucun fait particulier"
            show_letter(f"Exemple {letter.example} : {said}", letter.reply, letter.deadlines, letter.faults)


def _value(fact: object) -> str:
    return str(fact) if not isinstance(fact, bool) else "oui" if fact else "non"


def _on_mail(
    stem: str,
    where: tuple[Path, Path],
    mail: Path | None,
    ticket: int | None,
    orders: Path | None,
    config: Path | None,
    now: "datetime | None",
) -> "Judgement":
    from mailbot.config import cache_home
    from mailbot.jobs import preview as job

    path = config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)
    settings = read_config(path) if path else None
    line = load_line(
        *where, settings.storage.directory / "modele" if settings else cache_home(), config=settings
    )
    if mail is not None:
        return job.on_file(line, stem, mail, orders, now)
    if settings is None or ticket is None:
        raise typer.BadParameter("--ticket demande une configuration (--config)")
    with open_database(settings) as store:
        return job.on_ticket(line, stem, store, ticket)


def new(
    stem: StemArgument,
    activate: Annotated[
        bool, typer.Option("--activer", help="Met en place les brouillons, si tout se charge avec eux.")
    ] = False,
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
) -> None:
    """Pose le brouillon d'une situation et de sa lettre, d'après la plus proche. Rien ne s'en sert avant --activer."""
    from mailbot.config import defaults_dir
    from mailbot.errors import RuleError
    from mailbot.jobs import new_template

    where = rule_folders(rules, templates, config)
    if defaults_dir() / "rules" == where[0] or defaults_dir() / "templates" == where[1]:
        raise RuleError(
            "les règles livrées avec mailbot ne se modifient pas : copiez-les avec « mailbot init »."
        )
    if activate:
        new_template.activate(*where, stem)
        print(f"« {stem} » est en place. Essayez-la : mailbot templates preview {stem}")
        return
    made = new_template.lay_out(*where, stem)
    print(f"D'après « {made.nearest} » :\n  {made.rule}\n  {made.letter}")
    print(f"Complétez-les, puis : mailbot templates new {stem} --activer")


def scores(
    since: Annotated[
        str, typer.Option("--since", metavar="DUREE", help="Par exemple 90j, 2s, ou une date.")
    ] = "90j",
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Montre ce que deviennent les réponses de chaque modèle, version par version : envoyées telles quelles, modifiées,
    jetées, délai d'approbation, client qui récrit sous sept jours."""
    from mailbot import clock
    from mailbot.commands.since import since_when
    from mailbot.jobs.scores import scores as score_all

    now = clock.now()
    with open_database(read_config(config)) as store:
        found = score_all(store, now, since_when(since, now))
    if as_json:
        for one in found:
            screen.print_json(score_json(one))
        return
    screen.table(
        (
            "Modèle",
            "Version",
            "Écrites",
            "Telles quelles",
            "Modifiées",
            "Jetées",
            "Approuvées en",
            "Récrivent",
        ),
        [score_row(one) for one in found],
        empty="Aucune réponse depuis.",
    )
    for one in found:
        for sign, phrases in (("–", one.removed), ("+", one.added)):
            for phrase, count in phrases:
                print(
                    f"{one.template}, version {one.version or 'non publiée'} : {sign} {phrase} ({count} fois)"
                )


for _name, _function in (
    ("list", list_),
    ("check", check),
    ("preview", preview),
    ("new", new),
    ("scores", scores),
):
    french.command(app, _name)(_function)

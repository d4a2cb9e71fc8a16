"""`explain` and `deadline`: what the rules say, touching nothing."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import JsonOption


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    french.command(app, "explain")(explain)
    french.command(app, "deadline")(deadline)


def deadline(
    rule: Annotated[
        str, typer.Argument(metavar="REGLE", help="Par exemple JO_2, JC_14, L221_18, ELAPSED_24H.")
    ],
    start: Annotated[str, typer.Option("--from", help="Événement de départ, date ISO 8601 avec fuseau.")],
    second: Annotated[
        str | None, typer.Option("--second", help="Second événement, si la règle en demande un.")
    ] = None,
    region: Annotated[
        str, typer.Option("--region", help="FR, 57, 67, 68, 971, 972, 973, 974 ou 976.")
    ] = "FR",
    as_json: JsonOption = False,
) -> None:
    """Calcule une échéance et montre le décompte jour par jour."""
    from mailbot.config import defaults_dir
    from mailbot.rulebook import load_counting_rules
    from mailbot.steps import deadlines

    rules = load_counting_rules(defaults_dir() / "rules")
    counted = deadlines.count(
        rule,
        rules,
        instant(start, "--from"),
        second=instant(second, "--second") if second else None,
        region=region,
    )
    if as_json:
        screen.print_json(deadlines.to_json(counted))
    else:
        screen.table(("", ""), deadlines.to_rows(counted), empty="")


def instant(text: str, option: str) -> datetime:
    """An ISO 8601 instant; without offset it is Europe/Paris. Raises a usage error (French)."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{option} : « {text} » n'est pas une date ISO 8601 (exemple : 2026-11-23T10:15:00+01:00)"
        ) from error
    return value if value.tzinfo else value.replace(tzinfo=screen.PARIS)


def explain(
    files: Annotated[list[Path], typer.Argument(metavar="MAIL.eml...", help="Fichiers de mails.")],
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Règles et modèles de cette configuration.")
    ] = None,
    orders: Annotated[Path | None, typer.Option("--orders", help="Fichier de commandes (CSV).")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="« Maintenant » ; par défaut la date du mail.")
    ] = None,
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="Comme si l'envoi seul était permis partout où une règle l'admet."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Montre ce que mailbot comprend et répondrait, sans toucher à rien ni rien envoyer."""
    from mailbot.commands import explained
    from mailbot.commands.opening import load_line, read_config
    from mailbot.config import cache_home
    from mailbot.jobs import explanation

    now = instant(at, "--at") if at else None
    settings = read_config(config) if config else None
    line = load_line(
        settings.rules_dir if settings else None,
        settings.templates_dir if settings else None,
        settings.storage.directory / "modele" if settings else cache_home(),
        shadow=shadow,
    )
    failures = 0
    with explanation.open_explainer(line, orders) as explainer:
        for answer in explainer.explain(files, now):
            failures += "error" in answer
            if as_json:
                screen.print_json(answer)
            else:
                explained.show(screen.console(), answer)
    if failures == len(files):
        raise typer.Exit(1)

"""`explain` and `replay`: what the line makes of mails, touching nothing."""

from pathlib import Path
from typing import Annotated

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, instant, read_config
from mailbot.commands.rules import RulesOption, TemplatesOption


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    french.command(app, "explain")(explain)
    french.command(app, "replay")(replay)


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
    from mailbot.commands.opening import load_line, settle
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
    settle()
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


FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[MAIL.eml...]", help="Des fichiers au lieu des mails passés."),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DUREE", help="Mails reçus depuis : 30j, 12h, 2s, une date.")
]
LastOption = Annotated[
    int | None, typer.Option("--last", min=1, help="Les N plus récents ; 1000, ou tous avec --since.")
]
AgainstOption = Annotated[
    int | None,
    typer.Option("--contre", metavar="VERSION", help="Compare à cette version publiée, rejugée aujourd'hui."),
]
OrdersOption = Annotated[
    Path | None, typer.Option("--orders", help="Fichier de commandes (CSV), avec des fichiers.")
]
AtOption = Annotated[
    str | None, typer.Option("--at", help="« Maintenant », avec des fichiers ; par défaut leur date.")
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FICHIER", help="Écrit aussi le rapport complet en HTML.")
]
DetailsOption = Annotated[int, typer.Option("--details", min=0, help="Textes comparés à l'écran.")]


def replay(
    files: FilesArgument = None,
    since: SinceOption = None,
    last: LastOption = None,
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    against: AgainstOption = None,
    orders: OrdersOption = None,
    at: AtOption = None,
    html: HtmlOption = None,
    details: DetailsOption = 5,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Rejuge des mails et montre ce qui changerait : situations, décisions, échéances, textes. Ne modifie rien.

    Les mails passés sont comparés à ce qui en avait été jugé ; avec --contre, à une version publiée. Les fichiers sont
    comparés à la dernière version publiée, sinon aux règles livrées."""
    from mailbot import clock
    from mailbot.commands import replayed
    from mailbot.commands.since import since_when

    now = clock.now()
    wanted = replayed.Wanted(
        files=tuple(files or ()),
        last=last or (None if since else 1000),
        since=since_when(since, now) if since else None,
        against=against,
        orders=orders,
        at=instant(at, "--at") if at else None,
    )
    found = replayed.differences(read_config(config), wanted, rules, templates)
    total, changed = replayed.changes(found, screen.print_json if as_json else None)
    if html is not None:
        replayed.write_html(html, total, changed, now)
    if not as_json:
        replayed.show(total, changed, details)
        if html is not None:
            print(f"Rapport : {html}")

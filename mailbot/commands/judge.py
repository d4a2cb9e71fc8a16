"""`explain` and `replay`: what the line makes of mails, touching nothing."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, instant


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


def replay(
    last: Annotated[
        int, typer.Option("--last", min=1, help="Nombre de mails passés, les plus récents.")
    ] = 1000,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Rejuge les mails passés avec les règles et modèles actuels et montre ce qui changerait. Ne modifie rien."""
    from mailbot.commands.opening import load_line, open_database, read_config
    from mailbot.jobs.prepare import Desk
    from mailbot.jobs.replay import replay as judge_again

    settings = read_config(config)
    line = load_line(
        settings.rules_dir,
        settings.templates_dir,
        settings.storage.directory / "modele",
        automatic=settings.sending.automatic,
    )
    seen, changed = 0, []
    with open_database(settings) as store, screen.progress("Mails", None) as progressed:
        for difference in judge_again(Desk.of(line, store), store, last):
            seen += 1
            progressed(seen)
            if difference.changed:
                changed.append(difference)
    if as_json:
        for one in changed:
            screen.print_json(
                {"ticket": one.ticket, "changed": one.changed, "before": one.before, "after": one.after}
            )
        return
    screen.table(
        ("Ticket", "Objet", "Ce qui change", "Avant", "Maintenant"),
        [_changed_row(one.ticket, one.subject, one.changed, one.before, one.after) for one in changed],
        empty="Rien ne changerait.",
    )
    print(f"{seen} mail(s) rejugé(s), {len(changed)} jugement(s) différent(s).")


_NAMES = {"situation": "situation", "decision_row": "ligne", "action": "décision", "text": "texte"}


def _changed_row(
    ticket: int, subject: str, changed: tuple[str, ...], before: dict[str, Any], after: dict[str, Any]
) -> tuple[str, ...]:
    shown = [name for name in changed if name != "text"]
    return (
        str(ticket),
        subject,
        ", ".join(_NAMES[name] for name in changed),
        ", ".join(str(before[name] or "—") for name in shown),
        ", ".join(str(after[name] or "—") for name in shown),
    )

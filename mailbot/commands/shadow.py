"""`mailbot shadow`: what would have left alone, before anything does."""

from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    load_guards,
    open_database,
    read_config,
)
from mailbot.steps.french import counted

if TYPE_CHECKING:
    from mailbot.jobs.shadow import Line

app = french.group(
    "Envoi seul à blanc : ce qui serait parti sans agent, comparé à ce que les agents ont fait."
)


def report(
    since: Annotated[
        str, typer.Option("--since", metavar="DUREE", help="Depuis : 30j, 2s (semaines) ou une date.")
    ] = "30j",
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Compare, situation par situation, ce qui serait parti seul et ce que les agents ont envoyé, modifié ou refusé.

    Rien n'est envoyé : la preuve à lire avant d'ajouter une situation à envoi_seul (rules/garde_fous.toml)."""
    from mailbot import clock
    from mailbot.commands.since import since_when
    from mailbot.jobs import shadow

    settings = read_config(config)
    with open_database(settings) as store:
        found = shadow.report(store, load_guards(settings), since_when(since, clock.now()))
    if as_json:
        screen.print_json({"mails": found.mails, "days": found.days, "would": found.would})
        for one in found.lines:
            fields = {name: getattr(one, name) for name in one.__dataclass_fields__}
            screen.print_json({**fields, "settled": one.settled})
        return
    screen.table(
        (
            "Situation",
            "Mails, jours",
            "Seraient partis",
            "Tels quels",
            "Modifiés",
            "Refusés / autre cas",
            "Autres",
        ),
        [_row(one) for one in found.lines],
        empty="Rien ne serait parti seul."
        + ("" if settings.sending.shadow else " L'essai à blanc est coupé (sending.shadow = false)."),
    )
    share = f" ({screen.share(found.would / found.mails)})" if found.mails else ""
    over = f"{counted(found.mails, 'mail')} sur {counted(found.days, 'jour')}"
    left = "seraient partis seuls" if found.would > 1 else "serait parti seul"
    print(f"{over} : {found.would} {left}{share}.")
    for one in found.lines:
        if one.wrong:
            print(f"À lire, {one.situation} : tickets {', '.join(map(str, one.wrong[:10]))}")


def _row(one: "Line") -> tuple[str, ...]:
    decided = f" sur {one.settled} ({screen.share(one.as_is / one.settled)})" if one.settled else ""
    moved = f" ({screen.share(one.distance)} du texte)" if one.distance is not None else ""
    capped = f" (+ {counted(one.capped, 'retenu')} par les plafonds)" if one.capped else ""
    return (
        one.situation,
        f"{counted(one.mails, 'mail')}, {one.days} j",
        f"{one.would}{capped}",
        f"{one.as_is}{decided}",
        f"{one.edited}{moved}",
        f"{one.refused} / {one.corrected}",
        str(one.waiting + one.elsewhere),
    )


french.command(app, "report")(report)

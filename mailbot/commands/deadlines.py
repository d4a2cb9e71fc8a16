"""`mailbot deadlines`: the clocks that run, due first. `mailbot deadline`: one count, day by day."""

from datetime import datetime, timedelta
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.commands import french, private, screen
from mailbot.commands.opening import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    instant,
    open_database,
    read_config,
)
from mailbot.steps.french import counted

if TYPE_CHECKING:
    from mailbot.edges.store.deadlines import OpenClock
    from mailbot.ruleset.counting import CountingRules
    from mailbot.steps.ics import Entry

app = french.group("Échéances en cours : les voir, la plus proche d'abord, et les mettre dans un agenda.")

BASIS_WIDTH = 48  # of characters in the table; --json and the calendar have it whole

ChannelOption = Annotated[str | None, typer.Option("--channel", help="Canal : site, amazon_fr, cdiscount...")]
SituationOption = Annotated[
    str | None,
    typer.Option("--situation", help="Situation (colis_non_recu/perdu) ou famille (colis_non_recu)."),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Avec les délais du client (ses droits), que personne ne surveille.")
]


def register(top: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    french.command(top, "deadline")(deadline)
    top.add_typer(app, name="deadlines")


def list_(
    config: ConfigOption = DEFAULT_CONFIG,
    channel: ChannelOption = None,
    situation: SituationOption = None,
    within: Annotated[
        float | None,
        typer.Option("--within", metavar="HEURES", min=0, help="À tenir d'ici ce nombre d'heures."),
    ] = None,
    late: Annotated[bool, typer.Option("--late", help="Seulement les échéances dépassées.")] = False,
    everything: AllOption = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Nombre de lignes.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Liste les échéances des tickets ouverts, la plus proche d'abord.

    Rouge : dépassée ; jaune gras : moins de 4 h ; jaune : moins de 24 h ; grisé : le délai du client."""
    from mailbot import clock
    from mailbot.edges.store.deadlines import Wanted, open_clocks

    if late and within is not None:
        raise typer.BadParameter("--late et --within s'excluent : choisissez l'une des deux")
    if late and everything:
        raise typer.BadParameter("--late et --all s'excluent : le délai d'un client n'est jamais en retard")
    now = clock.now()
    before = now if late else None if within is None else now + timedelta(hours=min(within, 1_000_000))
    wanted = Wanted(channel=channel, situation=situation, before=before, customers_own=everything)
    with open_database(read_config(config)) as store:
        found = open_clocks(store, wanted, limit=limit + 1)
    shown = found[:limit]
    if as_json:
        for one in shown:
            screen.print_json(_as_json(one, now))
        return
    screen.table(
        ("Reste", "Avant", "Échéance", "Ticket", "Client", "Situation", "Commande", "Fondement"),
        [_row(one, now) for one in shown],
        empty="Aucune échéance en cours.",
        styles=[style(one.deadline.due_at, now, duty=one.deadline.duty) for one in shown],
        whole=("Reste", "Avant", "Ticket"),
    )
    if len(found) > limit:
        print(f"Il y en a d'autres : --limit {limit * 10} en montre davantage.")


def style(due: datetime, now: datetime, *, duty: bool) -> str:
    """The colour of a clock, in rich's words: the shop's by what is left, the customer's own always dim."""
    if not duty:
        return "dim"
    left = due - now
    if left <= timedelta(0):
        return "red"
    if left < timedelta(hours=4):
        return "bold yellow"
    return "yellow" if left < timedelta(hours=24) else ""


def _row(one: "OpenClock", now: datetime) -> tuple[str, ...]:
    clock = one.deadline
    past = not clock.duty and clock.due_at <= now
    return (
        "terminé" if past else screen.remaining(clock.due_at, now),
        screen.moment(clock.due_at),
        clock.label if clock.duty else f"{clock.label} (client)",
        str(clock.case_id),
        one.customer_name or one.customer,
        one.situation or "—",
        one.order_id or "—",
        shorten(clock.basis, BASIS_WIDTH, placeholder="…"),
    )


def _as_json(one: "OpenClock", now: datetime) -> dict[str, Any]:
    clock = one.deadline
    return {
        "ticket": clock.case_id,
        "id": clock.name,
        "label": clock.label,
        "start": clock.start,
        "due_at": clock.due_at,
        "remaining_seconds": int((clock.due_at - now).total_seconds()),
        "late": clock.duty and clock.due_at <= now,
        "for": "shop" if clock.duty else "customer",
        "rule": clock.rule,
        "basis": clock.basis,
        "rolled": clock.rolled,
        "steps": list(clock.steps),
        "account": one.account,
        "customer": one.customer,
        "customer_name": one.customer_name,
        "subject": one.subject,
        "situation": one.situation,
        "channel": one.channel,
        "order": one.order_id,
    }


def ics(
    file: Annotated[
        Path, typer.Argument(metavar="FICHIER.ics", help="Fichier à écrire (remplacé) ; « - » : l'écran.")
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    channel: ChannelOption = None,
    situation: SituationOption = None,
    everything: AllOption = False,
) -> None:
    """Écrit les échéances en cours dans un fichier iCalendar, avec des rappels 24 h et 4 h avant.

    Réimporté, il met à jour les mêmes entrées de l'agenda. Il contient des noms de clients : gardez-le pour vous."""
    import sys

    from mailbot import clock
    from mailbot.edges.store.deadlines import Wanted, open_clocks
    from mailbot.steps.ics import calendar

    wanted = Wanted(channel=channel, situation=situation, customers_own=everything)
    with open_database(read_config(config)) as store:
        found = open_clocks(store, wanted)
    data = calendar(map(entry, found), clock.now())
    if str(file) == "-":
        sys.stdout.buffer.write(data)
        return
    private.write(file, data)
    print(f"{counted(len(found), 'échéance écrite')} dans {file}.")


def entry(one: "OpenClock") -> "Entry":
    """A clock as an entry of the agent's calendar."""
    from mailbot.steps.ics import Entry

    clock = one.deadline
    order = f"commande {one.order_id}" if one.order_id else "commande non trouvée"
    return Entry(
        key=f"{one.account}/{clock.case_id}/{one.case_created_at.isoformat()}/{clock.name}",
        due_at=clock.due_at,
        summary=f"{clock.label} : ticket {clock.case_id}, {one.customer_name or one.customer}",
        details=(
            f"{order}, {one.situation or 'sans situation'}",
            f"Objet : {one.subject}",
            f"Fondement : {clock.basis}",
            *clock.steps,
        ),
        warned=clock.duty,
    )


def deadline(
    rule: Annotated[
        str, typer.Argument(metavar="REGLE", help="Par exemple JO_2, JC_14, L221_18, ELAPSED_24H.")
    ],
    start: Annotated[
        str, typer.Option("--from", help="Événement de départ, heure de Paris, comme 2026-11-23T10:15.")
    ],
    second: Annotated[
        str | None, typer.Option("--second", help="Second événement, si la règle en demande un.")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            "--region",
            help="FR, 57, 67, 68, 971, 972, 973, 974 ou 976 ; par défaut FR, ou avec --config celle de la boutique.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="Délais, calendrier et région de cette configuration."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Calcule une échéance et montre le décompte jour par jour."""
    from mailbot.errors import DeadlineError, RuleError
    from mailbot.steps import deadlines

    rules, home, saturday = _counting(config)
    began = instant(start, "--from")
    try:
        counted = deadlines.count(
            rule,
            rules,
            began,
            second=instant(second, "--second") if second else None,
            region=region or home,
            saturday_works=saturday,
        )
    except (RuleError, DeadlineError) as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        screen.print_json(deadlines.to_json(counted))
    else:
        screen.table(("", ""), deadlines.to_rows(counted), empty="")


def _counting(config: Path | None) -> "tuple[CountingRules, str, bool]":
    """The ways to count, the shop's region, and whether its Saturdays count; without configuration the shipped ones."""
    from mailbot.config import defaults_dir
    from mailbot.rule_files import read_toml
    from mailbot.rulebook import load_counting_rules
    from mailbot.ruleset.shop import Merchant

    if config is None:
        return load_counting_rules(defaults_dir() / "rules"), "FR", False
    folder = read_config(config).rules_dir or defaults_dir() / "rules"
    merchant = read_toml(folder / "entreprise.toml", Merchant)
    return load_counting_rules(folder), merchant.region, merchant.samedi_ouvre


french.command(app, "list")(list_)
french.command(app, "ics")(ics)

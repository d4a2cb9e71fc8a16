"""`mailbot tickets merge`, `unmerge` and `split`: two tickets of one matter, a mail of two."""

from typing import Annotated

import typer

from mailbot.commands.drafts import ActorOption
from mailbot.commands.opening import (
    DEFAULT_CONFIG,
    ConfigOption,
    load_rulebook,
    open_alone,
    open_database,
    read_config,
)

NumberArgument = Annotated[int, typer.Argument(metavar="NUMERO", help="Numéro du ticket.")]


def merge(
    number: NumberArgument,
    into: Annotated[int, typer.Option("--dans", help="Numéro du ticket gardé, qui répond pour les deux.")],
    confirmed: Annotated[
        bool,
        typer.Option("--autre-client", help="Confirme la fusion de tickets de deux adresses différentes."),
    ] = False,
    actor: ActorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Fusionne un ticket dans un autre : une seule réponse part, les échéances des deux courent sur le ticket gardé."""
    from mailbot import clock
    from mailbot.jobs import merging

    settings = read_config(config)
    book = load_rulebook(settings.rules_dir, settings.templates_dir)
    with open_database(settings) as store:
        merging.merge(store, book, number, into, actor, clock.now(), confirmed=confirmed)
    print(f"Ticket {number} fusionné dans le ticket {into}. Pour revenir : mailbot tickets unmerge {number}")


def unmerge(
    number: NumberArgument, actor: ActorOption = "agent", config: ConfigOption = DEFAULT_CONFIG
) -> None:
    """Sépare un ticket de celui où il a été fusionné, tant que la réponse commune n'est pas partie."""
    from mailbot import clock
    from mailbot.edges.store import merging

    with open_database(read_config(config)) as store:
        into = merging.unmerge(store, number, actor, clock.now())
    print(f"Ticket {number} séparé du ticket {into} : il a de nouveau ses échéances et son brouillon.")


def split(
    number: NumberArgument,
    intents: Annotated[
        list[str] | None,
        typer.Option("--intention", help="Ce que le client demande dans le nouveau ticket ; répétable."),
    ] = None,
    order: Annotated[
        str | None, typer.Option("--commande", help="La commande du nouveau ticket, si c'en est une autre.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option("--canal", help="Le canal de cette commande, si plusieurs ont ce numéro.")
    ] = None,
    actor: ActorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Scinde un ticket dont le mail porte deux demandes : le nouveau a sa situation, ses échéances et sa réponse."""
    from mailbot import clock
    from mailbot.edges.store import cases
    from mailbot.jobs.prepare import Desk
    from mailbot.jobs.splitting import Matter
    from mailbot.jobs.splitting import split as job

    matter = Matter(intents=tuple(intents or ()), order_id=order, channel=channel)
    with open_alone(config) as (workplace, _rules):
        done = job(Desk.of(workplace.line, workplace.store), number, matter, actor, clock.now())
        case = cases.get(workplace.store, done.case_id)
    print(f"Ticket {number} scindé. Nouveau ticket {done.case_id} : {', '.join(case.verdict.requests)}.")

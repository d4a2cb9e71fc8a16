"""`mailbot tickets`: every mail as a ticket, also those without a draft."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.commands import french, private, screen
from mailbot.commands.draft_view import STATE_WORDS
from mailbot.commands.drafts import ActorOption
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, open_database, read_config
from mailbot.commands.together import merge, split, unmerge

if TYPE_CHECKING:
    from mailbot.edges.store.cases import StoredCase
    from mailbot.edges.store.flags import Flag
    from mailbot.edges.store.tickets import Ticket

app = french.group("Tickets : tous les mails reçus, avec ou sans brouillon.")

NumberArgument = Annotated[int, typer.Argument(metavar="NUMERO", help="Numéro du ticket.")]
ACTIONS = {"send": "envoi seul", "draft": "brouillon", "human": "humain", "ignore": "classé"}
DRAFTS = {
    "replaced": "Le brouillon est refait.",
    "made": "Un brouillon est prêt.",
    "none": "Aucun brouillon : à écrire.",
    "withdrawn": "Le brouillon est retiré : ce cas n'a pas de réponse prête.",
    "kept_edited": "Le brouillon, réécrit par quelqu'un, est gardé tel quel.",
    "kept_left": "La réponse est déjà partie ou en train de partir : elle n'est pas changée.",
}


def list_(
    config: ConfigOption = DEFAULT_CONFIG,
    closed: Annotated[
        bool, typer.Option("--closed", help="Les tickets clos ou classés sans réponse.")
    ] = False,
    without_draft: Annotated[
        bool, typer.Option("--without-draft", help="Seulement ceux sans réponse prête.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Nombre de lignes.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Liste les tickets ouverts, le plus urgent en premier."""
    from mailbot import clock
    from mailbot.edges.store import flags
    from mailbot.edges.store.tickets import list_tickets

    with open_database(read_config(config)) as store:
        state = "closed" if closed else "open"
        found = list_tickets(store, state=state, without_draft=without_draft, limit=limit)
        flagged = flags.flags(store, {ticket.case.customer for ticket in found})
    if as_json:
        for ticket in found:
            flag = flagged.get(ticket.case.customer)
            screen.print_json({**_as_json(ticket), "address_flagged": flag.reason if flag else None})
        return
    now = clock.now()
    screen.table(
        ("Ticket", "À répondre avant", "", "Client", "Objet", "Décision", "Réponse"),
        [_row(ticket, now, flagged=ticket.case.customer in flagged) for ticket in found],
        empty="Aucun ticket.",
    )
    for flag in flagged.values():
        screen.console().print(f"⚠ {_flag_words(flag)}", markup=False, soft_wrap=True)


def _flag_words(flag: "Flag") -> str:
    return (
        f"{flag.address} : un envoi est revenu le {screen.moment(flag.flagged_at)} (ticket {flag.case_id}), "
        f"{flag.reason}. Rien ne part seul à cette adresse (mailbot tickets unflag {flag.address})."
    )


def _row(ticket: "Ticket", now: Any, *, flagged: bool) -> tuple[str, ...]:
    case = ticket.case
    return (
        str(case.id),
        screen.moment(ticket.due_at),
        screen.remaining(ticket.due_at, now) if ticket.due_at else "",
        ("⚠ " if flagged else "") + (case.customer_name or case.customer),
        case.subject,
        ACTIONS[case.decision.action],
        _answer(case, ticket.reply_id, ticket.reply_state),
    )


def _answer(case: "StoredCase", reply_id: int | None, state: str | None) -> str:
    """Where its answer is: in another ticket, in a reply of its own, still to be written, or nowhere."""
    if case.superseded_by is not None:
        return f"dans le ticket {case.superseded_by}"
    if state is not None:
        return f"n° {reply_id}, {STATE_WORDS[state]}"
    return "à écrire" if case.state == "open" else "aucune"


def _as_json(ticket: "Ticket") -> dict[str, Any]:
    case = ticket.case
    return {
        "ticket": case.id,
        "customer": case.customer,
        "subject": case.subject,
        "received_at": case.received_at,
        "order": case.order_id,
        "channel": case.channel,
        "situation": case.decision.situation,
        "action": case.decision.action,
        "reasons": list(case.decision.reasons),
        "due_at": ticket.due_at,
        "reply": ticket.reply_id,
        "reply_state": ticket.reply_state,
        "state": case.state,
        "answered_by": case.superseded_by,
    }


def show(number: NumberArgument, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Montre un ticket : le mail du client, les raisons de la décision, les échéances, l'historique."""
    from rich.panel import Panel
    from rich.text import Text

    from mailbot import clock
    from mailbot.edges.store import cases, flags, replies, thread_view

    with open_database(read_config(config)) as store:
        case = cases.get(store, number)
        reply = replies.of_case(store, number)
        clocks = thread_view.clocks(store, number)
        story = cases.story(store, number)
        flagged = flags.flags(store, [case.customer])
    out, now = screen.console(), clock.now()
    sender = f"{case.customer_name} <{case.customer}>" if case.customer_name else case.customer
    out.print(
        Panel(
            Text(case.text or "(aucun texte)"), title=Text(f"{sender} — {case.subject}"), title_align="left"
        )
    )
    answer = _answer(case, reply.id if reply else None, reply.state if reply else None)
    about = f"commande {case.order_id}" if case.order_id else "sans commande"
    known = (f"Ticket {number}", "ouvert" if case.state == "open" else "clos", about, case.decision.situation)
    out.print(Text(" · ".join(one for one in (*known, f"réponse : {answer}") if one)))
    for flag in flagged.values():
        out.print(Text(f"  ⚠ {_flag_words(flag)}", "bold red"))
    for reason in case.decision.reasons:
        out.print(Text(f"  – {reason}"))
    for one in clocks:
        left = "fait" if one.met_at else screen.remaining(one.due_at, now)
        of = f" (ticket {whose})" if (whose := one.of_case or one.case_id) != number else ""
        out.print(Text(f"  ⏱ {one.label}{of} : {screen.moment(one.due_at)} ({left}) — {one.basis}"))
        out.print(Text("\n".join(f"      {step}" for step in one.steps), "dim"))
    rows = [(screen.moment(event.at), event.actor, event.detail) for event in story]
    screen.table(("Quand", "Qui", "Quoi"), rows, empty="", title="Historique")


def close(
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Comment il a été réglé, pour l'historique.")],
    actor: ActorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Clôt un ticket réglé autrement (téléphone, espace vendeur…) : ses échéances ne sont plus surveillées."""
    from mailbot import clock
    from mailbot.edges.store import cases

    with open_database(read_config(config)) as store:
        cases.close(store, number, actor, reason, clock.now())
    print(f"Ticket {number} clos.")


def reopen(
    number: NumberArgument, actor: ActorOption = "agent", config: ConfigOption = DEFAULT_CONFIG
) -> None:
    """Reprend un ticket clos ou classé à tort sans réponse : il redevient ouvert, le délai de réponse court."""
    from mailbot import clock
    from mailbot.commands.opening import load_rulebook
    from mailbot.edges.store import cases, tickets
    from mailbot.line import answer_clocks

    settings = read_config(config)
    rulebook = load_rulebook(settings.rules_dir, settings.templates_dir)
    with open_database(settings) as store:
        case = cases.get(store, number)
        clocks = answer_clocks(rulebook, case.channel, case.received_at)
        tickets.reopen(store, number, clocks, actor, clock.now())
    print(
        f"Ticket {number} repris. À répondre avant : {', '.join(screen.moment(one.due_at) for one in clocks)}"
    )


def dossier(
    number: NumberArgument,
    target: Annotated[
        Path | None,
        typer.Option("--vers", help="Fichier ZIP à écrire (par défaut dossier-NUMERO.zip).", dir_okay=False),
    ] = None,
    short: Annotated[
        str | None,
        typer.Option(
            "--resume", help="Affiche seulement le texte court, « fr » ou « en » : aucun ZIP n'est écrit."
        ),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Constitue le dossier d'un litige : chronologie, mails d'origine et empreintes, commande, suivi, réponses et
    preuves d'envoi, échéances ; en ZIP (PDF et .eml) et en texte court, en français et en anglais."""
    from mailbot import clock
    from mailbot.commands.opening import load_rulebook
    from mailbot.jobs import dossier as job

    language = next((one for one in job.LANGUAGES if one == short), None)
    if short is not None and language is None:
        raise typer.BadParameter(f"--resume : « fr » ou « en », pas « {short} »")
    settings = read_config(config)
    shop = load_rulebook(settings.rules_dir, settings.templates_dir).merchant.nom
    with open_database(settings) as store:
        made = job.gather(store, settings, shop, number, clock.now())
    if language is not None:
        print(job.summary(made, language), end="")
        return
    path = target or Path(f"dossier-{number}.zip")
    private.write(path, job.archive(made))
    print(f"Dossier du ticket {number} écrit dans {path}.")


def correct(
    number: NumberArgument,
    intents: Annotated[
        list[str] | None,
        typer.Option("--intention", help="Ce que le client veut, le principal d'abord ; répétable."),
    ] = None,
    remedy: Annotated[
        str | None, typer.Option("--remede", help="Ce qu'il demande qu'on fasse ; « none » : rien de précis.")
    ] = None,
    order: Annotated[str | None, typer.Option("--commande", help="Le numéro de sa commande.")] = None,
    channel: Annotated[
        str | None, typer.Option("--canal", help="Le canal de la commande, si plusieurs ont ce numéro.")
    ] = None,
    actor: ActorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Corrige ce qui a été compris : le ticket est rejugé, son brouillon refait ; « mailbot train » en apprend."""
    from mailbot import clock
    from mailbot.commands.opening import open_alone
    from mailbot.edges.store import cases
    from mailbot.jobs.corrections import Wanted
    from mailbot.jobs.corrections import correct as job
    from mailbot.jobs.prepare import Desk

    wanted = Wanted(intents=tuple(intents or ()), remedy=remedy, order_id=order, channel=channel)
    with open_alone(config) as (workplace, _rules):
        done = job(Desk.of(workplace.line, workplace.store), number, wanted, actor, clock.now())
        case = cases.get(workplace.store, number)
    if as_json:
        told = {"ticket": number, "requests": list(case.verdict.requests), "remedy": case.verdict.remedy}
        decided = {"situation": case.decision.situation, "action": case.decision.action, "draft": done.draft}
        screen.print_json({**told, "order": case.order_id, "channel": case.channel, **decided})
        return
    about = f"commande {case.order_id} ({case.channel})" if case.order_id else "sans commande"
    print(f"Ticket {number} corrigé : {', '.join(case.verdict.requests)}, {about}. {DRAFTS[done.draft]}")


def unflag(
    address: Annotated[str, typer.Argument(metavar="ADRESSE", help="Adresse d'un client.")],
    actor: ActorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Lève le signalement d'une adresse dont un envoi était revenu : elle est de nouveau bonne."""
    from mailbot import clock
    from mailbot.edges.store import flags

    with open_database(read_config(config)) as store:
        flags.lift(store, address, actor, clock.now())
    print(f"{address} : signalement levé.")


for _name, _function in (
    ("list", list_),
    ("show", show),
    ("close", close),
    ("reopen", reopen),
    ("unflag", unflag),
    ("correct", correct),
    ("merge", merge),
    ("unmerge", unmerge),
    ("split", split),
    ("dossier", dossier),
):
    french.command(app, _name)(_function)

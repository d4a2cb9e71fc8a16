"""`mailbot drafts`: the agents' work from a terminal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, open_database, read_config

if TYPE_CHECKING:
    from mailbot.edges.store.replies import StoredReply

app = french.group("Brouillons : lister, lire, approuver, refuser, modifier.")

NumberArgument = Annotated[int, typer.Argument(metavar="NUMERO", help="Numéro de la réponse.")]
ActorOption = Annotated[str, typer.Option("--as", help="Votre nom, inscrit au journal.", envvar="USER")]
STATES = ("draft", "approved", "sending", "sent", "refused", "uncertain", "failed")
STATE_WORDS = {
    "draft": "brouillon",
    "approved": "approuvée",
    "sending": "en cours d'envoi",
    "sent": "envoyée",
    "refused": "refusée",
    "uncertain": "incertaine",
    "failed": "en échec",
}


def list_(
    config: ConfigOption = DEFAULT_CONFIG,
    state: Annotated[list[str] | None, typer.Option("--state", help=f"Parmi : {', '.join(STATES)}.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", help="Adresse du client.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Nombre de lignes.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Liste les réponses, la plus urgente en premier. Sans --state : les brouillons, les échecs et les incertaines."""
    from mailbot import clock
    from mailbot.edges.store import replies

    wanted = state or ["draft", "failed", "uncertain"]
    if unknown := [word for word in wanted if word not in STATES]:
        raise typer.BadParameter(f"état inconnu : {', '.join(unknown)} ; connus : {', '.join(STATES)}")
    with open_database(read_config(config)) as store:
        found = replies.list_drafts(store, states=wanted, customer=customer, limit=limit)  # type: ignore[arg-type]
    if as_json:
        for reply in found:
            screen.print_json(_as_json(reply))
        return
    if state or customer:
        show_queue(found, clock.now(), empty="Aucune réponse de ce genre.")
    else:
        show_queue(found, clock.now())


def show_queue(
    found: "Sequence[StoredReply]", now: datetime, *, empty: str = "Aucun brouillon en attente."
) -> None:
    """Replies as a table, in the order given."""
    screen.table(
        ("N°", "À répondre avant", "Client, objet", "Situation, état"),
        [_row(reply, now) for reply in found],
        empty=empty,
        whole=("N°", "À répondre avant"),
        styles=["", "dim"] * len(found),
    )


def _row(reply: "StoredReply", now: datetime) -> tuple[str, ...]:
    """Two lines for each reply, so that all of it is read on 80 columns too."""
    clocks = [clock for clock in reply.deadlines if clock.met_at is None and clock.duty]
    due = clocks[0].due_at if clocks else None
    state = STATE_WORDS[reply.state]
    if reply.reply.missing or reply.reply.blocked:
        state += ", à compléter"
    return (
        str(reply.id),
        f"{screen.moment(due)}\n{screen.remaining(due, now) if due else ''}",
        f"{reply.case.customer_name or reply.case.customer}\n{reply.case.subject}",
        f"{reply.case.decision.situation or '—'}\n{state}",
    )


def _as_json(reply: "StoredReply") -> dict[str, Any]:
    letter, case = reply.reply, reply.case
    return {
        "id": reply.id,
        "ticket": case.id,
        "state": reply.state,
        "version": reply.version,
        "to": letter.to.addr,
        "subject": letter.subject,
        "text": letter.text,
        "template": letter.template,
        "missing": list(letter.missing),
        "blocked": list(letter.blocked),
        "automatic": reply.auto,
        "situation": case.decision.situation,
        "decision_row": case.decision.row,
        "action": case.decision.action,
        "reasons": list(case.decision.reasons),
        "order": case.order_id,
        "customer": case.customer,
        "deadlines": [
            {"id": c.name, "label": c.label, "due_at": c.due_at, "rule": c.rule, "met_at": c.met_at}
            for c in reply.deadlines
        ],
        "approved_by": reply.approved_by,
        "send_after": reply.send_after,
        "sent_at": reply.sent_at,
        "server_text": reply.server_text,
        "reason": reply.reason,
    }


def show(number: NumberArgument, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Montre une réponse : le mail du client, ce qui a été compris, les échéances, le brouillon."""
    from mailbot import clock
    from mailbot.edges.store import cases, replies

    with open_database(read_config(config)) as store:
        reply = replies.get(store, number)
        story = cases.story(store, reply.case.id)
    if as_json:
        screen.print_json(
            {**_as_json(reply), "mail": reply.case.text, "story": [list(_event(e)) for e in story]}
        )
        return
    show_reply(reply, clock.now())
    screen.table(("Quand", "Qui", "Quoi"), [_event(event) for event in story], empty="", title="Historique")


def _event(event: Any) -> tuple[str, str, str]:
    return screen.moment(event.at), event.actor, event.detail


def show_reply(reply: "StoredReply", now: datetime) -> None:
    """One reply for a person: the customer's mail, what was understood, the clocks, the text."""
    from rich.panel import Panel
    from rich.text import Text

    out, case, letter = screen.console(), reply.case, reply.reply
    sender = f"{case.customer_name} <{case.customer}>" if case.customer_name else case.customer
    out.print(
        Panel(
            Text(case.text or "(aucun texte)"), title=Text(f"{sender} — {case.subject}"), title_align="left"
        )
    )
    out.print(
        Text(
            f"Ticket {case.id} · commande {case.order_id or 'non trouvée'} · {case.decision.situation or '—'}"
        )
    )
    for reason in case.decision.reasons:
        out.print(Text(f"  – {reason}", "dim"))
    for clock in reply.deadlines:
        left = "fait" if clock.met_at else screen.remaining(clock.due_at, now)
        out.print(Text(f"  ⏱ {clock.label} : {screen.moment(clock.due_at)} ({left}) — {clock.basis}"))
    title = Text(f"Réponse {reply.id} ({STATE_WORDS[reply.state]}) à {letter.to.addr} — {letter.subject}")
    out.print(Panel(Text(letter.text), title=title, title_align="left", border_style="green"))
    for wrong in (*(f"il manque : {fact}" for fact in letter.missing), *letter.blocked):
        out.print(Text(f"  ✗ {wrong}", "bold red"))
    if reply.reason:
        out.print(Text(f"  {reply.reason}", "yellow"))


def approve(
    number: NumberArgument,
    actor: ActorOption = "agent",
    version: Annotated[
        int | None, typer.Option("--version", help="Refuse si le texte a changé depuis.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Approuve une réponse : elle part après le délai d'annulation, une seule fois."""
    from mailbot import clock
    from mailbot.edges.store import replies

    settings = read_config(config)
    undo = settings.sending.undo_seconds
    with open_database(settings) as store:
        replies.approve(store, number, actor, clock.now(), timedelta(seconds=undo), expected_version=version)
    print(
        f"Réponse {number} approuvée. Elle part dans {undo} s ; pour l'arrêter : mailbot drafts cancel {number}"
    )
    if not settings.sending.enabled:
        print("Attention : l'envoi est coupé (sending.enabled = false), elle attendra.")


def cancel(
    number: NumberArgument, actor: ActorOption = "agent", config: ConfigOption = DEFAULT_CONFIG
) -> None:
    """Arrête une réponse approuvée qui n'est pas encore partie : elle redevient un brouillon."""
    from mailbot import clock
    from mailbot.edges.store import replies

    with open_database(read_config(config)) as store:
        replies.take_back(store, number, actor, clock.now())
    print(f"Réponse {number} : envoi annulé, c'est de nouveau un brouillon.")


def refuse(
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Pourquoi, pour le journal.")] = "",
    actor: ActorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Refuse une réponse : elle ne partira pas. Les échéances du ticket continuent de courir."""
    from mailbot import clock
    from mailbot.edges.store import replies

    with open_database(read_config(config)) as store:
        replies.refuse(store, number, actor, clock.now(), reason=reason)
    print(f"Réponse {number} refusée. Le ticket reste ouvert et ses échéances courent.")


def edit(
    number: NumberArgument,
    text_file: Annotated[
        Path | None, typer.Option("--file", help="Nouveau texte ; sans lui, ouvre votre éditeur.")
    ] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="Nouvel objet.")] = None,
    actor: ActorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Modifie un brouillon, dans votre éditeur ou depuis un fichier. Les garde-fous sont revérifiés."""
    from mailbot import clock
    from mailbot.commands.editing import new_text
    from mailbot.commands.opening import load_checker
    from mailbot.edges.store import replies

    settings = read_config(config)
    with open_database(settings) as store:
        before = replies.get(store, number)
        text = new_text(before.reply.text, text_file)
        title = subject or before.reply.subject
        if text == before.reply.text and title == before.reply.subject:
            print("Rien n'a changé.")
            return
        blocked = load_checker(settings)(before, text, title, clock.now())
        version = replies.edit(
            store,
            number,
            actor,
            text=text,
            subject=title,
            now=clock.now(),
            missing=(),
            blocked=blocked,
            expected_version=before.version,
        )
    print(f"Réponse {number} modifiée (version {version}).")
    for reason in blocked:
        print(f"  À corriger avant l'envoi : {reason}")


def resolve(
    number: NumberArgument,
    sent: Annotated[
        bool, typer.Option("--sent/--resend", help="Elle est bien partie, ou il faut la renvoyer.")
    ],
    actor: ActorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Tranche un envoi incertain, après vérification dans « Envoyés » ou auprès du client."""
    from mailbot import clock
    from mailbot.edges.store import outbox

    with open_database(read_config(config)) as store:
        outbox.resolve_uncertain(store, number, sent=sent, actor=actor, now=clock.now())
    print(f"Réponse {number} : {'notée comme envoyée' if sent else 'remise à l’envoi'}.")


for _name, _function in (
    ("list", list_),
    ("show", show),
    ("approve", approve),
    ("cancel", cancel),
    ("refuse", refuse),
    ("edit", edit),
    ("resolve", resolve),
):
    french.command(app, _name)(_function)

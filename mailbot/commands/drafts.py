"""`mailbot drafts`: the agents' work from a terminal."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.commands import french, screen
from mailbot.commands.draft_view import STATES, reply_json, show_queue, show_reply
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, open_database, read_config
from mailbot.steps.french import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailbot.edges.store.cases import Event
    from mailbot.edges.store.overrides import Override
    from mailbot.jobs.approval import Objection

app = french.group("Brouillons : lister, lire, approuver, refuser, modifier.")

NumberArgument = Annotated[int, typer.Argument(metavar="NUMERO", help="Numéro de la réponse.")]
ActorOption = Annotated[str, typer.Option("--as", help="Votre nom, inscrit au journal.", envvar="USER")]


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
            screen.print_json(reply_json(reply))
        return
    if state or customer:
        show_queue(found, clock.now(), empty="Aucune réponse de ce genre.")
    else:
        show_queue(found, clock.now())


def show(number: NumberArgument, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Montre une réponse : le mail du client, ce qui a été compris, les échéances, le brouillon."""
    from mailbot import clock
    from mailbot.commands.opening import load_guards
    from mailbot.edges.store import cases, overrides, replies, versions
    from mailbot.jobs import approval

    settings, now = read_config(config), clock.now()
    with open_database(settings) as store:
        reply = replies.get(store, number)
        story = cases.story(store, reply.case.id)
        despite = overrides.of_reply(store, number)
        written_by = versions.of_digest(store, reply.case.rulebook_digest)
        stands = reply.state in ("draft", "failed")
        found = approval.objections(store, reply, load_guards(settings), now) if stands else ()
    version = written_by.number if written_by else None
    if as_json:
        more = {
            "mail": reply.case.text,
            "story": [list(_event(one)) for one in story],
            "rules_version": version,
        }
        screen.print_json({**reply_json(reply), **more, **_guards_json(found, despite)})
        return
    show_reply(reply, now, [one.told for one in found] if stands else None)
    out = screen.console()
    if any(one.admits_override for one in found):
        out.print(
            f"  Dérogation possible : mailbot drafts approve {number} --malgre « votre raison »",
            style="yellow",
        )
    for one in despite:
        out.print(f"  Malgré « {one.told} » : {one.reason} ({one.actor})", style="yellow", markup=False)
    out.print(
        f"  Règles : version {version}" if version else "  Règles : changements non publiés", style="dim"
    )
    screen.table(("Quand", "Qui", "Quoi"), [_event(event) for event in story], empty="", title="Historique")


def _guards_json(found: "Sequence[Objection]", despite: "Sequence[Override]") -> dict[str, Any]:
    """What stands in the way of the reply, and what was passed over."""
    return {
        "objections": [
            {"guard": one.guard, "told": one.told, "admits_override": one.admits_override} for one in found
        ],
        "overrides": [
            {"at": one.at, "actor": one.actor, "guard": one.guard, "told": one.told, "reason": one.reason}
            for one in despite
        ],
    }


def _event(event: "Event") -> tuple[str, str, str]:
    return screen.moment(event.at), event.actor, event.detail


def approve(
    number: NumberArgument,
    actor: ActorOption = "agent",
    version: Annotated[
        int | None, typer.Option("--version", help="Refuse si le texte a changé depuis.")
    ] = None,
    despite: Annotated[
        str,
        typer.Option(
            "--malgre",
            metavar="RAISON",
            help="Passe outre les garde-fous qui l'admettent ; la raison est gardée.",
        ),
    ] = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Approuve une réponse : elle part après le délai d'annulation, une seule fois."""
    from mailbot import clock
    from mailbot.commands.opening import load_guards
    from mailbot.jobs import approval

    settings = read_config(config)
    undo = settings.sending.undo_seconds
    with open_database(settings) as store:
        guards = load_guards(settings)
        passed_over = approval.approve(
            store, guards, number, actor=actor, now=clock.now(), undo=timedelta(seconds=undo),
            reason=despite, expected_version=version, second_above=approval.limit_of(guards, settings.web),
        )  # fmt: skip
    for one in passed_over:
        print(f"  Malgré : {one.told}")
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
    from mailbot.steps.enclosures import missing

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
            missing=missing(before.reply.attachments),
            blocked=blocked,
            expected_version=before.version,
        )
    print(f"Réponse {number} modifiée (version {version}).")
    for reason in blocked:
        print(f"  À corriger avant l'envoi : {reason}")


def attach(
    number: NumberArgument,
    none: Annotated[bool, typer.Option("--none", help="N'envoie aucune pièce jointe.")] = False,
    actor: ActorOption = "agent",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Cherche à nouveau les fichiers à joindre à un brouillon, ou les retire (--none)."""
    from mailbot import clock
    from mailbot.jobs import enclosing

    settings = read_config(config)
    with open_database(settings) as store:
        found = enclosing.without(store, number, actor, clock.now()) if none else enclosing.look_again(
            store, settings, number, actor, clock.now()
        )  # fmt: skip
    for one in found:
        print(f"  {one.name or one.title} : {f'joint ({one.size} octets)' if one.size else 'introuvable'}")
    joined = sum(one.size > 0 for one in found)
    print(f"Réponse {number} : {counted(joined, 'pièce jointe') if joined else 'aucune pièce jointe'}.")


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
    ("attach", attach),
    ("resolve", resolve),
):
    french.command(app, _name)(_function)

"""`mailbot web`, and the pages beside the service: opening them, and the first administrator's link."""

import signal
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from mailbot.commands import french
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, open_alone

if TYPE_CHECKING:
    from mailbot.config import Web
    from mailbot.jobs.workplace import Workplace
    from mailbot.web.office import Office

FIRST = "admin"
RULES_SECONDS = 2.0
MOVED = (
    "web.second_approval_above : cette limite se règle maintenant dans rules/garde_fous.toml (accord_au_dessus = …). "
    "L'ancienne vaut tant que accord_au_dessus = 0 ; reportez-la, puis retirez-la de la configuration."
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    french.command(app, "web")(web)


def web(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Ouvre la page des agents seule, par exemple à côté d'un « mailbot run » qui tourne ailleurs. Ctrl-C l'arrête."""
    from mailbot import clock
    from mailbot.config import Web
    from mailbot.jobs import log
    from mailbot.web.server import serve

    log.to_stderr(verbose=False)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_alone(config) as (workplace, rules):
        office, listening = open_office(workplace, workplace.config.web or Web())
        log.log.info("page des agents : %s", welcome(office))
        pages = threading.Thread(target=serve, args=(office, listening, stop), name="page des agents")
        pages.start()
        while not stop.wait(RULES_SECONDS) and pages.is_alive():
            rules.look(clock.now)
        stop.set()
        pages.join()


def open_office(
    workplace: "Workplace", settings: "Web", *, guest: str | None = None
) -> "tuple[Office, socket.socket]":
    """The pages' surroundings and their socket. Raises NeedsHuman (French) when the port cannot be had."""
    from mailbot import clock
    from mailbot.jobs.log import log
    from mailbot.web.office import Office
    from mailbot.web.server import listen

    if settings.second_approval_above:
        log.warning("%s", MOVED)
    listening = listen(settings)
    known = settings.model_copy(update={"port": listening.getsockname()[1]})
    return Office(workplace=workplace, web=known, now=clock.now, guest=guest), listening


def beside(workplace: "Workplace") -> Callable[[threading.Event], None] | None:
    """The pages as a duty of the service, or None when there are none. Mail is more urgent than pages: when their port
    cannot be had, the service says so and works without them."""
    from mailbot.errors import NeedsHuman
    from mailbot.jobs.log import log
    from mailbot.web.server import serve

    settings = workplace.config.web
    if settings is None or not settings.enabled:
        return None
    try:
        office, listening = open_office(workplace, settings)
    except NeedsHuman as error:
        log.error("%s", error)
        return None
    log.info("page des agents : %s", welcome(office))
    return lambda stop: serve(office, listening, stop)


def welcome(office: "Office") -> str:
    """The address of the pages; the first time, a one-time link to become the administrator."""
    from mailbot.edges.store import people
    from mailbot.web.people import LINK_LIFE, address, invitation

    if people.anybody(office.store):
        return address(office)
    admin = people.find(office.store, FIRST) or people.add(office.store, FIRST, "admin", office.now())
    hours = int(LINK_LIFE.total_seconds()) // 3600
    return f"{address(office)}\npremier accès (lien à usage unique, {hours} h) : {invitation(office, admin)}"

"""The command line: `mailbot`. Exit codes: 0 ok, 1 failure, 2 wrong usage. Screens are French."""

import gc
import sys
from typing import Annotated

from mailbot.commands import french  # before typer: it asks for its French words while it is imported

# isort: split
import typer
import typer.main

from mailbot import __version__
from mailbot.errors import MailbotError, words

app = french.group(
    "La boîte mail du service client, lue, comprise et répondue à temps : mailbot rédige, un humain approuve.\n\n"
    "Pour commencer : [bold]mailbot demo[/] montre tout sur des exemples, [bold]mailbot init[/] prépare votre boutique."
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"mailbot {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Affiche la version.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """What may stand before the command."""


def _register() -> None:
    from mailbot.commands import (
        checkup,
        connect,
        deadlines,
        drafts,
        judge,
        mails,
        orders,
        pages,
        people,
        rules,
        service,
        setup,
        shadow,
        templates,
        tickets,
        training,
        versions,
    )

    for module in (service, pages, setup, connect, checkup, judge, deadlines, versions, training):
        module.register(app)
    app.add_typer(tickets.app, name="tickets")
    app.add_typer(drafts.app, name="drafts")
    app.add_typer(rules.app, name="rules")
    app.add_typer(orders.app, name="orders")
    app.add_typer(mails.app, name="mails")
    app.add_typer(shadow.app, name="shadow")
    app.add_typer(templates.app, name="templates")
    app.add_typer(versions.app, name="versions")
    app.add_typer(people.app, name="people")
    app.add_typer(people.audit_app, name="audit")


def main() -> None:
    """Entry point. Known errors are printed as one French message; anything else is a bug and keeps its traceback."""
    gc.set_threshold(
        50_000, 20, 100
    )  # rules, model and modules stay: looking through them again finds nothing
    _register()
    try:
        code = typer.main.get_command(app).main(prog_name="mailbot", standalone_mode=False)
    except typer.TyperException as error:
        code = usage(error)
    except MailbotError as error:
        code = fail(str(error))
    except OSError as error:
        if error.filename is None:
            raise
        code = fail(f"{error.filename} : accès impossible ({words(error)}).")
    except (KeyboardInterrupt, typer.Abort):
        code = fail("interrompu.")
    sys.exit(code or 0)


def fail(message: str) -> int:
    """Print a failure on standard error; returns exit code 1."""
    print(f"mailbot : {message}", file=sys.stderr)
    return 1


def usage(error: BaseException) -> int:
    """Print a usage error in French on standard error (nothing after a help page); returns exit code 2."""
    if message := french.usage_message(error):
        print(f"mailbot : {message}", file=sys.stderr)
    return 2

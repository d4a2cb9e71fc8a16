"""The command line: `mailbot`. Exit codes: 0 ok, 1 failure, 2 wrong usage. Screens are French."""

import gc
import sys
from importlib import import_module
from typing import Annotated

from mailbot.commands import french  # before typer: it asks for its French words while it is imported

# isort: split
import typer
import typer.main

from mailbot import __version__
from mailbot.errors import MailbotError, words

# Modules of mailbot.commands with what each adds, and groups with where they are, in the order of the help page.
_COMMANDS = {
    "service": ("run", "once", "status", "demo"),
    "pages": ("web",),
    "setup": ("init",),
    "connect": ("connect",),
    "checkup": ("check",),
    "judge": ("explain", "replay"),
    "deadlines": ("deadline", "deadlines"),
    "versions": ("publish", "rollback"),
    "training": ("train",),
}
_GROUPS = {
    "tickets": "tickets.app",
    "drafts": "drafts.app",
    "rules": "rules.app",
    "orders": "orders.app",
    "mails": "mails.app",
    "shadow": "shadow.app",
    "templates": "templates.app",
    "versions": "versions.app",
    "people": "people.app",
    "audit": "people.audit_app",
}


def _version(wanted: bool) -> None:
    if wanted:
        print(f"mailbot {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Affiche la version.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """What may stand before the command."""


def _program(name: str = "") -> typer.Typer:
    """The program with the command or group of this name, or with all when there is none such: a help page shows all, a
    mistake is told the nearest. Loading those that nobody asked for would take longer than most commands do."""
    app = french.group(
        "La boîte mail du service client, lue, comprise et répondue à temps : mailbot rédige, un humain approuve.\n\n"
        "Pour commencer : [bold]mailbot demo[/] montre tout sur des exemples, [bold]mailbot init[/] prépare votre "
        "boutique."
    )
    app.callback()(_options)
    asked = name in _GROUPS or any(name in added for added in _COMMANDS.values())
    for module, added in _COMMANDS.items():
        if not asked or name in added:
            import_module(f"mailbot.commands.{module}").register(app)
    for group, place in _GROUPS.items():
        if not asked or name == group:
            module, _, attribute = place.partition(".")
            app.add_typer(getattr(import_module(f"mailbot.commands.{module}"), attribute), name=group)
    return app


def main() -> None:
    """Entry point. Known errors are printed as one French message; anything else is a bug and keeps its traceback."""
    gc.set_threshold(
        50_000, 20, 100
    )  # rules, model and modules stay: looking through them again finds nothing
    program = _program(sys.argv[1] if len(sys.argv) > 1 else "")
    try:
        code = typer.main.get_command(program).main(prog_name="mailbot", standalone_mode=False)
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

"""French help and usage errors for typer.

typer asks gettext for a few words at import time (and ships no catalogue), so import this before typer is used;
usage errors, which it words in English, are worded anew from the exception."""

import gettext
import re
from collections.abc import Callable
from functools import partial
from typing import Any

WORDS = {
    "Commands": "Commandes",
    "Error": "Erreur",
    "Aborted.": "Interrompu.",
    "Aborted!": "Interrompu.",
    "[default: {}]": "[défaut : {}]",
    "[env var: {}]": "[variable : {}]",
    "[required]": "[obligatoire]",
    "required": "obligatoire",
    "default: {default}": "défaut : {default}",
    "(dynamic)": "(calculé)",
    "Missing command.": "Il manque une commande.",
}
_TYPES = {"path": "<chemin>", "str": "<texte>", "int": "<nombre>", "float": "<nombre>", "bool": ""}
_UNKNOWN = re.compile(r"No such command '([^']*)'")


def _gettext(message: str) -> str:
    return WORDS.get(message, message)


gettext.gettext = _gettext

import typer  # noqa: E402
from typer import core  # noqa: E402


def _french_help(option: Any) -> Any:
    if option is not None:
        option.help = "Affiche cette aide."
    return option


def _french_type(told: str | None) -> str | None:
    """What an option takes: "<list[int]>" and "<int range>" are numbers; a switch takes nothing."""
    found = re.fullmatch(r"<(?:list\[)?(\w+)(?: range)?\]?>", told or "")
    return _TYPES.get(found[1], told) if found else told


def _french_types(command: Any, ctx: Any) -> None:
    for parameter in command.get_params(ctx):
        told = parameter.display_type_rich
        parameter.display_type_rich = partial(_french_display, told)


def _french_display(told: Callable[..., str | None], ctx: Any) -> str | None:
    return _french_type(told(ctx=ctx))


def _format_usage(command: Any, ctx: Any, formatter: Any) -> None:
    formatter.write_usage(ctx.command_path, " ".join(command.collect_usage_pieces(ctx)), prefix="Emploi : ")


class FrenchCommand(core.TyperCommand):
    """A command whose --help is in French and ends with an example."""

    def get_help_option(self, ctx: Any) -> Any:
        return _french_help(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _format_usage(self, ctx, formatter)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from mailbot.commands.examples import EXAMPLES

        if example := EXAMPLES.get(ctx.command_path.partition(" ")[2]):
            self.epilog = f"Exemple : [bold]{example}[/]"
        _french_types(self, ctx)
        super().format_help(ctx, formatter)


class FrenchGroup(core.TyperGroup):
    """A group of commands whose --help is in French."""

    def get_help_option(self, ctx: Any) -> Any:
        return _french_help(super().get_help_option(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        _format_usage(self, ctx, formatter)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _french_types(self, ctx)
        super().format_help(ctx, formatter)


def group(help_text: str, **settings: Any) -> typer.Typer:
    """A typer application with French help; no_args prints the help."""
    return typer.Typer(
        help=help_text,
        cls=FrenchGroup,
        no_args_is_help=True,
        add_completion=False,
        subcommand_metavar="COMMANDE [PARAMÈTRES]...",
        rich_markup_mode="rich",
        **settings,
    )


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as the command `name` of `app`; its docstring is the French help."""
    return app.command(name, cls=FrenchCommand)


def usage_message(error: Any) -> str:
    """One French line for a usage error of typer's parser."""
    kind = type(error).__name__
    hint = _parameter(error)
    if kind == "NoSuchOption":
        near = f" Vouliez-vous dire {' ou '.join(error.possibilities)} ?" if error.possibilities else ""
        return f"option inconnue : {error.option_name}.{near}"
    if kind == "MissingParameter":
        return f"il manque {hint or 'un paramètre'}. Voir --help."
    if kind == "BadOptionUsage":
        return f"l'option {error.option_name} attend une valeur."
    if kind == "BadParameter":
        return f"valeur incorrecte{f' pour {hint}' if hint else ''} : {_reason(error.message)}"
    if kind == "NoArgsIsHelpError":
        return ""  # its help is on the screen already
    said = _UNKNOWN.sub(r"Commande inconnue : \1", error.format_message())
    return _reason(said).replace("Did you mean", "Vouliez-vous dire").replace("'?", "' ?")


def _parameter(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return ""
    if parameter.param_type_name == "argument":
        return f"l'argument {parameter.display_name_raw.rstrip('.')}"
    return f"l'option {' ou '.join((*parameter.opts[:1], *parameter.secondary_opts[:1]))}"


_REASONS = {
    "Got unexpected extra argument": "argument en trop",
    "does not exist": "ce chemin n'existe pas",
    "is a directory": "c'est un dossier, un fichier est attendu",
    "is a file": "c'est un fichier, un dossier est attendu",
    "is not readable": "lecture interdite",
    "is not a valid integer": "un nombre entier est attendu",
    "should be a valid integer": "un nombre entier est attendu",
    "should be a valid number": "un nombre est attendu",
    "should be greater than or equal to": "le nombre est trop petit",
    "should be less than or equal to": "le nombre est trop grand",
    "is not a valid float": "un nombre est attendu",
    "is not one of": "valeur hors de la liste permise",
}


def _reason(english: str) -> str:
    for sign, french in _REASONS.items():
        if sign in english:
            detail = english.replace("(s)", "").partition("(")[2].rpartition(")")[0] or _quoted(english)
            return f"{french}{f' ({detail})' if detail else ''}"
    return english


def _quoted(text: str) -> str:
    return text.partition("'")[2].rpartition("'")[0]

"""A stretch of the past as people type it: 30j, 12h, 2s, or a date."""

from datetime import datetime, timedelta

import typer

from mailbot.commands.opening import instant

_UNITS = {"h": timedelta(hours=1), "j": timedelta(days=1), "d": timedelta(days=1), "s": timedelta(weeks=1)}


def since_when(text: str, now: datetime) -> datetime:
    """The instant that « 30j » (days), « 12h » (hours), « 2s » (weeks) before `now`, or an ISO date, names.

    Raises a usage error (French)."""
    number, unit = text[:-1], text[-1:].lower()
    if number.isdecimal() and unit in _UNITS:
        try:
            return now - int(number) * _UNITS[unit]
        except OverflowError as error:
            raise typer.BadParameter(f"--since : « {text} » est trop loin dans le passé") from error
    try:
        return instant(text, "--since")
    except typer.BadParameter as error:
        hint = "attendu : 30j (jours), 12h (heures), 2s (semaines) ou une date (2026-11-01)"
        raise typer.BadParameter(f"--since : « {text} » : {hint}") from error

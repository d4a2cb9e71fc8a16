"""The demonstration: a fictional shop, « Maison Lilas », with its mails (`mails/*.eml`) and orders (`orders.csv`).

Both are UTF-8 texts whose dates are relative to the day of the demonstration. `render` fills them in:

    {{J-3}}            2026-11-19           three days ago, for orders.csv ({{J-3}}T10:42)
    {{O-3}}            2026-11-19           the same, moved back to Friday when it is a Saturday or Sunday
    {{jour J-3}}       jeudi                the weekday
    {{date J-3}}       19 novembre          day and month (accents: only where the part is 8bit UTF-8)
    {{le J-3}}         19/11/2026           ASCII, for quoted-printable parts
    {{en J-3}}         19 November          in English
    {{aammjj J-3}}     261119               inside Cdiscount order numbers
    {{rfc J-3 14:07}}  Thu, 19 Nov 2026 14:07:00 +0100    a Date header, Paris time

J and O take -n, +n or nothing (today). Anything else between double braces is a ValueError: a demonstration must not
show a placeholder.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from email.utils import format_datetime

from mailbot.steps.french import DAYS, MONTHS
from mailbot.zone import PARIS

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_CONTENT = re.compile(
    r"(?:(?P<form>[a-z]+) )?(?P<base>[JO])(?P<shift>[+-]\d{1,4})?(?: (?P<clock>\d\d:\d\d))?"
)
_ENGLISH = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def render(text: str, today: date) -> str:
    """The text of a demonstration mail or of orders.csv, with every placeholder replaced for `today`.

    Raises ValueError for a placeholder that is not one of the forms above."""
    return _PLACEHOLDER.sub(lambda match: _one(match.group(1), today), text)


def _one(content: str, today: date) -> str:
    match = _CONTENT.fullmatch(content)
    form = "" if match is None else match["form"] or ""
    if match is None or form not in _FORMS or (match["clock"] is not None) != (form == "rfc"):
        raise ValueError(f"repère de date inconnu : {{{{{content}}}}}")
    day = today + timedelta(days=int(match["shift"] or 0))
    if match["base"] == "O":
        day -= timedelta(days=max(0, day.weekday() - 4))
    if match["clock"]:
        return format_datetime(datetime.combine(day, time.fromisoformat(match["clock"]), PARIS))
    return _FORMS[form](day)


def _french_date(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]}"


_FORMS: Mapping[str, Callable[[date], str]] = {
    "": date.isoformat,
    "jour": lambda day: DAYS[day.weekday()],
    "date": _french_date,
    "le": lambda day: f"{day:%d/%m/%Y}",
    "en": lambda day: f"{day.day} {_ENGLISH[day.month - 1]}",
    "aammjj": lambda day: f"{day:%y%m%d}",
    "rfc": date.isoformat,
}

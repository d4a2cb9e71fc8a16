"""Cells of an orders file → typed values. Each refusal is a French sentence that names the column."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from mailbot.zone import PARIS

_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_FRENCH_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(.*)", re.DOTALL)
_AMOUNT_NOISE = re.compile(r"[\s\u00a0\u202f€]|EUR$", re.IGNORECASE)
_EITHER = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")
_KEPT_AS_TEXT = re.compile(r"""'+(.*)|="(.*)\"""", re.DOTALL)
_THOUSANDS = re.compile(r"-?\d{1,3}(?:\.\d{3})+,\d+|-?\d{1,3}(?:,\d{3})+\.\d+")


class BadCell(ValueError):
    """A cell that cannot be read; the message is French and names the column."""


def required(facts: Mapping[str, str], name: str) -> str:
    """The cell, which must not be empty."""
    if not (value := facts.get(name, "")):
        raise BadCell(f"{name} : valeur obligatoire absente")
    return value


def identifier(facts: Mapping[str, str], name: str) -> str:
    """A number as text. What a spreadsheet has turned into 1,9E+09 is refused: its digits are lost."""
    value = _unwrapped(required(facts, name))
    if _SCIENTIFIC.fullmatch(value):
        raise BadCell(
            f"{name} : « {value} » est un nombre en notation scientifique, ses chiffres sont perdus. "
            "Exportez de nouveau sans passer par un tableur, ou mettez la colonne au format texte"
        )
    if not any(char.isalnum() for char in value):
        raise BadCell(f"{name} : « {value} » ne contient ni lettre ni chiffre")
    return value


def moment(name: str, value: str) -> datetime:
    """An aware instant: ISO 8601 (or JJ/MM/AAAA [HH:MM]); without zone, Europe/Paris; a date is 00:00."""
    try:
        found = datetime.fromisoformat(_iso(value))
    except ValueError as error:
        raise BadCell(
            f"{name} : date « {value} » incorrecte, attendu par exemple 2026-03-14T09:30 ou 14/03/2026 09:30"
        ) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=PARIS)


def day(name: str, value: str) -> date:
    """A calendar day in Europe/Paris; a time of day in the cell is dropped."""
    return moment(name, value).astimezone(PARIS).date()


def amount(name: str, value: str) -> Decimal:
    """As `exact`, but 1.234 and 1,234 are refused: one file means a thousand by it, another one a unit."""
    if _EITHER.fullmatch(_AMOUNT_NOISE.sub("", value)):
        raise BadCell(
            f"{name} : montant « {value} » ambigu, millier ou décimale ? Écrivez par exemple 1234,00"
        )
    return exact(name, value)


def exact(name: str, value: str) -> Decimal:
    """An amount of money: decimal point or comma, '€' and thin spaces tolerated, never through a float."""
    plain = _AMOUNT_NOISE.sub("", value)
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace("." if plain.rfind(",") > plain.rfind(".") else ",", "")
    try:
        found = Decimal(plain.replace(",", "."))
    except InvalidOperation as error:
        raise BadCell(f"{name} : montant « {value} » incorrect, attendu par exemple 12,50") from error
    if not found.is_finite():
        raise BadCell(f"{name} : montant « {value} » incorrect, attendu par exemple 12,50")
    return found


def postal_code(value: str | None, country: str | None) -> str | None:
    """The postal code; a French one that lost its leading zero gets it back (France only)."""
    if value is None:
        return None
    plain = _unwrapped(value).removesuffix(".0")
    french = (country or "FR").upper() in {"FR", "FRA", "FRANCE"}
    return plain.zfill(5) if french and plain.isdecimal() and len(plain) == 4 else plain


def _unwrapped(value: str) -> str:
    """Without what keeps a spreadsheet from taking text for a number: '00123 and ="00123"."""
    kept = _KEPT_AS_TEXT.fullmatch(value)
    return value if kept is None else kept[1] or kept[2] or ""


def _iso(value: str) -> str:
    if (french := _FRENCH_DAY.fullmatch(value)) is None:
        return value
    day_, _, month, year, rest = french.groups()
    clock = rest.strip().replace("h", ":").removesuffix(":")
    start = date(int(year), int(month), int(day_)).isoformat()
    if not clock:
        return start
    hour = clock if ":" in clock else f"{clock}:00"
    return (
        f"{start}T{hour.zfill(5) if hour.count(':') == 1 else time.fromisoformat(hour.zfill(8)).isoformat()}"
    )

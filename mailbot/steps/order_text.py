"""The rarely used columns of an order (text, may be absent) read as values. Absent or odd is None."""

from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from unicodedata import normalize

from mailbot.model import Order
from mailbot.zone import PARIS

_YES = frozenset({"yes", "oui", "true", "vrai", "1", "y", "o"})
_NO = frozenset({"no", "non", "false", "faux", "0", "n"})


def text(order: Order, column: str) -> str | None:
    """The trimmed text of a further column, None when absent or empty."""
    return (order.extra.get(column) or "").strip() or None


def yes_no(order: Order, column: str) -> bool | None:
    """yes/no (oui/non, true/false, 1/0); anything else is unknown."""
    word = (text(order, column) or "").lower()
    return True if word in _YES else False if word in _NO else None


def number(order: Order, column: str) -> Decimal | None:
    """A number, with a point or a comma."""
    try:
        found = Decimal((text(order, column) or "").replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def instant(order: Order, column: str) -> datetime | None:
    """An ISO 8601 time, Europe/Paris when naive; a date alone is its last second."""
    raw = text(order, column)
    if raw is None:
        return None
    try:
        when = datetime.fromisoformat(raw)
    except ValueError:
        return None
    if len(raw) == len("2026-01-31"):
        when = datetime.combine(when.date(), time(23, 59, 59))
    return when if when.tzinfo else when.replace(tzinfo=PARIS)


@lru_cache(maxsize=4096)
def fold(value: str) -> str:
    """Letters and digits only, lower case, without accents: how addresses and names are compared."""
    return "".join(char for char in normalize("NFKD", value).lower() if char.isalnum())

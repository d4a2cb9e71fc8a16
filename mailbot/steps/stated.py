"""What an outgoing text states: contacts, dates, amounts, numbers. Read paragraph by paragraph and remembered, since
letters are made of the same few; nothing here is written across an empty line."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from mailbot.steps.french import MONTHS

_REMEMBERED = 1024  # paragraphs
_LEFTOVER = re.compile(r"\b(?:None|nan|NaN|Undefined)\b")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>«»]+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.-])(?:\+|00)?\d(?:[\s.-]?\d){9,12}(?![\w-])")
_AMOUNT = re.compile(r"(\d{1,3}(?:[ .\u00a0\u202f]\d{3})+(?:,\d{1,2})?|\d+(?:[,.]\d{1,2})?)\s?(?:€|[eE][uU][rR](?:[oO][sS]?)?\b)")  # fmt: skip # noqa: E501
_HAS_MONEY = re.compile(r"€|[eE][uU][rR]")
_LONG_DATE = re.compile(rf"\b(\d{{1,2}})(?:er)? ({'|'.join(MONTHS)})(?: (\d{{4}}))?", re.IGNORECASE)
_SHORT_DATE = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})\b")
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_TOKEN = re.compile(r"[\w-]{5,}")
_DIGITS = 4  # from so many digits on, a word is a number of something
_ARTICLE = re.compile(r"\b[LRD]\.?\s?\d{3,4}-\d+(?:-\d+)?\b")  # of a code of law

# What a channel may forbid, and what it is called.
CONTACTS: Mapping[str, str] = {
    "liens": "un lien",
    "adresses": "une adresse e-mail",
    "telephones": "un numéro de téléphone",
}
_CONTACTS = {"liens": _LINK, "adresses": _EMAIL, "telephones": _PHONE}

Dates = tuple[tuple[str, str], ...]


class Stated(NamedTuple):
    """What one paragraph states, each as written. `leftovers` of a program; `contacts` by their kind; dates with
    their ISO day (only -MM-DD when no year is written); amounts with their value like '39.90'."""

    leftovers: tuple[str, ...]
    contacts: Mapping[str, tuple[str, ...]]
    long_dates: Dates
    short_dates: Dates
    iso_dates: Dates
    amounts: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]


@lru_cache(_REMEMBERED)
def stated(paragraph: str) -> Stated:
    """What a paragraph states."""
    return Stated(
        leftovers=tuple(_LEFTOVER.findall(paragraph)),
        contacts={kind: contacts(kind, paragraph) for kind in CONTACTS},
        long_dates=tuple(
            (found[0], f"{found[3] or ''}-{MONTHS.index(found[2].lower()) + 1:02d}-{int(found[1]):02d}")
            for found in _LONG_DATE.finditer(paragraph)
        ),
        short_dates=tuple(
            (found[0], f"20{found[3][-2:]}-{int(found[2]):02d}-{int(found[1]):02d}")
            for found in _SHORT_DATE.finditer(paragraph)
        ),
        iso_dates=tuple((found[0], found[0]) for found in _ISO_DATE.finditer(paragraph)),
        amounts=_amounts(paragraph),
        numbers=_numbers(paragraph),
    )


def contacts(kind: str, text: str) -> tuple[str, ...]:
    """The links, addresses or telephone numbers in a text; `kind` is one of CONTACTS."""
    if kind == "adresses" and "@" not in text:
        return ()
    return tuple(found[0] for found in _CONTACTS[kind].finditer(text))


def _amounts(text: str) -> tuple[tuple[str, str], ...]:
    if not _HAS_MONEY.search(text):
        return ()
    undated = _ISO_DATE.sub(" ", _SHORT_DATE.sub(" ", text))
    return tuple((found[0], f"{_value(found[1]):.2f}") for found in _AMOUNT.finditer(undated))


def _value(written: str) -> Decimal:
    return Decimal(re.sub(r"[ .](?=\d{3})", "", written).replace(",", "."))


def _numbers(text: str) -> tuple[str, ...]:
    if _long_numbers(
        text
    ):  # a link, address, telephone or article of law has digits of its own, judged elsewhere
        for pattern in (_LINK, _EMAIL, _PHONE, _ARTICLE, _ISO_DATE):
            text = pattern.sub(" ", text)
        return _long_numbers(text)
    return ()


def _long_numbers(text: str) -> tuple[str, ...]:
    return tuple(
        token
        for token in _TOKEN.findall(text)
        if not token.isalpha() and sum(map(str.isdigit, token)) >= _DIGITS
    )

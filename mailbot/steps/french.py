"""French typography: dates, amounts, lists, spaces that do not break, paragraphs and their HTML twin."""

import html
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from mailbot.zone import PARIS

NBSP = "\u00a0"
HARD_BREAK = "\u2028"  # a line break that the layout keeps
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SHORT_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "CHF": "CHF"}
_REMEMBERED = 1024  # paragraphs: letters are made of the same few

_BEFORE = re.compile(r"[ \u00a0\u202f]+([:;!?»%€])(?=[\s).,»\]]|$)")
_GLUED = re.compile(r"[ \u00a0]+(?=[,.)](?:\s|$))")
_AFTER_QUOTE = re.compile(r"«[ \u00a0\u202f]*")
_BEFORE_QUOTE = re.compile(r"(?<=\S)[ \u00a0\u202f]*»")
_NUMBER_SIGN = re.compile(r"\bn°[ \u00a0\u202f]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_REPLY_MARK = re.compile(r"^(?:\s*(?:re|ré|rép|réf|aw|sv|antw)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_LIST_ITEM = re.compile(r"(?:-|\d{1,2}\.) ")
_NAME = re.compile(r"[^\W\d_]+(?:(?:['’-]|\.? )[^\W\d_]+)*\.?")
_URL = re.compile(r"https://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its ISO 4217 currency; prints as « 1 299,00 € » with spaces that do not break."""

    amount: Decimal
    currency: str = "EUR"

    def __str__(self) -> str:
        cents = self.amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
        digits = f"{cents:,.2f}".replace(",", NBSP).replace(".", ",")
        return f"{digits}{NBSP}{SYMBOLS.get(self.currency, self.currency)}"


def paris_day(value: date) -> date:
    """The calendar day in France of an aware datetime; a plain date is returned as it is."""
    if not isinstance(value, datetime):
        return value
    return (value.astimezone(PARIS) if value.tzinfo else value).date()


def short_date(value: date) -> str:
    """« 25 novembre 2026 », day in Europe/Paris."""
    day = paris_day(value)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def long_date(value: date) -> str:
    """« mercredi 25 novembre 2026 », day in Europe/Paris."""
    return f"{DAYS[paris_day(value).weekday()]} {short_date(value)}"


def date_and_time(value: date) -> str:
    """« mercredi 25 novembre 2026 à 14 h 05 », Europe/Paris; a plain date has no hour."""
    if not isinstance(value, datetime):
        return long_date(value)
    local = value.astimezone(PARIS) if value.tzinfo else value
    return f"{long_date(local)} à {local.hour}{NBSP}h{NBSP}{local.minute:02d}"


def counted(count: int, one: str, many: str = "") -> str:
    """« 0 mail », « 1 envoi incertain », « 2 envois incertains »: the plural begins at two. `many` where it takes more
    than an s at the end of each word."""
    return f"{count} {one if abs(count) < 2 else many or ' '.join(f'{word}s' for word in one.split())}"


def one_line(text: str) -> str:
    """A fact made safe for the middle of a sentence: no line break, no control or invisible direction sign."""
    return " ".join((text if text.isprintable() else _CONTROL.sub(" ", text)).split())


def person_name(text: str | None) -> str | None:
    """A name fit for a greeting, or None when the text does not look like a person's first and last name."""
    name = one_line(text or "")
    if not 3 <= len(name) <= 60 or not 2 <= len(name.split()) <= 5 or not _NAME.fullmatch(name):
        return None
    return " ".join(map(_capital, name.split())) if name in (name.upper(), name.lower()) else name


def _capital(word: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word.lower())


def bare_subject(text: str) -> str:
    """A subject on one line without the marks of replies before it (« Re: », « RE : », « Rép: », ...)."""
    return _REPLY_MARK.sub("", one_line(text), count=1)


def typography(text: str) -> str:
    """Spaces before : ; ! ? » % € and inside quotes become spaces that do not break. Addresses of pages are left.
    A space before , . or ) goes: templates break lines between a fact and its comma."""
    return "\n".join(map(_typeset, text.split("\n")))


@lru_cache(_REMEMBERED)
def _typeset(text: str) -> str:
    text = _GLUED.sub("", text)
    text = _BEFORE.sub(NBSP + r"\1", text)
    if "«" in text or "»" in text:
        text = _BEFORE_QUOTE.sub(NBSP + "»", _AFTER_QUOTE.sub("«" + NBSP, text))
    return _NUMBER_SIGN.sub("n°" + NBSP, text) if "n°" in text else text


def layout(text: str) -> str:
    """Lines of the template become paragraphs: line ends join unless the next line opens a list item; at most one
    empty line; HARD_BREAK becomes a line end."""
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))
    return "\n\n".join(filter(None, map(_paragraph, blocks))).replace(HARD_BREAK, "\n") + "\n"


@lru_cache(_REMEMBERED)
def _paragraph(block: str) -> str:
    lines: list[str] = []
    for line in block.split("\n"):
        words = " ".join(re.split(r"[ \t\n]+", line.strip(" \t\n")))
        if not words:
            continue
        if lines and not _LIST_ITEM.match(words):
            lines[-1] += " " + words
        else:
            lines.append(words)
    return "\n".join(lines)


def to_html(text: str) -> str:
    """The sober HTML twin of a laid-out text: paragraphs, lists, links to https pages; everything escaped."""
    parts = map(_block, text.strip().split("\n\n"))
    return '<!DOCTYPE html>\n<html lang="fr">\n<body>\n' + "\n".join(parts) + "\n</body>\n</html>\n"


@lru_cache(_REMEMBERED)
def _block(paragraph: str) -> str:
    lines = paragraph.split("\n")
    items = [line for line in lines if line.startswith("- ")]
    if items and lines[-len(items) :] == items:
        head = lines[: -len(items)]
        opening = f"<p>{'<br>'.join(map(_inline, head))}</p>\n" if head else ""
        return opening + "<ul>" + "".join(f"<li>{_inline(item[2:])}</li>" for item in items) + "</ul>"
    return f"<p>{'<br>'.join(map(_inline, lines))}</p>"


def _inline(line: str) -> str:
    parts, end = [], 0
    for link in _URL.finditer(line):
        address = html.escape(link[0])
        parts += [html.escape(line[end : link.start()], quote=False), f'<a href="{address}">{address}</a>']
        end = link.end()
    return "".join(parts) + html.escape(line[end:], quote=False)

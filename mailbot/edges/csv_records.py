"""A CSV file as spreadsheets and shops really write them → its records, with the number of the line each begins on."""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from mailbot.errors import OrdersFileError, words

SEPARATORS = ",;\t|"
PREAMBLE = 10  # lines that may stand before the header: `sep=;` (Excel), blank lines, a title
_LONGEST_RECORD = 1_000_000
_MOST_LINES = 200
_QUOTED = re.compile(r'"[^"]*"')
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, .xls
_SAVE_AS = "Dans le tableur, choisissez « Enregistrer sous », puis « CSV UTF-8 »."


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The file's text: UTF-8 (BOM tolerated), UTF-16 with BOM, else Windows-1252. Raises OrdersFileError (French) when
    it cannot be read or is no text."""
    csv.field_size_limit(_LONGEST_RECORD)
    try:
        with path.open(encoding=_encoding_of(path), newline="", errors="replace") as file:
            yield file
    except (OSError, UnicodeError) as error:
        raise OrdersFileError(f"{path} : lecture impossible ({words(error)}).") from error


def _encoding_of(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        head = file.read(8)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if head.startswith(_WORKBOOKS):
            raise OrdersFileError(f"{path} : c'est un classeur, pas un CSV. {_SAVE_AS}")
        if b"\0" in head:
            raise OrdersFileError(f"{path} : ce n'est pas un fichier de texte. {_SAVE_AS}")
        file.seek(0)
        try:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def names_of(line: str) -> tuple[str, list[str]]:
    """What separates the cells of a header line, and its cells; a separator within quotes does not count."""
    separator = max(SEPARATORS, key=_QUOTED.sub("", line).count)
    return separator, _cells(line, separator)


def records(file: TextIO, separator: str, width: int, line: int) -> Iterator[tuple[int, list[str] | None]]:
    """Line number and cells of each record, `line` numbering the next line. A quote that is never closed costs
    its own line only (None), not the lines that follow it, which a plain CSV reader would swallow."""
    waiting: deque[str] = deque()
    while True:
        taken: list[str] = []
        source = _next_lines(file, waiting, taken)
        try:
            cells = next(csv.reader(source, delimiter=separator, strict=True), None)
        except csv.Error:
            cells = []
        if cells is None:
            return
        if len(taken) > 1 and len(cells) != width:
            waiting.extendleft(reversed(taken[1:]))
            del taken[1:]
        if len(taken) == 1 and len(cells) != width:
            cells = _cells(taken[0], separator)
        unclosed = len(cells) != width and "".join(taken).count('"') % 2 == 1
        yield line, None if unclosed else cells
        line += len(taken)


def _next_lines(file: TextIO, waiting: deque[str], taken: list[str]) -> Iterator[str]:
    while len(taken) < _MOST_LINES:
        text = waiting.popleft() if waiting else file.readline(_LONGEST_RECORD)
        if not text:
            return
        taken.append(text)
        yield text


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []

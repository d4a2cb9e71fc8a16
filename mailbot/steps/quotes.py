"""What this sender newly wrote, apart from quotes, platform wrappers, device lines and legal notices."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import compress

from mailbot.ruleset.reading import Reading
from mailbot.ruleset.shop import Channel
from mailbot.steps.html_text import CUT
from mailbot.steps.patterns import lines, union

_LONGEST = 400_000  # characters of a text that are looked at; what follows counts as quoted
_GREETING = 120  # characters at most
_MANY = 8  # words
_BLANKS = re.compile(r"\n{3,}")
_FLIP = bytes((1, 0)) + bytes(254)


def split(
    text: str, reading: Reading, channel: Channel | None = None, *, reply: bool = False
) -> tuple[str, str]:
    """(new text, all the rest). Every line lands in exactly one of the two; new text without a letter or digit
    is none, nor is a mere greeting of a mail that answers none. `reply`: the mail answers or forwards another, so
    that '>' lines are quotes."""
    sheet = _Sheet(text[:_LONGEST])
    if channel is not None:
        _mark_wrapper(sheet, channel, reading)
    _mark_quotes(sheet, reading, reply=reply)
    _mark_additions(sheet, reading)
    new = sheet.gather(quoted=False)
    if not any(map(str.isalnum, new)):
        return "", tidy(text.replace(CUT, ""))
    rest = sheet.gather(quoted=True)
    if not reply and _merely_greets(new, rest, reading):
        return "", tidy(text.replace(CUT, ""))
    return new, tidy(f"{rest}\n{text[_LONGEST:]}") if len(text) > _LONGEST else rest


def _merely_greets(new: str, rest: str, reading: Reading) -> bool:
    """Only a greeting, a closing, a name, while many words were taken for somebody else's."""
    if len(new) > _GREETING or len(rest.split()) < _MANY:
        return False
    greets = lines(reading.salutations)
    return all(greets.fullmatch(line) for line in new.split("\n") if line.strip())


def tidy(text: str) -> str:
    """No blanks at line ends, no run of blank lines, none at either end."""
    trimmed = "\n".join(map(str.rstrip, text.split("\n"))).strip("\n")
    return _BLANKS.sub("\n\n", trimmed) if "\n\n\n" in trimmed else trimmed


class _Sheet:
    """A text by lines, each marked as quoted or not."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.quoted = bytearray(len(self.lines))
        self.starts: list[int] = []
        position = 0
        for line in self.lines:
            self.starts.append(position)
            position += len(line) + 1

    def line_at(self, position: int) -> int:
        return bisect_right(self.starts, position) - 1

    def mark(self, start: int, end: int) -> None:
        """Mark the lines start..end-1 as quoted."""
        self.quoted[start:end] = b"\x01" * (min(end, len(self.lines)) - start)

    def span(self) -> tuple[int, int]:
        """First and last+1 line that is not marked, looking from the outside (0, 0 if all are)."""
        start = self.quoted.find(0)
        return (start, self.quoted.rfind(0) + 1) if start >= 0 else (0, 0)

    def gather(self, *, quoted: bool) -> str:
        flags = self.quoted if quoted else self.quoted.translate(_FLIP)
        text = "\n".join(compress(self.lines, flags))
        return tidy(text.replace(CUT, "") if CUT in text else text)


def _mark_wrapper(sheet: _Sheet, channel: Channel, reading: Reading) -> None:
    """The platform's lines: up to the opening mark, and from the first closing mark after it."""
    first_line = 0
    opening = lines(channel.enveloppe_debut + reading.enveloppe_debut).search(sheet.text)
    if opening:
        first_line = sheet.line_at(max(opening.start(), opening.end() - 1)) + 1
        sheet.mark(0, first_line)
    begin = sheet.starts[first_line] if first_line < len(sheet.lines) else len(sheet.text)
    closing = lines(channel.enveloppe_fin + reading.enveloppe_fin).search(sheet.text, begin)
    if closing:
        last = sheet.line_at(closing.start())
        while last > first_line and not sheet.lines[last - 1].strip(" \t-_=*"):
            last -= 1
        sheet.mark(last, len(sheet.lines))


def _mark_quotes(sheet: _Sheet, reading: Reading, *, reply: bool) -> None:
    begin, end = sheet.span()
    if begin >= end:
        return
    start = sheet.starts[begin]
    stop = sheet.starts[end] if end < len(sheet.lines) else len(sheet.text)
    cut = _first_separator(sheet, reading, start, stop)
    introduced = reply or cut < stop
    for opening, closing in _attributions(sheet, reading, start, cut):
        follows = _next_line(sheet, sheet.line_at(closing - 1) + 1)
        first_line = sheet.line_at(opening)
        if follows < len(sheet.lines) and sheet.lines[follows].lstrip().startswith(">"):
            sheet.mark(first_line, sheet.line_at(closing - 1) + 1)
            introduced = True
        elif union((reading.attribution_sure,)).search(sheet.text, opening, closing):
            cut = opening
            break
    if cut < stop:
        sheet.mark(sheet.line_at(cut), end)
    _mark_chevrons(sheet, reading, begin, end, introduced=introduced)


def _first_separator(sheet: _Sheet, reading: Reading, start: int, stop: int) -> int:
    found = lines(reading.separateurs).search(sheet.text, start, stop)
    cut = found.start() if found else stop
    mark = sheet.text.find(CUT, start, stop)
    return min(cut, mark) if mark >= 0 else cut


def _attributions(sheet: _Sheet, reading: Reading, start: int, stop: int) -> Iterator[tuple[int, int]]:
    for found in lines(reading.attributions).finditer(sheet.text, start, stop):
        yield found.start(), max(found.end(), found.start() + 1)


def _next_line(sheet: _Sheet, index: int) -> int:
    while index < len(sheet.lines) and not sheet.lines[index].strip():
        index += 1
    return index


def _mark_chevrons(sheet: _Sheet, reading: Reading, begin: int, end: int, *, introduced: bool) -> None:
    """The '>' lines, when something shows that they quote: a customer may also use '>' as a bullet."""
    if ">" not in sheet.text:
        return
    marked = [i for i in range(begin, end) if sheet.lines[i][:4].lstrip(" \t\xa0")[:1] == ">"]
    if not marked:
        return
    if not introduced:
        said = lines(reading.citations_chevrons)
        introduced = any(said.match(sheet.lines[i].lstrip("> \t")) for i in marked[:200])
    last = end
    while last > begin and not sheet.lines[last - 1].strip():
        last -= 1
    if not introduced and (marked[-1] != last - 1 or len(marked) < 2):
        return
    for i in marked:
        sheet.mark(i, i + 1)


def _mark_additions(sheet: _Sheet, reading: Reading) -> None:
    """Device lines wherever they stand alone, and the paragraphs that open like a legal notice."""
    device, legal = lines(reading.lignes_appareil), lines(reading.mentions_legales)
    for index, line in enumerate(sheet.lines):
        if sheet.quoted[index] or not line.strip():
            continue
        found = device.match(sheet.text, sheet.starts[index])
        if found:
            sheet.mark(index, sheet.line_at(found.end() - 1) + 1)
        elif legal.match(sheet.text, sheet.starts[index]):
            stop = index
            while stop < len(sheet.lines) and sheet.lines[stop].strip():
                stop += 1
            sheet.mark(index, stop)
    _mark_dangling(sheet)


def _mark_dangling(sheet: _Sheet) -> None:
    """Separator lines left at the end of the new text once what they introduced is gone."""
    _, end = sheet.span()
    while end > 0:
        line = sheet.lines[end - 1]
        if not sheet.quoted[end - 1] and line.strip(" \t\xa0-_=*—–"):
            return
        if line.strip() and not sheet.quoted[end - 1]:
            sheet.mark(end - 1, end)
        end -= 1

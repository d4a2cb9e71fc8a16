"""HTML of a mail to plain text: paragraphs, lists, tables kept; quotes marked with '>' or a cut mark."""

import html as entities
import re
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

from mailbot.ruleset.reading import Reading
from mailbot.steps.patterns import union

CUT = "\x06"  # alone on its line: all that follows is quoted
_DEEPEST = 300  # the parser's time grows with depth times size
_MOST_TAGS = 60_000
_SOFT, _PARAGRAPH, _BREAK, _QUOTE, _PLAIN, _END = "\n", "\f", "\x01", "\x02", "\x0e", "\x03"
_TAG = re.compile(
    r"<(/?)(br|p|div|li|ul|ol|tr|table|td|th|blockquote|h[1-6]|hr|pre|dd|dt|dl|center|section|article|header|"
    r"footer|address|form|fieldset)(?=[\s/>])([^<>]{0,4000})>",
    re.I,
)
_ANY_TAG = re.compile(r"<(/?)[a-zA-Z]")
_VOID = re.compile(r"<(?:br|hr|img|meta|link|input|col|wbr)\b", re.I)
_PRE = re.compile(r"(<pre\b[^<>]{0,1000}>)([^<]*)", re.I)
_RUN = re.compile(r" ?[\n\f\x01][ \n\f\x01]*")
_SPACES = re.compile(r"  +")
_MARGINLESS = re.compile(r"MsoNormal|MsoListParagraph|margin(?:-top)?:\s*0", re.I)
_HIDDEN = '[style*="display:none"],[style*="display: none"],[hidden]'
_DROPPED = ["style", "script", "title", "noscript", "template", "object", "svg"]


def to_text(source: str, reading: Reading) -> str:
    """The readable text of an HTML body. Quoted blocks get '> ' before their lines, `CUT` stands where a
    client's quoted message begins. Time is linear in the size, whatever the nesting."""
    if "<pre" in source or "<PRE" in source:
        source = _PRE.sub(lambda found: found[1] + found[2].strip("\n").replace("\n", "<br>"), source)
    marked = _Marker(reading).run(_one_spaced(source))
    text = _strip_tags(marked) if _too_deep(marked) else _parsed(marked)
    text = _RUN.sub(_breaks, _SPACES.sub(" ", text.replace("\xa0 ", " ").replace(" \xa0", " ")))
    if _QUOTE in text or _PLAIN in text:
        text = _prefix_quotes(text)
    return text.replace("\n ", "\n").strip()


def _one_spaced(source: str) -> str:
    # Source line ends are mere spaces; chained replacements are far faster here than str.translate.
    return source.replace("\n", " ").replace("\t", " ").replace("\r", " ").replace("\f", " ")


def _parsed(marked: str) -> str:
    tree = LexborHTMLParser(marked)
    tree.strip_tags(_DROPPED)
    body = tree.body
    if body is None:
        return ""
    if "display" in marked or "hidden" in marked:
        for node in tree.css(_HIDDEN):
            node.decompose()
    return body.text(deep=True, separator="", strip=False)


class _Marker:
    """Writes line-break and quote marks beside the tags of one document."""

    def __init__(self, reading: Reading) -> None:
        self.cuts = union(reading.html_citations)
        self.quotes = union(reading.html_blocs_cites)
        self.lists: list[int] = []
        self.margin = _PARAGRAPH  # what the open <p> wants around it

    def run(self, source: str) -> str:
        return _TAG.sub(self.mark, source)

    def mark(self, found: re.Match[str]) -> str:
        closing, name, attributes = found[1], found[2].lower(), found[3]
        if name == "br":
            return _BREAK
        if name in ("td", "th"):
            return found[0] + (" " if closing else "")
        if closing:
            return self._closed(name, found[0])
        if attributes and self.cuts.search(attributes):
            return f"{_SOFT}{CUT}{_SOFT}{found[0]}"
        if name == "blockquote":
            mark = _QUOTE if self.quotes.search(attributes) else _PLAIN
            return f"{found[0]}{_SOFT}{mark}{_SOFT}"
        if name in ("ul", "ol"):
            self.lists.append(0 if name == "ol" else -1)
            return _SOFT + found[0]
        if name == "li":
            return f"{_SOFT}{found[0]}{self._bullet()}"
        return self._edge(name, attributes, opening=True) + found[0]

    def _closed(self, name: str, tag: str) -> str:
        if name == "blockquote":
            return f"{_SOFT}{_END}{_SOFT}{tag}"
        if name in ("ul", "ol") and self.lists:
            self.lists.pop()
        return tag + self._edge(name, "", opening=False)

    def _bullet(self) -> str:
        if not self.lists or self.lists[-1] < 0:
            return "- "
        self.lists[-1] += 1
        return f"{self.lists[-1]}. "

    def _edge(self, name: str, attributes: str, *, opening: bool) -> str:
        if name == "p":
            if opening:
                self.margin = _SOFT if _MARGINLESS.search(attributes) else _PARAGRAPH
            return self.margin
        return _PARAGRAPH if name[0] == "h" and name != "hr" else _SOFT


def _breaks(found: re.Match[str]) -> str:
    return _line_breaks(found[0].replace(" ", ""))


@lru_cache(maxsize=2048)
def _line_breaks(run: str) -> str:
    """How many line ends a run of marks is worth: blocks end a line, <br> adds one, paragraphs part by a blank."""
    count, at_start, paragraph = 0, False, False
    for mark in run:
        if mark == _BREAK or not at_start:
            count += 1
        at_start = True
        paragraph = paragraph or mark == _PARAGRAPH
    return "\n" * max(min(count, 3), 2 if paragraph else 0)


def _prefix_quotes(text: str) -> str:
    out: list[str] = []
    kinds: list[str] = []
    depth = 0
    for line in text.split("\n"):
        mark = line.strip()
        if mark in (_QUOTE, _PLAIN):
            kinds.append(mark)
            depth += mark == _QUOTE
        elif mark == _END:
            depth -= bool(kinds) and kinds.pop() == _QUOTE
        else:
            out.append(">" * min(depth, 20) + " " + line if depth else line)
    return "\n".join(out)


def _too_deep(marked: str) -> bool:
    if marked.count("<") < 2 * _DEEPEST:
        return False
    if marked.count("<") > _MOST_TAGS:
        return True
    depth = deepest = 0
    for found in _ANY_TAG.finditer(_VOID.sub("", marked)):
        depth += -1 if found[1] else 1
        deepest = max(deepest, depth)
    return deepest > _DEEPEST


def _strip_tags(marked: str) -> str:
    """Text without a tree, for documents that would take a parser too long."""
    for name in ("style", "script", "title"):
        marked = _without_element(marked, name)
    return entities.unescape(re.sub(r"<[^<>]*>", "", marked))


def _without_element(marked: str, name: str) -> str:
    kept: list[str] = []
    position = 0
    lower = marked.lower()
    while (start := lower.find(f"<{name}", position)) >= 0:
        end = lower.find(f"</{name}", start)
        if end < 0:
            break
        kept.append(marked[position:start])
        position = end
    return "".join(kept) + marked[position:]

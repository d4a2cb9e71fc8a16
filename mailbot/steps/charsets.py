"""Bytes to text without mojibake: declared charsets are believed only when the bytes agree."""

import codecs
import re

# Only real text encodings may be named by a stranger (Python also offers 'idna', 'punycode', 'undefined'...).
_KNOWN = re.compile(
    r"utf-?(?:7|8|16|32)(?:-?[bl]e)?|utf8|(?:us-)?ascii|(?:iso-?)?8859-?\d{1,2}|iso-?ir-\d+|latin-?\d{1,2}|l\d|"
    r"(?:windows|cp|ibm)-?\d{3,5}|koi8-?[rut]|gb2312|gbk|gb18030|big5(?:-?hkscs)?|hz(?:-gb-2312)?|"
    r"shift[_-]?jis|sjis|euc-?(?:jp|kr|cn)|iso-?2022-?\w{2,6}(?:-\d)?|tis-?620|mac-?\w{3,10}|macintosh|johab|viscii"
)
_WESTERN = {"", "ascii", "us-ascii", "iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252"}
_CP1252 = "".join(bytes((i,)).decode("cp1252", "ignore") or chr(i) for i in range(256))
_MOJIBAKE = re.compile(
    "[ÂÃâ][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u2018-\u201d"
    "\u0152\u0153\u0160\u0161\u017d\u017e\u0178\u2013\u2014\u02c6\u02dc\u2122]"
)
_CONTROLS = bytes(i for i in range(32) if i not in b"\t\n\f\r") + b"\x7f"
_UNWANTED = dict.fromkeys(_CONTROLS) | {0xFEFF: None, 0x200B: None}
_WIDE = ("utf-16", "utf16", "utf-32", "utf32", "utf-7", "utf7", "iso-2022", "iso2022", "hz")


def decode(data: bytes, charset: str = "") -> str:
    """The text of `data`; `charset` as declared ('' or unknown: guessed between UTF-8 and Windows-1252).
    NULs, other controls and invisible byte order marks are removed."""
    name = charset.strip().strip("\"'").lower().replace("_", "-") if charset else ""
    if name.startswith(_WIDE):
        return _decode(data, name).translate(_UNWANTED)
    text = _decode(data.translate(None, _CONTROLS), name)
    if "Ã" in text or "â€" in text:
        text = _unmojibake(text)
    if "\ufeff" in text or "\u200b" in text:
        text = text.replace("\ufeff", "").replace("\u200b", "")
    return text


def _decode(data: bytes, name: str) -> str:
    if data.isascii() and not name.startswith(_WIDE):
        return data.decode("ascii")
    if name in _WESTERN or name in ("utf-8", "utf8", "iso-8859-15") or not _KNOWN.fullmatch(name):
        return _western(data, name)
    try:
        return data.decode(name, "replace")
    except (LookupError, UnicodeError):
        return _western(data, "")


def _western(data: bytes, name: str) -> str:
    """UTF-8 when the bytes are UTF-8 (accented Latin-1 text never is by chance), else an 8-bit charset."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if name in ("utf-8", "utf8"):
        return "\n".join(_utf8_line(line) for line in data.split(b"\n"))
    if name == "iso-8859-15" and not any(0x80 <= byte < 0xA0 for byte in data):
        return data.decode("iso-8859-15")
    return _cp1252(data)


def _utf8_line(line: bytes) -> str:
    """One line announced as UTF-8 that is not: cut characters become U+FFFD, other lines are Windows-1252."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        lenient = line.decode("utf-8", "replace")
        return lenient if sum(map(ord, lenient)) and _mostly_utf8(lenient) else _cp1252(line)


def _mostly_utf8(lenient: str) -> bool:
    broken = lenient.count("\ufffd")
    return sum(not char.isascii() for char in lenient) - broken > broken


def _cp1252(data: bytes) -> str:
    return codecs.charmap_decode(data, "strict", _CP1252)[0]


def _unmojibake(text: str) -> str:
    """Undo UTF-8 that a sender's program read as Windows-1252, when the whole text proves it."""
    if not _MOJIBAKE.search(text):
        return text
    try:
        return codecs.charmap_encode(text, "strict", _CP1252_BACK)[0].decode("utf-8")
    except UnicodeError:
        return text


_CP1252_BACK = {ord(char): byte for byte, char in enumerate(_CP1252)}


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the soft-wrapped lines of format=flowed (RFC 3676); quote depths are kept apart."""
    out: list[str] = []
    paragraph: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        stripped = line.lstrip(">")
        depth = len(line) - len(stripped)
        body = stripped[1:] if stripped.startswith(" ") else stripped
        if open_depth == depth and body != "-- ":
            paragraph[-1] = _joint(paragraph[-1], body, delete_space=delete_space)
            paragraph.append(body)
        else:
            out.append("".join(paragraph))
            paragraph = [">" * depth + " " if depth else "", body]
        open_depth = depth if body.endswith(" ") and body != "-- " else -1
    out.append("".join(paragraph))
    return "\n".join(out[1:])


def _joint(start: str, more: str, *, delete_space: bool) -> str:
    # A word broken at its own hyphen ("casse- / tête") must not gain a space.
    if delete_space or (start[-3:-2].isalpha() and start.endswith("- ") and more[:1].isalpha()):
        return start[:-1]
    return start

"""The MIME tree of a message, found by byte offsets: nothing is decoded but the text that is read."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailbot.model import Attachment
from mailbot.steps.charsets import decode, unflow
from mailbot.steps.headers import Fields, decode_words, first, from_base64, one_line, parameters, read_fields

DEEPEST = 12
MOST_PARTS = 20_000
LONGEST_TEXT = 2_000_000  # bytes of one text part that are read; the message itself is kept whole
_BOUNDARY_GUESS = re.compile(rb"^--([^\s-][^\r\n]{0,198}?)[ \t]*$", re.M)
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")


@dataclass(slots=True)
class Part:
    """One part: its fields, type, and where its body lies in the message."""

    fields: Fields
    type: str
    params: dict[str, str]
    start: int
    end: int
    children: list["Part"] = field(default_factory=list)

    @property
    def filename(self) -> str:
        """The name it wants to be saved under, decoded, without any folder; '' if none."""
        _, params = parameters(first(self.fields, "content-disposition"))
        name = decode_words(params.get("filename") or self.params.get("name") or "")
        return one_line(re.split(r"[/\\]", name)[-1])[:255]

    @property
    def attached(self) -> bool:
        return first(self.fields, "content-disposition").lower().startswith("attachment")


class Tree:
    """A parsed message: `data` with LF line ends, its `root` part, and the `defects` met (French)."""

    def __init__(self, data: bytes) -> None:
        self.data = (data.replace(b"\r\n", b"\n") if b"\r\n" in data else data).lstrip()
        if b"\r" in self.data[:4096] and b"\n" not in self.data[:4096]:
            self.data = self.data.replace(b"\r", b"\n")
        self.defects: list[str] = []
        self.parts = 0
        self.root = self._part(0, len(self.data), 0, "text/plain")

    def _part(self, start: int, end: int, depth: int, default: str) -> Part:
        self.parts += 1
        fields, start = self._head(start, end, top=depth == 0)
        kind, params = parameters(first(fields, "content-type"))
        if not _TYPE.fullmatch(kind):
            kind = default
        part = Part(fields, kind, params, start, end)
        if depth >= DEEPEST or self.parts > MOST_PARTS:
            self._note("Structure trop profonde ou trop de parties : la suite n'a pas été lue.")
        elif kind.startswith("multipart/"):
            self._split(part, depth)
        elif kind == "message/rfc822" and not _encoding(part):
            part.children = [self._part(start, end, depth + 1, "text/plain")]
        return part

    def _head(self, start: int, end: int, *, top: bool) -> tuple[Fields, int]:
        if self.data.startswith(b"\n", start):
            return {}, start + 1
        stop = self.data.find(b"\n\n", start, end)
        block_end = end if stop < 0 else stop + 1
        fields, rest = read_fields(self.data[start:block_end])
        if top and rest:
            self._note("En-têtes mal formés : le texte commence sans ligne vide.")
        if rest or not fields:
            return fields, block_end - len(rest)
        return fields, end if stop < 0 else stop + 2

    def _split(self, part: Part, depth: int) -> None:
        boundary = part.params.get("boundary", "").encode("latin-1", "replace").rstrip()
        if not boundary or self.data.find(b"--" + boundary, part.start, part.end) < 0:
            guess = _BOUNDARY_GUESS.search(self.data, part.start, part.end)
            if not guess:
                self._note("Structure MIME illisible : le corps a été lu comme du texte.")
                part.type = "text/plain"
                return
            boundary = guess[1]
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        for start, end in self._pieces(boundary, part.start, part.end):
            if self.parts > MOST_PARTS:
                self._note("Structure trop profonde ou trop de parties : la suite n'a pas été lue.")
                return
            part.children.append(self._part(start, end, depth + 1, default))

    def _pieces(self, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where each part between the delimiter lines begins and ends; a missing last line is forgiven."""
        mark = b"--" + boundary
        found = self.data.find(mark, start, end)
        begun = -1
        while found >= 0:
            after = found + len(mark)
            follow = self.data[after : after + 2]
            at_line_start = found == start or self.data[found - 1] == 10
            if at_line_start and (follow == b"--" or follow[:1] in b" \t\n"):
                if begun >= 0:
                    yield begun, max(begun, found - 1)
                if follow == b"--":
                    return
                line_end = self.data.find(b"\n", after, end)
                if line_end < 0:
                    return
                begun = line_end + 1
            found = self.data.find(mark, after, end)
        if begun >= 0:
            self._note("Message incomplet : la dernière partie n'est pas fermée.")
            yield begun, end

    def _note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)

    def content(self, part: Part) -> bytes:
        """The decoded bytes of a leaf, at most `LONGEST_TEXT`."""
        raw = self.data[part.start : min(part.end, part.start + 2 * LONGEST_TEXT)]
        encoding = _encoding(part)
        if encoding == "base64":
            raw = from_base64(raw)
        elif encoding == "quoted-printable":
            raw = binascii.a2b_qp(raw)
        if len(raw) > LONGEST_TEXT or part.end - part.start > 2 * LONGEST_TEXT:
            self._note("Texte très long : seul le début a été lu.")
        return raw[:LONGEST_TEXT]

    def text(self, part: Part) -> str:
        """The decoded text of a leaf with LF line ends; format=flowed lines are joined."""
        text = decode(self.content(part), part.params.get("charset", ""))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if part.params.get("format", "").lower() == "flowed":
            text = unflow(text, delete_space=part.params.get("delsp", "").lower() == "yes")
        return text

    def attachment(self, part: Part) -> Attachment:
        """What is known of a part without decoding it; the size is that of the decoded bytes."""
        size = part.end - part.start
        if _encoding(part) == "base64":
            size = (size - self.data.count(b"\n", part.start, part.end)) * 3 // 4
            size -= self.data[max(part.start, part.end - 4) : part.end].count(b"=")
        return Attachment(filename=part.filename, content_type=part.type, size=max(size, 0))


def _encoding(part: Part) -> str:
    name = first(part.fields, "content-transfer-encoding").partition(";")[0].strip().lower()
    return name if name in ("base64", "quoted-printable") else ""

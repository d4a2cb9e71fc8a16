"""Which parts of a MIME tree are the text a person reads, and which are attachments."""

from dataclasses import dataclass, field

from mailbot.model import Attachment
from mailbot.ruleset.reading import Reading
from mailbot.steps.headers import decode_words, first
from mailbot.steps.html_text import to_text
from mailbot.steps.mime import Part, Tree
from mailbot.steps.patterns import union

_RICH = ("text/html", "text/enriched")
_ACCOUNTS = ("message/delivery-status", "message/feedback-report", "text/rfc822-headers")
_SHORT = 600  # a plain part longer than this is never a mere pointer at the HTML one


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """`text` with quotes still in it; `forwarded`: the texts of attached messages; no attachment is decoded."""

    text: str = ""
    forwarded: str = ""
    attachments: tuple[Attachment, ...] = ()


def read_body(tree: Tree, reading: Reading) -> Body:
    """The readable text of a whole tree. The plain alternative wins unless it is empty or only announces HTML."""
    reader = _Reader(tree, reading)
    reader.read(tree.root)
    return Body(
        text="\n".join(text for text in reader.texts if text.strip()),
        forwarded="\n\n".join(reader.forwarded),
        attachments=tuple(reader.attachments),
    )


@dataclass(slots=True)
class _Reader:
    tree: Tree
    reading: Reading
    texts: list[str] = field(default_factory=list)
    forwarded: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    def read(self, part: Part) -> None:
        if part.type == "multipart/alternative" and part.children:
            self._alternative(part)
        elif part.type in ("multipart/related", "multipart/report") and part.children:
            self.read(part.children[0])
            self._add(part.children[1:])
        elif part.type == "message/rfc822":
            self._forward(part)
        elif part.children:
            for child in part.children:
                self.read(child)
        elif self._is_text(part):
            self.texts.append(self._text(part))
        elif not part.type.startswith("multipart/"):
            self.attachments.append(self.tree.attachment(part))

    def _is_text(self, part: Part) -> bool:
        if part.type not in ("text/plain", "text/html", "text/enriched") or part.attached:
            return False
        return not (self.texts and part.filename)  # a named text after the message is a file put in line

    def _text(self, part: Part) -> str:
        text = self.tree.text(part)
        return to_text(text, self.reading) if part.type in _RICH else text

    def _alternative(self, part: Part) -> None:
        """The plain version, unless it says nothing of its own; then the richest that can be read."""
        plain = next((child for child in part.children if child.type == "text/plain"), None)
        others = [child for child in part.children if child is not plain]
        rich = next((child for child in reversed(others) if _holds(child, "text/html")), None)
        if plain is not None:
            text = self.tree.text(plain)
            if rich is None or not self._worthless(text):
                self.texts.append(text)
                self._attach(others)
                return
            others = [plain, *others]
        chosen = rich or next((child for child in others if _holds(child, "text/plain")), others[0])
        self.read(chosen)
        self._attach([child for child in others if child is not chosen])

    def _worthless(self, text: str) -> bool:
        short = text.strip()
        return not short or (
            len(short) < _SHORT and bool(union(self.reading.texte_sans_valeur).search(short))
        )

    def _add(self, parts: list[Part]) -> None:
        """What follows the text of a report: words that are no file (the returned mail, the server's account) are
        kept with what is quoted."""
        for part in parts:
            shown = part.type in ("text/plain", "text/html") and not part.filename and not part.attached
            if shown or part.type in _ACCOUNTS:
                self.forwarded.append(self._text(part).strip())
            self._attach([part])

    def _attach(self, parts: list[Part]) -> None:
        """The leaves of parts that are not shown; other versions of the text are no attachments."""
        for part in parts:
            if part.type == "message/rfc822":
                self._forward(part)
            elif part.children:
                self._attach(part.children)
            elif part.attached or part.filename or part.type not in ("text/plain", "text/html"):
                self.attachments.append(self.tree.attachment(part))

    def _forward(self, part: Part) -> None:
        """An attached message: listed as an attachment, and its text kept with what is quoted."""
        attachment = self.tree.attachment(part)
        if not part.children:
            self.attachments.append(attachment)
            return
        inner = part.children[0]
        subject = decode_words(first(inner.fields, "subject"))
        name = attachment.filename or f"{subject[:80] or 'message'}.eml"
        self.attachments.append(Attachment(filename=name, content_type=part.type, size=attachment.size))
        nested = _Reader(self.tree, self.reading)
        nested.read(inner)
        sender = decode_words(first(inner.fields, "from"))
        self.forwarded.append("\n".join(filter(None, (sender, subject, "", *nested.texts))))
        self.forwarded += nested.forwarded
        self.attachments += nested.attachments


def _holds(part: Part, kind: str) -> bool:
    return part.type == kind or any(_holds(child, kind) for child in part.children)

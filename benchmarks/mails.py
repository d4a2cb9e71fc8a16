"""Letters as the bytes a server holds: headers, charsets, transfer encodings, MIME trees, attachments."""

import base64
import quopri
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime

from benchmarks import pages
from benchmarks.letters import SHOP, Letter, letters
from benchmarks.shop import Order

PHOTO_BYTES = 300 * 1024
_TREES = (("alternative", "html", "plain", "related", "forward"), (48, 17, 21, 13, 1))
_CHARSETS = (("utf-8", "iso-8859-1", "windows-1252", "iso-8859-15"), (66, 22, 9, 3))
_MAILERS = {"gmail": "GmailWeb 1.0", "outlook": "Microsoft Outlook 16.0", "apple": "iPhone Mail (21F90)"}

Part = tuple[bytes, bytes]  # header block, body


@dataclass(frozen=True, slots=True)
class Press:
    """Turns letters into bytes. `noise` is what photographs and logos are cut from."""

    chance: random.Random
    noise: bytes

    def print(self, letter: Letter) -> bytes:
        """One whole message with LF line ends, as a maildir holds it."""
        charset = self.chance.choices(*_CHARSETS)[0]
        headers, body = self._tree(letter, charset)
        if letter.attached:
            headers, body = self._multi("mixed", [(headers, body), self._photo()])
        return "\n".join(self._headers(letter, charset)).encode("utf-8") + b"\n" + headers + b"\n" + body

    def _tree(self, letter: Letter, charset: str) -> Part:
        tree = self.chance.choices(*_TREES)[0]
        if letter.kind == "absence":
            tree = "plain"
        plain = self._text("plain", pages.text(letter), charset)
        if tree == "plain":
            return plain
        page = self._text("html", pages.html(letter), charset)
        if tree == "html":
            return page
        if tree == "related":
            logo = b'Content-Type: image/png; name="logo.png"\nContent-Transfer-Encoding: base64\n'
            picture = (logo + b"Content-ID: <logo@1>\n", base64.encodebytes(self.noise[:2600]))
            return self._multi("related", [self._multi("alternative", [plain, page]), picture])
        if tree == "forward":
            inner = f"From: {SHOP}\nSubject: Votre commande\nMIME-Version: 1.0\n".encode() + page[0]
            return self._multi("mixed", [plain, (b"Content-Type: message/rfc822\n", inner + b"\n" + page[1])])
        return self._multi("alternative", [plain, page])

    def _text(self, subtype: str, text: str, charset: str) -> Part:
        encoding = self.chance.choices(("quoted-printable", "8bit", "base64"), (74, 15, 11))[0]
        data = text.replace("@@CS@@", charset).encode(charset, "replace")
        if encoding == "quoted-printable":
            data = quopri.encodestring(data)
        elif encoding == "base64":
            data = base64.encodebytes(data)
        kind = f'Content-Type: text/{subtype}; charset="{charset}"\nContent-Transfer-Encoding: {encoding}\n'
        return kind.encode(), data

    def _multi(self, subtype: str, parts: Sequence[Part]) -> Part:
        mark = f"----=_Part_{self.chance.getrandbits(64):016x}".encode()
        inner = b"".join(
            b"\n--" + mark + b"\n" + head + b"\n" + body.rstrip(b"\n") + b"\n" for head, body in parts
        )
        kind = f'Content-Type: multipart/{subtype}; boundary="{mark.decode()}"\n'
        return kind.encode(), inner + b"--" + mark + b"--\n"

    def _photo(self) -> Part:
        start = self.chance.randrange(len(self.noise) - PHOTO_BYTES)
        picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + self.noise[start : start + PHOTO_BYTES] + b"\xff\xd9"
        name = f"IMG_{self.chance.randrange(9999):04}.jpg"
        head = (
            f'Content-Type: image/jpeg; name="{name}"\nContent-Transfer-Encoding: base64\n'
            f'Content-Disposition: attachment; filename="{name}"\n'
        )
        return head.encode(), base64.encodebytes(picture)

    def _headers(self, letter: Letter, charset: str) -> list[str]:
        address, domain = letter.order.address, letter.order.address.partition("@")[2]
        lines = [f"Return-Path: <{address}>", f"Delivered-To: {SHOP}", *self._passage(letter, domain)]
        lines += ["MIME-Version: 1.0", f"X-Mailer: {_MAILERS.get(letter.style, 'Amazon')}"]
        if letter.parent:
            lines += [f"In-Reply-To: {letter.parent}", f"References: {letter.parent}"]
        name = letter.name
        if letter.kind == "newsletter":
            name, address = "Boutique Partenaire Été", "news@news.exemple.fr"
            lines += ["List-Unsubscribe: <https://news.exemple.fr/u/1>", "List-Id: <news.exemple.fr>"]
            lines += ["Precedence: bulk"]
        elif letter.kind == "absence":
            lines += ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"]
        return [
            *lines,
            f"From: {_encoded(name, charset)} <{address}>",
            f"To: Service client <{SHOP}>",
            f"Subject: {letter.subject if self.chance.random() < 0.01 else _encoded(letter.subject, charset)}",
            f"Date: {format_datetime(letter.at)}",
            f"Message-ID: {letter.message_id}",
        ]

    def _passage(self, letter: Letter, domain: str) -> Iterator[str]:
        """Received, DKIM, ARC and Exchange lines: half of what a real mail weighs."""
        for hop in range(3):
            at = format_datetime(letter.at - timedelta(seconds=3 * hop))
            yield (
                f"Received: from mx{hop}.{domain} (mx{hop}.{domain} [198.51.100.{self.chance.randrange(256)}])\n"
                f"\tby mx.boutique-exemple.fr (Postfix) with ESMTPS id {self.chance.getrandbits(44):011X}\n"
                f"\tfor <{SHOP}>; {at}"
            )
        yield (
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=20230601;\n"
            f"\th=from:to:subject:date:message-id;\n\tb={self._letters(256)}"
        )
        yield f"Authentication-Results: mx.boutique-exemple.fr; dkim=pass header.d={domain};\n\tspf=pass; dmarc=pass"
        for number in (1, 2) if self.chance.random() < 0.5 else ():
            yield f"ARC-Seal: i={number}; a=rsa-sha256; d={domain}; s=arc;\n\tb={self._letters(256)}"
            yield f"ARC-Message-Signature: i={number}; a=rsa-sha256; d={domain};\n\tb={self._letters(256)}"
        if letter.style == "outlook":
            yield f"x-microsoft-antispam-message-info: {self._letters(900)}"

    def _letters(self, size: int) -> str:
        text = base64.b64encode(self.chance.randbytes(size)).decode()
        return "\n\t ".join(text[start : start + 72] for start in range(0, len(text), 72))


def mails(count: int, seed: int, end: datetime, shop: Sequence[Order]) -> Iterator[bytes]:
    """`count` messages, the same bytes for the same arguments. `end`: aware, when the newest was sent."""
    noise = random.Random(f"noise {seed}").randbytes(2 * 1024 * 1024)
    press = Press(random.Random(f"press {seed}"), noise)
    return (press.print(letter) for letter in letters(count, seed, end, shop))


def _encoded(text: str, charset: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        charset = "utf-8"
    return Header(text, charset, maxlinelen=74).encode()

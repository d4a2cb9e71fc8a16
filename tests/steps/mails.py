"""Hand-made mails for the tests of the parse step, read with the rules that ship."""

import hashlib
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from mailbot.model import Mail, RawMail
from mailbot.ruleset.reading import Reading
from mailbot.ruleset.shop import Channel
from mailbot.steps.parse import parse

_RULES = Path(__file__).parents[2] / "rules"
CHANNELS = tuple(
    Channel(**tomllib.loads(path.read_text("utf-8"))) for path in sorted((_RULES / "canaux").glob("*.toml"))
)
READING = Reading(**tomllib.loads((_RULES / "lecture.toml").read_text("utf-8")))
CUSTOMER = "Jeanne Petit <jeanne.petit@fai.example>"


def raw(data: bytes, *, complete: bool = True, size: int | None = None) -> RawMail:
    """The bytes as if fetched from a server."""
    return RawMail(
        account="sav",
        folder="INBOX",
        uidvalidity=1,
        uid=1,
        received=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        data=data,
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data) if size is None else size,
        complete=complete,
    )


def read(data: bytes) -> Mail:
    return parse(raw(data), CHANNELS, READING)


def plain(
    text: str,
    *,
    sender: str = CUSTOMER,
    subject: str = "Ma commande",
    headers: str = "",
    charset: str = "utf-8",
) -> bytes:
    """A plain-text mail in 8 bits; `headers` are whole lines."""
    return _head(sender, subject, headers) + (
        f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + text.replace("\n", "\r\n")
    ).encode(charset)


def html(source: str, *, sender: str = CUSTOMER, subject: str = "Ma commande", headers: str = "") -> bytes:
    """A mail with nothing but HTML."""
    return (
        _head(sender, subject, headers)
        + ("Content-Type: text/html; charset=utf-8\r\n\r\n" + source.replace("\n", "\r\n")).encode()
    )


def multipart(kind: str, *parts: str | bytes, headers: str = "", sender: str = CUSTOMER) -> bytes:
    """A multipart/`kind`; each part is its own header lines, a blank line and its body."""
    body = b"".join(
        b"--=_b\r\n" + (part if isinstance(part, bytes) else part.replace("\n", "\r\n").encode()) + b"\r\n"
        for part in parts
    )
    head = (
        _head(sender, "Ma commande", headers)
        + f'Content-Type: multipart/{kind}; boundary="=_b"\r\n\r\n'.encode()
    )
    return head + body + b"--=_b--\r\n"


def _head(sender: str, subject: str, headers: str) -> bytes:
    lines = [
        f"From: {sender}",
        "To: Boutique <contact@boutique.example>",
        f"Subject: {subject}",
        "Date: Fri, 20 Nov 2026 10:00:00 +0100",
        "Message-ID: <abc@fai.example>",
        "MIME-Version: 1.0",
        *headers.strip().splitlines(),
    ]
    return "".join(line + "\r\n" for line in lines).encode()

"""The mail we send, built so that the same reply always gives the same bytes."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from mailbot.errors import NeedsHuman
from mailbot.model import Address

_ID = re.compile(r"<[!-;=?-~]{1,900}>")  # RFC 5322 msg-id, leniently: printable ASCII in one pair of brackets
_ID_HEADERS = {"message-id", "in-reply-to", "references"}
_REFERENCES = 100
_NOT_IN_ADDRESS = re.compile(r'[\s<>,;:"\\()\[\]]')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes along."""

    name: str
    content_type: str
    data: bytes


class _Policy(EmailPolicy):
    """The standard library's policy, except that message ids are never broken or encoded: one a line."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in _ID_HEADERS:
            return f"{name}: " + f"{self.linesep} ".join(str(value).split()) + self.linesep
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _ID_HEADERS:
            return self.fold(name, value).encode("ascii")
        return bytes(super().fold_binary(name, value))


_SMTP = _Policy(linesep="\r\n", cte_type="7bit", raise_on_defect=False)


def build(
    *,
    to: Address,
    sender: Address,
    subject: str,
    text: str,
    html: str | None,
    message_id: str,
    in_reply_to: str | None,
    references: Sequence[str],
    ticket: int,
    automatic: bool,
    date: datetime,
    marks: Mapping[str, str] | None = None,
    attachments: Sequence[Attached] = (),
) -> bytes:
    """The bytes of a reply, for SMTP and for the copy in Sent: own Message-ID, full References, and the RFC
    3834 mark when no human approved it. Same inputs, same bytes: CRLF line ends, lines of at most 998 bytes,
    ASCII only unless an address itself is not (SMTPUTF8, RFC 6531).

    `date` is aware; `marks` are further headers of ours; `attachments` go along (multipart/mixed). Line breaks and
    control characters in names and subject become spaces; unusable foreign message ids are left out. Raises
    NeedsHuman when an address cannot be written to, ValueError when our own `message_id` is malformed."""
    if not _ID.fullmatch(message_id):
        raise ValueError(f"malformed Message-ID {message_id!r}")
    mail = EmailMessage(policy=_SMTP)
    mail["Date"] = format_datetime(date)
    mail["From"] = _header_address(sender)
    mail["To"] = _header_address(to)
    mail["Subject"] = _one_line(subject)
    mail["Message-ID"] = message_id
    _thread(mail, in_reply_to, references)
    mail["X-Mailbot-Ticket"] = str(ticket)
    for name, value in (marks or {}).items():
        mail[name] = value
    if automatic:
        mail["Auto-Submitted"] = "auto-replied"
    _fill(mail, text, html, attachments)
    _set_boundaries(mail, message_id)
    return _flat(mail)


def _fill(mail: EmailMessage, text: str, html: str | None, attachments: Sequence[Attached]) -> None:
    mail.set_content(_lines(text), charset="utf-8", cte="quoted-printable")
    if html is not None:
        mail.add_alternative(_lines(html), subtype="html", charset="utf-8", cte="quoted-printable")
    for one in attachments:
        kind, _, subkind = one.content_type.partition("/")
        mail.add_attachment(one.data, maintype=kind, subtype=subkind, filename=_one_line(one.name))


def _set_boundaries(mail: EmailMessage, message_id: str) -> None:
    """A boundary drawn at random would make the copy in Sent differ from what was sent."""
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        seed = message_id if number == 0 else f"{message_id} {number}"
        part.set_boundary("=_" + hashlib.sha256(seed.encode()).hexdigest()[:40])


def _flat(mail: EmailMessage) -> bytes:
    addresses = [address for name in ("From", "To") for address in mail[name].addresses]
    utf8 = any(not address.addr_spec.isascii() for address in addresses)
    return mail.as_bytes(policy=_SMTP.clone(utf8=utf8))


def ascii_domain(address: str) -> str:
    """The address with its domain in IDNA form (xn--...). Raises NeedsHuman when it is no address at all."""
    local, at, domain = address.rpartition("@")
    try:
        ascii_form = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        ascii_form = ""
    if not (at and local and ascii_form) or _CONTROL.search(address) or _NOT_IN_ADDRESS.search(address):
        raise NeedsHuman(f"adresse « {_one_line(address)} » : on ne peut pas écrire à cette adresse.")
    return f"{local}@{ascii_form}"


def _header_address(address: Address) -> HeaderAddress:
    local, _, domain = ascii_domain(address.addr).rpartition("@")
    return HeaderAddress(_one_line(address.name), local, domain)


def _thread(mail: EmailMessage, in_reply_to: str | None, references: Sequence[str]) -> None:
    chain = [found for found in dict.fromkeys(references) if _ID.fullmatch(found)]
    if in_reply_to is not None and _ID.fullmatch(in_reply_to):
        mail["In-Reply-To"] = in_reply_to
        chain = [found for found in chain if found != in_reply_to] + [in_reply_to]
    if len(chain) > _REFERENCES:  # the first names the thread, the last ones place us in it
        chain = chain[:1] + chain[1 - _REFERENCES :]
    if chain:
        mail["References"] = " ".join(chain)


def _one_line(value: str) -> str:
    clean = _CONTROL.sub(" ", value.encode("utf-8", "replace").decode("utf-8"))
    return " ".join(clean.split())


def _lines(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"\r\n|\r", "\n", clean).rstrip("\n") + "\n"

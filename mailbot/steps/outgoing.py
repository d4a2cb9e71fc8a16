"""What a mail of ours says of itself: whom it answers, who gets it, which draft of ours it comes from. Pure."""

import re
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from mailbot.identifiers import fold_text
from mailbot.model import RawMail
from mailbot.ruleset.reading import Reading
from mailbot.steps import headers
from mailbot.steps.body import read_body
from mailbot.steps.mime import Tree
from mailbot.steps.patterns import lines

TICKET, DRAFT = "X-Mailbot-Ticket", "X-Mailbot-Draft"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"\d{1,12}")
_MOST_RECIPIENTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """The header block of a mail in Drafts or Sent. `known_by`: its Message-ID, '' when it has none; `recipients`: all
    of To, Cc and Bcc, lower case; `token`: the digest in X-Mailbot-Draft; `automatic`: by a machine (RFC 3834)."""

    known_by: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    recipients: tuple[str, ...]
    subject: str
    ticket: int | None
    token: str | None
    automatic: bool

    @property
    def threads(self) -> tuple[str, ...]:
        """The ids it answers, the nearest first."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))


def read(header: bytes) -> Outgoing:
    """The facts of a header block; never raises."""
    fields, _ = headers.read_fields(header.replace(b"\r\n", b"\n").lstrip())
    token, ticket = (_TOKEN, DRAFT), (_NUMBER, TICKET)
    draft, number = (
        found[0] if (found := pattern.search(headers.first(fields, name.lower()))) else None
        for pattern, name in (token, ticket)
    )
    told = headers.first(fields, "auto-submitted").partition(";")[0].strip().lower()
    return Outgoing(
        known_by=next(iter(headers.message_ids(headers.first(fields, "message-id"))), ""),
        in_reply_to=headers.message_ids(headers.first(fields, "in-reply-to")),
        references=headers.message_ids(headers.first(fields, "references")),
        recipients=_recipients(fields),
        subject=headers.decode_words(headers.first(fields, "subject")),
        ticket=int(number) if number else None,
        token=draft,
        automatic=told not in ("", "no"),
    )


def _recipients(fields: headers.Fields) -> tuple[str, ...]:
    found = [
        address.addr
        for name in ("to", "cc", "bcc")
        for value in fields.get(name, ())
        for address in headers.addresses(headers.raw_text(value))
    ]
    return tuple(dict.fromkeys(found))[:_MOST_RECIPIENTS]


def whole_text(raw: RawMail, reading: Reading) -> str:
    """The readable text of a message, quotes and all; '' when only its header is known."""
    return read_body(Tree(raw.data), reading).text.strip() if raw.complete else ""


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ at most in blanks and line ends, as when a mail program saves them again."""
    return " ".join(one.split()) == " ".join(other.split())


def likeness(one: str, other: str) -> float:
    """How many words two texts share, in order: 1.0 for the same text, some 0.2 for two letters on one matter."""
    return Indel.normalized_similarity(one.split(), other.split())


def base_subject(subject: str, reading: Reading) -> str:
    """A subject without its Re:, Tr: and the like, folded for comparison."""
    marks = lines(reading.reponse)
    rest = subject.strip()
    while (found := marks.match(rest)) and found.end() > 0:
        rest = rest[found.end() :].strip()
    return " ".join(fold_text(rest).split())

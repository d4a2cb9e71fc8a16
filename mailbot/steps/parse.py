"""RawMail → Mail: who writes, what is new in it, what else it carries, and whether a machine sent it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.model import Address, Mail, RawMail
from mailbot.ruleset.reading import Reading
from mailbot.ruleset.shop import Channel
from mailbot.steps import headers, machine, quotes
from mailbot.steps.body import Body, read_body
from mailbot.steps.bounces import bounce, bounced_ids
from mailbot.steps.headers import Fields
from mailbot.steps.mime import Tree
from mailbot.steps.patterns import lines

# The whole field, when a well-formed one follows: nearly always, and a tenth of the work of reading all fields.
_FROM = re.compile(rb"^from[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*(?=[\w-]+:|\Z)", re.IGNORECASE | re.MULTILINE)
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


def parse(raw: RawMail, channels: Sequence[Channel], reading: Reading) -> Mail:
    """The mail in `raw.data`, whatever the bytes: never raises. What could not be read is named in `defects`."""
    tree = Tree(raw.data)
    fields = tree.root.fields
    letter = _letter(tree)
    relay = machine.relay_channel(letter.sender, channels)
    in_reply_to = headers.message_ids(headers.first(fields, "in-reply-to"))
    references = headers.message_ids(headers.first(fields, "references"))
    letter = replace(
        letter,
        answers=bool(in_reply_to or references or lines(reading.reponse).match(letter.subject)),
        forwards=bool(lines(reading.transfert).match(letter.subject)),
    )
    body = read_body(tree, reading) if raw.complete else Body()
    new, rest = quotes.split(body.text, reading, relay, reply=letter.answers)
    rest = "\n\n".join(filter(None, (rest, body.forwarded)))
    verdict = machine.judge(replace(letter, text=new), channels, relay, reading)
    back = bounced_ids(tree) if raw.complete and verdict and verdict.kind == "bounce" else ()
    return Mail(
        digest=raw.digest,
        received=raw.received,
        sent=headers.date(headers.first(fields, "date")),
        message_id=next(iter(headers.message_ids(headers.first(fields, "message-id"))), None),
        in_reply_to=in_reply_to,
        references=references,
        sender=letter.sender,
        reply_to=letter.reply_to,
        to=tuple(letter.to),
        subject=letter.subject,
        text=new or rest,  # when nothing is new, the whole text is all there is to go by
        quoted=rest if new else "",
        attachments=body.attachments,
        machine=verdict,
        channel=relay.id if relay else None,
        authentication=headers.authentication(fields, _domain(letter.sender)),
        bounced_ids=back,
        bounce=bounce(tree, reading.non_remise) if back else None,
        complete=raw.complete,
        defects=_defects(raw, tree, letter.sender),
    )


def header_date(data: bytes) -> datetime | None:
    """The instant of Date, None if there is none; reads the header block only."""
    fields, _ = headers.read_fields(_head(data))
    return headers.date(headers.first(fields, "date"))


def _head(data: bytes) -> bytes:
    end = data.find(b"\n\r\n") if b"\r\n" in data[:2000] else data.find(b"\n\n")
    return (data[: end + 1] if end >= 0 else data[:65_536]).replace(b"\r\n", b"\n").lstrip()


def header_sender(data: bytes) -> str:
    """The lower-cased address of From, '' if there is none; reads the header block only."""
    head = _head(data)
    written = _FROM.findall(head)
    fields, _ = headers.read_fields(written[0] if len(written) == 1 else head)
    sender = _address(fields, "from")
    return sender.addr if sender else ""


def _letter(tree: Tree) -> machine.Letter:
    """What the header says of the mail, before its text is read."""
    fields = tree.root.fields
    sender = _address(fields, "from") or _address(fields, "sender")
    return machine.Letter(
        fields=fields,
        sender=sender,
        reply_to=_answerable(_address(fields, "reply-to")) or _answerable(sender),
        to=_recipients(fields),
        subject=headers.decode_words(headers.first(fields, "subject")),
        report=_report_type(tree),
    )


def _address(fields: Fields, name: str) -> Address | None:
    return next(headers.addresses(headers.first(fields, name)), None) if name in fields else None


def _answerable(address: Address | None) -> Address | None:
    return address if address and "@" in address.addr else None


def _domain(address: Address | None) -> str:
    return address.addr.rpartition("@")[2] if address else ""


def _recipients(fields: Fields) -> tuple[Address, ...]:
    return tuple(
        address for value in fields.get("to", ()) for address in headers.addresses(headers.raw_text(value))
    )


def _report_type(tree: Tree) -> str:
    """What is reported (RFC 6522), by the parts that are there or else by the declared report-type."""
    for part in tree.root.children[:10]:
        kind = part.type.removeprefix("message/")
        if kind in ("delivery-status", "feedback-report", "disposition-notification"):
            return kind
    return tree.root.params.get("report-type", "").lower() if tree.root.type == "multipart/report" else ""


def _defects(raw: RawMail, tree: Tree, sender: Address | None) -> tuple[str, ...]:
    defects = list(tree.defects)
    if not raw.complete:
        size = f"{raw.size / 1_000_000:.1f}".replace(".", ",")
        defects = [f"Message trop volumineux ({size} Mo) : seul l'en-tête a été lu, pas le texte."]
    if tree.root.type in _ENCRYPTED:
        defects.append("Message chiffré ou signé en bloc : son texte n'a pas pu être lu.")
    if sender is None:
        defects.append("Expéditeur absent ou illisible.")
    return tuple(defects)

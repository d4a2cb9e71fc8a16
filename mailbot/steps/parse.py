"""RawMail → Mail: who writes, what is new in it, what else it carries, and whether a machine sent it."""

from collections.abc import Sequence

from mailbot.model import Address, Mail, RawMail
from mailbot.ruleset import Channel, Reading
from mailbot.steps import headers, machine, quotes
from mailbot.steps.body import read_body
from mailbot.steps.bounces import bounced_ids
from mailbot.steps.headers import Fields
from mailbot.steps.mime import Tree
from mailbot.steps.patterns import lines


def parse(raw: RawMail, channels: Sequence[Channel], reading: Reading) -> Mail:
    """The mail in `raw.data`, whatever the bytes: never raises. What could not be read is named in `defects`."""
    tree = Tree(raw.data)
    fields = tree.root.fields
    sender = _address(fields, "from") or _address(fields, "sender")
    reply_to = _answerable(_address(fields, "reply-to")) or _answerable(sender)
    subject = headers.decode_words(headers.first(fields, "subject"))
    threads = {
        name: headers.message_ids(headers.first(fields, name)) for name in ("in-reply-to", "references")
    }
    answers = any(threads.values()) or bool(lines(reading.reponse).match(subject))
    relay = machine.relay_channel(sender, channels)
    body = read_body(tree, reading) if raw.complete else None
    text, quoted = quotes.split(body.text, reading, relay, reply=answers) if body else ("", "")
    to = _recipients(fields)
    verdict = machine.judge(
        machine.Letter(
            fields=fields,
            sender=sender,
            reply_to=reply_to,
            to=to,
            subject=subject,
            text=text,
            answers=answers,
            report=_report_type(tree),
        ),
        channels,
        relay,
        reading,
    )
    ids = headers.message_ids(headers.first(fields, "message-id"))
    return Mail(
        digest=raw.digest,
        received=raw.received,
        sent=headers.date(headers.first(fields, "date")),
        message_id=ids[0] if ids else None,
        in_reply_to=threads["in-reply-to"],
        references=threads["references"],
        sender=sender,
        reply_to=reply_to,
        to=to,
        subject=subject,
        text=text,
        quoted="\n\n".join(filter(None, (quoted, body.forwarded if body else ""))),
        attachments=body.attachments if body else (),
        machine=verdict,
        channel=relay.id if relay else None,
        authentication=headers.authentication(fields),
        bounced_ids=bounced_ids(tree) if verdict and verdict.kind == "bounce" and raw.complete else (),
        complete=raw.complete,
        defects=_defects(raw, tree, sender),
    )


def header_sender(data: bytes) -> str:
    """The lower-cased address of From, '' if there is none; reads the header block only."""
    end = data.find(b"\n\r\n") if b"\r\n" in data[:2000] else data.find(b"\n\n")
    head = data[: end + 1] if end >= 0 else data[:65_536]
    fields, _ = headers.read_fields(head.replace(b"\r\n", b"\n").lstrip())
    sender = _address(fields, "from")
    return sender.addr if sender else ""


def _address(fields: Fields, name: str) -> Address | None:
    return next(headers.addresses(headers.first(fields, name)), None) if name in fields else None


def _answerable(address: Address | None) -> Address | None:
    return address if address and "@" in address.addr else None


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
    if sender is None:
        defects.append("Expéditeur absent ou illisible.")
    return tuple(defects)

"""What a mail offers to find its order by: numbers, addresses, thread and names, folded as the store indexes them."""

import re

from mailbot.identifiers import fold_name
from mailbot.model import Clues, Mail
from mailbot.steps import references
from mailbot.steps.reader import Reader

MOST_NAMES = 6
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}")
_NAME_END = re.compile(r" - | \(| via |\||<", re.IGNORECASE)
_NAME_LINE = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+){1,4}\.?")


def find_clues(mail: Mail, reader: Reader) -> Clues:
    """What the mail offers to find its order by: numbers in subject, text, attachments' names and quoted text,
    addresses, thread and names, each folded as the store indexes it. Pure; numbers are not looked up."""
    names = [attachment.filename for attachment in mail.attachments]
    found = references.find((mail.subject, mail.text, *names, mail.quoted[: references.MOST_QUOTED]), reader)
    return Clues(
        refs=tuple(found.refs),
        tracking=tuple(found.tracking),
        emails=_emails(mail),
        message_ids=tuple(dict.fromkeys((*mail.in_reply_to, *mail.references))),
        names=_names(mail),
        mentions=found.mentions(),
        loose=tuple(found.loose),
        written=found.written,
    )


def _emails(mail: Mail) -> tuple[str, ...]:
    """The writer's address first, then those written in the text; never our own."""
    ours = {address.addr for address in mail.to}
    addresses = [address.addr for address in (mail.sender, mail.reply_to) if address is not None]
    if "@" in mail.text:
        addresses += [match.lower().rstrip(".") for match in _ADDRESS.findall(mail.text)][:5]
    return tuple(dict.fromkeys(addr for addr in addresses if addr and addr not in ours))


def _names(mail: Mail) -> tuple[str, ...]:
    """The display name and what looks like a signature, folded."""
    written = [_NAME_END.split(mail.sender.name)[0]] if mail.sender else []
    lines = [line.strip() for line in mail.text.splitlines() if line.strip()][-5:]
    written += [line for line in reversed(lines) if len(line) <= 40 and _NAME_LINE.fullmatch(line)]
    if lines:
        last = lines[-1].rstrip(".!").split()
        written += [" ".join(last[-2:]), " ".join(last[-3:])]
    return tuple(dict.fromkeys(name for text in written if (name := fold_name(text))))[:MOST_NAMES]

"""The key of a reply, its Message-ID: all copies of a mail share it, each part of a mail that was split has its own."""

from dataclasses import replace

from mailbot.model import Judgement, Reply


def keyed(reply: Reply, part: int | None) -> Reply:
    """The reply of part `part` of a mail: each part is answered once, and all answer the customer's mail. The first
    part (None) has the key of the mail."""
    if part is None:
        return reply
    name, at, domain = reply.message_id.partition("@")
    return replace(reply, message_id=f"{name}.{part}{at}{domain}")


def of_part(judged: Judgement, part: int | None) -> Judgement:
    """The judgement with its reply, if it has one, keyed to this part."""
    return judged if judged.reply is None else replace(judged, reply=keyed(judged.reply, part))

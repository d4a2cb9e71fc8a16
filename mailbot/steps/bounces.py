"""Delivery reports (RFC 3464) and complaints (RFC 5965): which of our messages they are about."""

import re
from collections.abc import Mapping

from mailbot.model import Bounce
from mailbot.steps.headers import addresses, message_ids, one_line, raw_text
from mailbot.steps.mime import Part, Tree

_MESSAGE_ID = re.compile(rb"^[ \t>]{0,8}Message-ID[ \t]*:[ \t\n]{0,8}(<[^<>\s]{1,990}>)", re.I | re.M)
_ACTION = re.compile(rb"^Action[ \t]*:[ \t]*(\w+)", re.I | re.M)
_STATUS = re.compile(rb"^Status[ \t]*:[ \t]*([45]\.\d{1,3}\.\d{1,3})", re.I | re.M)
_KIND = rb"[ \t]*:[ \t]*(?:[\w-]{1,20}[ \t]*;)?"  # 'rfc822;', 'smtp;'
_RECIPIENT = re.compile(rb"^(?:Final|Original)-Recipient" + _KIND + rb"([^\n]{1,400})", re.I | re.M)
_SAID = re.compile(rb"^Diagnostic-Code" + _KIND + rb"([^\n]{1,600}(?:\n[ \t][^\n]{0,400}){0,5})", re.I | re.M)
_SAID_AT_MOST = 200
_ORIGINALS = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
    "message/rfc822-headers",
)


def bounced_ids(tree: Tree) -> tuple[str, ...]:
    """Message-IDs of the messages a report returns as not delivered; none for a delay or a success (RFC 3464
    Action), and those found in the text where an old mail system returns the message inline."""
    actions = {
        action.lower()
        for part in _leaves(tree.root)
        if part.type.endswith("delivery-status")
        for action in _ACTION.findall(tree.data, part.start, part.end)
    }
    if actions and not actions & {b"failed"}:
        return ()
    found: list[str] = []
    for part in _originals(tree.root):
        for value in part.fields.get("message-id", ()):
            found += message_ids(raw_text(value))
        found += _inside(tree, part)[:1]
    if not found:
        found = _inside(tree, tree.root)[:1]
    return tuple(dict.fromkeys(found))


def bounce(tree: Tree, reasons: Mapping[str, str]) -> Bounce:
    """Who could not be reached and why, of a report that `bounced_ids` finds something in. `reasons`: RFC 3463 status
    or its beginning → French; the server's own words follow."""
    reports = [part for part in _leaves(tree.root) if part.type.endswith("delivery-status")] or [tree.root]
    recipient, status, said = (
        next(
            (raw_text(one) for part in reports for one in pattern.findall(tree.data, part.start, part.end)),
            "",
        )
        for pattern in (_RECIPIENT, _STATUS, _SAID)
    )
    found = next(addresses(recipient), None)
    known = [start for start in reasons if f"{status}.".startswith(f"{start}.")]
    why = reasons[max(known, key=len)] if known else ""
    told = " : ".join(filter(None, (status, one_line(said)[:_SAID_AT_MOST])))
    reason = f"{why} ({told})" if why and told else why or told or "sans raison donnée"
    return Bounce(recipient=found.addr if found else "", reason=reason)


def _inside(tree: Tree, part: Part) -> list[str]:
    return [
        match.decode("utf-8", "replace") for match in _MESSAGE_ID.findall(tree.data, part.start, part.end)
    ]


def _leaves(part: Part) -> list[Part]:
    return [leaf for child in part.children for leaf in _leaves(child)] or [part]


def _originals(part: Part) -> list[Part]:
    if part.type in _ORIGINALS:
        return [part]
    return [found for child in part.children for found in _originals(child)]

"""Was this mail written by a machine? Headers first, then the sender, then the whole shape of the text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mailbot.identifiers import fold_text
from mailbot.model import Address, Machine, MachineKind
from mailbot.ruleset.reading import HeaderMark, Reading, Shape
from mailbot.ruleset.shop import Channel
from mailbot.steps.headers import Fields, first, raw_text
from mailbot.steps.patterns import union

_APART = re.compile(r"[-._]+")
_LOOKED_AT = 30_000  # characters of text that are judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is judged: the fields, the writer, and the words. `answers`: it replies to or forwards another
    mail; `forwards`: its subject says that a person passed it on; `report`: the report-type of a
    multipart/report, else ''."""

    fields: Fields
    sender: Address | None
    reply_to: Address | None
    to: Sequence[Address]
    subject: str
    text: str = ""
    answers: bool = False
    forwards: bool = False
    report: str = ""
    folded: tuple[str, str] = ("", "")  # subject and beginning of the text, filled in by `judge`


def relay_channel(sender: Address | None, channels: Iterable[Channel]) -> Channel | None:
    """The channel one of whose buyer relay patterns is this sender's whole address, else None."""
    if sender is None:
        return None
    for channel in channels:
        if channel.expediteurs_relais and union(channel.expediteurs_relais).fullmatch(sender.addr):
            return channel
    return None


def notice_channel(sender: Address | None, channels: Iterable[Channel]) -> Channel | None:
    """The channel whose notices come from this sender, else None."""
    if sender is None:
        return None
    for channel in channels:
        patterns = channel.expediteurs_notification
        if patterns and union(patterns).fullmatch(sender.addr):
            return channel
    return None


def judge(
    letter: Letter, channels: Iterable[Channel], relay: Channel | None, reading: Reading
) -> Machine | None:
    """None for a person. A buyer's relay address is a person's, except for an automatic reply that says so."""
    letter = replace(letter, folded=(_plain(letter.subject), _plain(letter.text[:_LOOKED_AT])))
    if relay is not None:
        return _relayed_reply(letter, reading)
    return (
        _report(letter)
        or _rejected(letter, reading)
        or _by_header(letter, reading, ("auto_reply", "bounce"))
        or _by_sender(letter, channels, reading)
        or _by_header(letter, reading, () if _contact_form(letter) else ("notification",))
        or _null_path(letter, reading)
        or _bulk(letter, reading)
        or _robot(letter, reading)
        or _by_shape(letter, reading)
    )


def _plain(text: str) -> str:
    """As the patterns are written: lower case, no accents, straight apostrophes."""
    return fold_text(text).replace("’", "'").replace("‘", "'")


def _relayed_reply(letter: Letter, reading: Reading) -> Machine | None:
    """Both the header and the words must say so: platforms put automatic headers on what buyers write."""
    header = _by_header(letter, reading, ("auto_reply",))
    shape = _by_shape(letter, reading, ("auto_reply",)) if header else None
    return header if shape else None


_REPORTS: dict[str, tuple[MachineKind, str]] = {
    "delivery-status": ("bounce", "avis de non-remise"),
    "feedback-report": ("bounce", "signalement pour abus"),
    "disposition-notification": ("notification", "accusé de lecture"),
}


def _report(letter: Letter) -> Machine | None:
    if letter.report not in _REPORTS:
        return None
    kind, label = _REPORTS[letter.report]
    return Machine(kind=kind, reason=f"Rapport automatique ({label}, Content-Type: multipart/report).")


def _by_header(letter: Letter, reading: Reading, kinds: Sequence[MachineKind]) -> Machine | None:
    for mark in reading.entetes:
        if mark.genre in kinds and mark.nom in letter.fields:
            found = _marked(letter, mark)
            if found:
                return found
    return None


def _marked(letter: Letter, mark: HeaderMark) -> Machine | None:
    for value in letter.fields[mark.nom]:
        text = raw_text(value)
        if union((mark.motif,)).search(text):
            shown = f"{mark.nom.title()}: {text[:80]}".rstrip()
            return Machine(kind=mark.genre, reason=f"En-tête « {shown} ».")
    return None


def _rejected(letter: Letter, reading: Reading) -> Machine | None:
    """Sent by the mail system itself, or shaped as its reports are, whatever the headers say."""
    if letter.sender and union(reading.expediteurs_rejet).match(letter.sender.addr):
        return Machine(kind="bounce", reason=f"Expéditeur « {letter.sender.addr} » : système de messagerie.")
    return _by_shape(letter, reading, ("bounce",))


def _by_sender(letter: Letter, channels: Iterable[Channel], reading: Reading) -> Machine | None:
    if letter.sender is None:
        return None
    channel = notice_channel(letter.sender, channels)
    if channel is not None:
        return Machine(
            kind="notification", reason=f"Expéditeur « {letter.sender.addr} » : avis de {channel.nom}."
        )
    if union(reading.expediteurs_notification).match(letter.sender.addr):
        return Machine(
            kind="notification", reason=f"Expéditeur « {letter.sender.addr} » : avis automatiques."
        )
    return None


def _null_path(letter: Letter, reading: Reading) -> Machine | None:
    if not any(value.strip() == b"<>" for value in letter.fields.get("return-path", ())[:1]):
        return None
    shape = _by_shape(letter, reading, ("auto_reply",))
    kind: MachineKind = shape.kind if shape else "notification"
    return Machine(kind=kind, reason="Adresse de retour vide (Return-Path: <>), réservée aux machines.")


def _bulk(letter: Letter, reading: Reading) -> Machine | None:
    """List headers, unless the list is the shop's own address: a group mailbox passes customers' mails on."""
    if _own_list(letter) or _contact_form(letter):
        return None
    return _by_header(letter, reading, ("bulk",))


def _own_list(letter: Letter) -> bool:
    identity = (first(letter.fields, "list-id") + " " + first(letter.fields, "list-post")).lower()
    if not identity.strip():
        return False
    reached = [raw_text(value).strip("<> ").lower() for value in letter.fields.get("delivered-to", ())]
    domains = {address.rpartition("@")[2] for address in reached}
    for address in (*reached, *(recipient.addr for recipient in letter.to)):
        named = address in identity or address.replace("@", ".") in identity
        if "@" in address and named and (not domains or address.rpartition("@")[2] in domains):
            return True
    return False


def _contact_form(letter: Letter) -> bool:
    """The shop's own site passes on what a customer typed: from the shop to itself, Reply-To the customer."""
    if letter.sender is None or letter.reply_to is None:
        return False
    home = _domain(letter.sender)
    return _domain(letter.reply_to) != home and any(_domain(recipient) == home for recipient in letter.to)


def _domain(address: Address) -> str:
    return address.addr.rpartition("@")[2]


def _robot(letter: Letter, reading: Reading) -> Machine | None:
    """A no-reply sender; but a shop's contact form writes so too, with the customer as Reply-To."""
    if letter.sender is None or not _unanswerable(letter.sender, reading):
        return None
    answer = letter.reply_to or letter.sender
    elsewhere = _domain(answer) != _domain(letter.sender)
    if elsewhere and not _unanswerable(answer, reading):
        return None
    return Machine(
        kind="notification", reason=f"Expéditeur sans réponse possible : « {letter.sender.addr} »."
    )


def _unanswerable(address: Address, reading: Reading) -> bool:
    """The address says that nobody reads it, and nothing in it may be a person's name."""
    found = union(reading.expediteurs_robots).match(address.addr)
    if found is None:
        return False
    rest, inside, domain = address.addr[found.end() :].partition("@")
    if not inside:
        return True  # the pattern judged the whole address
    words = _APART.split(rest.partition("+")[0])
    known = union(reading.suites_robots)
    return all(not word or known.fullmatch(word) or word in _APART.split(domain) for word in words)


def _by_shape(
    letter: Letter, reading: Reading, kinds: Sequence[MachineKind] = ("auto_reply", "notification", "bulk")
) -> Machine | None:
    subject, text = letter.folded
    if letter.forwards:
        return None
    for shape in reading.formes:
        if shape.genre in kinds and (shape.meme_reponse or not letter.answers):
            signs = _signs(shape, subject, text)
            if len(signs) >= shape.seuil:
                shown = " », « ".join(signs[:3])
                return Machine(
                    kind=shape.genre, reason=f"Forme d'un message automatique ({shape.nom}) : « {shown} »."
                )
    return None


def _signs(shape: Shape, subject: str, text: str) -> list[str]:
    """The words that show this shape, one for each pattern found; [] when a person's words are there too."""
    if len(text) > shape.longueur_max:
        return []
    if not any(word in text or word in subject for word in shape.indices):
        return []
    if union(shape.humain).search(text):
        return []
    sure = _found(shape.surs, text)
    if shape.surs and not sure:
        return []
    return sure + _found(shape.objets, subject) + _found(shape.textes, text)


def _found(patterns: Sequence[str], text: str) -> list[str]:
    found = (union((pattern,)).search(text) for pattern in patterns)
    return [match[0].strip()[:60] for match in found if match]

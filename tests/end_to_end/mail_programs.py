"""What Thunderbird, Outlook and a telephone do to Drafts and Sent when an agent edits, sends or discards a draft."""

import itertools
from email import policy
from email.message import EmailMessage

from tests.end_to_end.mailroom import client, parsed
from tests.end_to_end.shop import Shop

_numbers = itertools.count(1)


class MailProgram:
    """An agent's mail program. `keeps`: which headers of a draft survive being opened and saved or sent; `own_id`: a
    Message-ID of its own each time; `html`: the text is saved as HTML only; `deletes_first`: the draft goes away before
    the copy in Sent is there (a telephone with a slow line)."""

    def __init__(
        self,
        shop: Shop,
        *,
        keeps: tuple[str, ...],
        own_id: bool = True,
        html: bool = False,
        deletes_first: bool = False,
    ) -> None:
        self.shop, self.keeps, self.own_id, self.html = shop, keeps, own_id, html
        self.deletes_first = deletes_first

    def drafts(self) -> dict[int, EmailMessage]:
        """What the agent sees in Drafts, by UID."""
        with client(self.shop) as session:
            session.select_folder("Drafts", readonly=True)
            uids = session.search(["UNDELETED"])
            found = session.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
        return {uid: parsed(found[uid][b"BODY[]"]) for uid in sorted(found)}

    def draft(self) -> tuple[int, EmailMessage]:
        """The only draft there is."""
        ((uid, message),) = self.drafts().items()
        return uid, message

    def written(self, old: EmailMessage, text: str | None, **headers: str | None) -> bytes:
        """The message as this program saves or sends it."""
        new = EmailMessage(policy=policy.SMTP)
        for name in ("From", "To", "Subject", *self.keeps):
            value = headers.get(name.lower().replace("-", "_"), old[name])
            if value is not None:
                new[name] = str(value)
        number = next(_numbers)
        new["Message-ID"] = f"<programme{number}@poste.example>" if self.own_id else str(old["Message-ID"])
        new["Date"] = "Sun, 22 Nov 2026 10:00:00 +0100"
        body = old.get_body(("plain", "html"))
        words = text if text is not None else (body.get_content() if body else "")
        if self.html:
            rows = "".join(f"<div>{line or '<br>'}</div>" for line in words.splitlines())
            new.set_content(f"<html><body>{rows}</body></html>", subtype="html")
        else:
            new.set_content(words)
        return new.as_bytes()

    def edit(self, text: str, **headers: str | None) -> None:
        """Open the draft, rewrite it, save it: a new message, then the old one is removed."""
        uid, old = self.draft()
        self.save(self.written(old, text, **headers))
        self.discard(uid)

    def save(self, message: bytes) -> None:
        """A message into Drafts."""
        with client(self.shop) as session:
            session.append("Drafts", message, ["\\Draft", "\\Seen"])

    def discard(self, uid: int) -> None:
        """A draft out of Drafts."""
        with client(self.shop) as session:
            session.select_folder("Drafts")
            session.delete_messages([uid])
            session.expunge()

    def send(self, text: str | None = None, **headers: str | None) -> None:
        """Send the draft, rewritten or as it is."""
        uid, old = self.draft()
        message = self.written(old, text, **headers)
        if self.deletes_first:
            self.discard(uid)
            self.file_sent(message)
        else:
            self.file_sent(message)
            self.discard(uid)

    def file_sent(self, message: bytes) -> None:
        """The copy in Sent."""
        with client(self.shop) as session:
            session.append("Sent", message, ["\\Seen"])

    def reply(self, question: bytes, text: str, *, to: str | None = None, thread: bool = True) -> bytes:
        """A reply the agent writes on their own to a customer's mail, quoting it."""
        asked = parsed(question)
        new = EmailMessage(policy=policy.SMTP)
        new["From"], new["To"] = self.shop.address, to or str(asked["From"])
        new["Subject"] = f"Re: {asked['Subject']}"
        new["Message-ID"] = f"<programme{next(_numbers)}@poste.example>"
        if thread:
            new["In-Reply-To"] = new["References"] = str(asked["Message-ID"])
        quoted = "\n".join(f"> {line}" for line in asked.get_content().splitlines())
        new.set_content(f"{text}\n\nLe 22/11/2026 à 09:12, Camille Durand a écrit :\n{quoted}\n")
        return new.as_bytes()


_THREAD = ("In-Reply-To", "References")
_OURS = ("X-Mailbot-Ticket", "X-Mailbot-Draft")


def thunderbird(shop: Shop) -> MailProgram:
    """Keeps the thread and foreign headers."""
    return MailProgram(shop, keeps=(*_THREAD, *_OURS))


def outlook(shop: Shop) -> MailProgram:
    """Rewrites everything: HTML only, no thread, no foreign header."""
    return MailProgram(shop, keeps=(), html=True)


def telephone(shop: Shop) -> MailProgram:
    """Keeps the thread, drops foreign headers, removes the draft before the copy in Sent is there."""
    return MailProgram(shop, keeps=_THREAD, deletes_first=True)


PROGRAMS = {"thunderbird": thunderbird, "outlook": outlook, "telephone": telephone}

"""An SMTP server that does something at a chosen moment of the conversation, and a look into mailboxes."""

import socket
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

import imapclient

from tests.end_to_end.shop import Shop
from tests.servers.dovecot import PASSWORD
from tests.servers.smtp import ScriptedSmtp


class HookedSmtp(ScriptedSmtp):
    """Calls `hook(stage)` before it answers a stage; stages as in ScriptedSmtp, and ANSWERED right after the answer
    to the final dot was sent."""

    hook: Callable[[str], None] | None = None

    def _answer(self, connection: socket.socket, stage: str) -> bool:
        if self.hook:
            self.hook(stage)
        going_on = super()._answer(connection, stage)
        if self.hook and stage == "DOT":
            self.hook("ANSWERED")
        return going_on

    @property
    def letters(self) -> list[EmailMessage]:
        return [parsed(body) for body in self.bodies]


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def client(shop: Shop) -> imapclient.IMAPClient:
    """A logged-in client of the shop's mailbox; use it in a `with`."""
    session = imapclient.IMAPClient("127.0.0.1", shop.dovecot.imap_port, ssl=False)
    session.login(shop.user, PASSWORD)
    return session


def folder(shop: Shop, name: str) -> list[bytes]:
    """The messages of a folder, unread ones stay so."""
    with client(shop) as session:
        session.select_folder(name, readonly=True)
        uids = session.search()
        found = session.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
        return [found[uid][b"BODY[]"] for uid in uids]


def file(shop: Shop, name: str, message: bytes) -> None:
    """Put a message into a folder, as the provider would."""
    with client(shop) as session:
        session.append(name, message)


def flags(shop: Shop, name: str = "INBOX") -> list[set[bytes]]:
    """The flags of each message of a folder, without \\Recent."""
    with client(shop) as session:
        session.select_folder(name, readonly=True)
        uids = session.search()
        return [set(session.get_flags([uid])[uid]) - {b"\\Recent"} for uid in uids]

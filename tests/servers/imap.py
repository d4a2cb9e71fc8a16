"""A scripted IMAP server for what a real Dovecot never does: cut lines, empty bodies, sudden ends."""

import re
import socket
import time
from collections.abc import Callable

from mailbot.config import Account, Server
from tests.servers.scripted import Scripted

HANG_UP = b"(hang up)"
# A reply: the lines before the tagged OK; or, when it contains "%T", all lines with %T standing for the tag.
Reply = Callable[[re.Match[str]], bytes]


class ScriptedImap(Scripted):
    """Answers each command by the first rule whose regular expression matches it (without tag); then the usual ones.

    A lone PAUSE in a reply (b'\\0') waits a moment: what follows comes in another packet. Context manager."""

    def __init__(
        self, rules: dict[str, bytes | Reply], *, greeting: bytes = b"* OK ready", exists: int = 2
    ) -> None:
        usual: dict[str, bytes | Reply] = {
            "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE",
            "EXAMINE": b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT %d] ok"
            % (exists, exists + 1),
            "LOGOUT": b"* BYE bye",
            ".*": b"",
        }
        super().__init__()
        self._rules, self._greeting = [*rules.items(), *usual.items()], greeting
        self._idle_tag = b""

    def account(self, **changes: object) -> Account:
        settings = {"host": "127.0.0.1", "port": self.port, "security": "none", "timeout_seconds": 3}
        imap = Server.model_validate({**settings, **changes})
        return Account(name="script", address="sav@boutique.exemple", imap=imap, smtp=imap)

    def _talk(self, connection: socket.socket) -> None:
        connection.sendall(self._greeting + b"\r\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                tag, _, command = line.decode("utf-8", "replace").strip().partition(" ")
                self.heard.append(command or tag)
                if tag == "DONE":
                    connection.sendall(self._idle_tag + b" OK done\r\n")
                    continue
                if command == "IDLE":
                    self._idle_tag = tag.encode()
                reply = self._reply(command)
                if reply == HANG_UP:
                    return
                if b"%T" not in reply:
                    reply += (b"\r\n" if reply else b"") + b"%T OK done"
                for part in (reply.replace(b"%T", tag.encode()) + b"\r\n").split(b"\0"):
                    connection.sendall(part)
                    time.sleep(0.05 if b"\0" in reply else 0)

    def _reply(self, command: str) -> bytes:
        for pattern, reply in self._rules:
            if found := re.match(pattern, command):
                return reply(found) if callable(reply) else reply
        return b""

"""SMTP servers for tests: a real one (aiosmtpd) that keeps what it takes, and one that fails exactly as
told."""

import base64
import socket
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from mailbot.config import Server
from tests.servers.dovecot import CERTS, PASSWORD, free_port
from tests.servers.oauth import TokenServer
from tests.servers.scripted import Scripted


def certificate(stem: str) -> ssl.SSLContext:
    """A server-side context with a certificate of certs/."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / f"{stem}.pem", CERTS / f"{stem}.key")
    return context


class _Keeper:
    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(  # noqa: N802 (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.taken.append(envelope)
        return "250 2.0.0 Ok: queued as 4711"


class _TokenKeeper(_Keeper):
    """Takes tokens of `tokens` that belong to the named user; says why it refuses, as large providers do."""

    def __init__(self, tokens: TokenServer) -> None:
        super().__init__()
        self._tokens = tokens
        self.users: list[str] = []

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 (aiosmtpd looks for it)
        first, _, rest = base64.b64decode(args[1]).decode().partition("\1auth=Bearer ")
        return await self._judged(server, first.removeprefix("user="), rest.rstrip("\1"))

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        first, _, rest = base64.b64decode(args[1]).decode().partition("\1auth=Bearer ")
        return await self._judged(server, first.removeprefix("n,a=").rstrip(","), rest.rstrip("\1"))

    async def _judged(self, server: SMTP, user: str, token: str) -> AuthResult:
        if self._tokens.user_of(token) == user:
            self.users.append(user)
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"401","schemes":"bearer","scope":"mail"}')
        return AuthResult(success=False, handled=False)


class SmtpSink:
    """A real SMTP server; context manager. `security` as in the configuration; with one of TLS it wants a
    log-in with any name and PASSWORD, with `tokens` one by a token of that server (`without`: mechanisms it lacks).
    Taken mails are in `taken` (content and envelope)."""

    def __init__(
        self,
        security: str = "none",
        stem: str = "localhost",
        *,
        utf8: bool = False,
        tokens: TokenServer | None = None,
        without: tuple[str, ...] = (),
    ) -> None:
        self._security, self.port = security, free_port()
        self._keeper = _TokenKeeper(tokens) if tokens else _Keeper()
        encrypted = security != "none"
        context = certificate(stem) if encrypted else None
        self._controller = Controller(
            self._keeper,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=context if security == "tls" else None,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=self._authenticate if encrypted else None,
            auth_required=security == "starttls",
            auth_require_tls=security == "starttls",
            enable_SMTPUTF8=utf8,
            auth_exclude_mechanism=without,
        )

    @property
    def taken(self) -> list[Envelope]:
        return self._keeper.taken

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    def server(self, **changes: object) -> Server:
        """The settings that reach this server."""
        return server_settings(self.port, **{"security": self._security, **changes})

    def _authenticate(
        self, server: object, session: object, envelope: object, mechanism: str, data: object
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)


def server_settings(port: int, **changes: object) -> Server:
    settings: dict[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "timeout_seconds": 2,
    }
    settings |= changes
    if settings["security"] != "none":
        settings.setdefault("ca_file", CERTS / "ca.pem")
    return Server.model_validate(settings)


HANG_UP = "(hang up)"
SILENT = "(silent)"

_ANSWERS = {
    "CONNECT": "220 script ready",
    "EHLO": "250-script\r\n250 AUTH PLAIN",
    "AUTH": "235 ok",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "DOT": "250 queued",
    "QUIT": "221 bye",
}


class ScriptedSmtp(Scripted):
    """Answers every stage as told: a reply, HANG_UP or SILENT. Stages: CONNECT EHLO AUTH MAIL RCPT DATA BODY
    DOT QUIT; BODY is the moment the first bytes of the message have come. `heard` holds the commands of all
    connections, `bodies` the messages whose final dot came."""

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._answers = {**_ANSWERS, **(answers or {})}
        self.bodies: list[bytes] = []

    def server(self, **changes: object) -> Server:
        return server_settings(self.port, **changes)

    def _talk(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        with lines:
            if not self._answer(connection, "CONNECT"):
                return
            while line := lines.readline():
                command = line.decode("utf-8", "replace").strip()
                self.heard.append(command)
                stage = command.split(" ")[0].upper()
                if not self._answer(connection, stage):
                    return
                if stage == "DATA" and self._answers["DATA"].startswith("354"):
                    if self._answers.get("BODY") == HANG_UP:
                        connection.recv(10)
                        return
                    self.bodies.append(_body(lines))
                    if not self._answer(connection, "DOT"):
                        return

    def _answer(self, connection: socket.socket, stage: str) -> bool:
        answer = self._answers.get(stage, "502 unknown")
        if answer == SILENT:
            self._end.wait(10)
            return False
        if answer == HANG_UP:
            return False
        connection.sendall(answer.encode() + b"\r\n")
        return not (stage == "QUIT" or answer.startswith("421"))


def _body(lines: object) -> bytes:
    body = []
    for line in lines:  # type: ignore[attr-defined]
        if line == b".\r\n":
            break
        body.append(line)
    return b"".join(body)

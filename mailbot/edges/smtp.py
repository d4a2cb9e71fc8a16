"""Handing a mail to the SMTP server, in stages, so that we always know whether the server can have it.

The one moment that matters is the final dot (RFC 5321 section 4.1.1.4): before it was written the server
cannot have accepted the mail; after it, only the server's answer tells."""

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Literal

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from mailbot.config import Server
from mailbot.edges import smtp_login, tls
from mailbot.edges.message import ascii_domain
from mailbot.edges.providers import other_port, wants
from mailbot.edges.sign_in import Access, Secret
from mailbot.errors import MailbotError, NeedsHuman, SignedOut, TryAgain
from mailbot.model import Receipt

_NOT_GONE = " Le message n'est pas parti."
_TROUBLES = (aiosmtplib.SMTPException, OSError, TimeoutError)
_CHUNK = 65536
_LADDER_MINUTES = (1, 5, 15, 30, 60, 120, 240, 240, 480, 480, 720, 720)
_AT_LEAST_MINUTES = {421: 5, 450: 5, 451: 5, 452: 15}


def retry_at(attempt: int, code: int | None, now: datetime) -> datetime:
    """When to try again after failed `attempt` (1 = the first) that ended in SMTP `code` (None: network).

    | attempt | 1 | 2 | 3  | 4  | 5   | 6   | 7, 8 | 9, 10 | 11 and later |
    | wait    | 1 | 5 | 15 | 30 | 1 h | 2 h | 4 h  | 8 h   | 12 h         |  minutes unless stated

    421 (busy), 450 and 451 (mailbox busy; greylisting, which wants some minutes) wait 5 minutes at least,
    452 (storage full, too many mails) 15. Twelve attempts span about two days; how many are made is the
    configuration's business."""
    step = _LADDER_MINUTES[min(max(attempt, 1), len(_LADDER_MINUTES)) - 1]
    return now + timedelta(minutes=max(step, _AT_LEAST_MINUTES.get(code or 0, 0)))


async def send(
    server: Server,
    secret: Secret | None,
    message: bytes,
    envelope_from: str,
    recipient: str,
    *,
    ehlo: str | None = None,
    answer_seconds: float = 120.0,
) -> Receipt:
    """Send `message` (see message.build) to one recipient over a connection of its own; never raises for
    what the network or the server does.

    `secret` None: no log-in. `ehlo`: our host name, else the sender's domain. `answer_seconds`: how long
    to wait for the answer to the final dot. Outcomes: sent (2xx after the dot); retry (surely not taken:
    network, no access token or 4xx before the dot, 4xx after it); failed (surely not taken and lasting: 5xx,
    certificate, log-in, impossible address); uncertain (dot written, no answer we understand). `server_text` is French,
    with the server's own words."""
    receipt = None
    try:
        if isinstance(secret, Access):
            secret.token()  # one is at hand before the server is kept waiting
    except MailbotError as error:
        return Receipt(outcome="retry", code=None, server_text=f"{error}{_NOT_GONE}")
    try:
        async with _session(server, secret, ehlo or envelope_from.rpartition("@")[2]) as client:
            await _envelope(client, envelope_from, recipient, len(message))
            protocol = await _hand_over(client, message, server.timeout_seconds)
            receipt = await _final_dot(client, protocol, server, answer_seconds)
    except _TROUBLES as error:
        return receipt or _not_taken(server, error)
    except (SignedOut, TryAgain) as error:
        return Receipt(outcome="retry", code=None, server_text=f"{error}{_NOT_GONE}")
    except NeedsHuman as error:
        return Receipt(outcome="failed", code=None, server_text=str(error))
    return receipt


async def check(server: Server, secret: Secret | None, *, ehlo: str = "localhost") -> None:
    """Connect and log in, send nothing. Raises NeedsHuman or TryAgain with a French text."""
    try:
        async with _session(server, secret, ehlo):
            return
    except _TROUBLES as error:
        receipt = _not_taken(server, error)
        why = receipt.server_text.removesuffix(_NOT_GONE)
        raise (TryAgain if receipt.outcome == "retry" else NeedsHuman)(why) from error


@contextlib.asynccontextmanager
async def _session(server: Server, secret: Secret | None, ehlo: str) -> AsyncIterator[aiosmtplib.SMTP]:
    """A connection after EHLO and log-in, closed for certain at the end."""
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",  # True: refuses to go on when the server does not offer it
        tls_context=tls.context(server) if server.security != "none" else None,
        timeout=server.timeout_seconds,
        local_hostname=ehlo if ehlo and ehlo.isascii() else "localhost",
    )
    transport = None
    try:
        await client.connect()
        transport = client.transport
        await client.ehlo()
        await smtp_login.log_in(client, server, secret)
        yield client
    finally:
        if client.is_connected:
            with contextlib.suppress(*_TROUBLES):  # the outcome is known already
                await client.quit(timeout=5)
        client.close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()  # close() alone would wait for the server to end TLS
        await asyncio.sleep(0)


async def _envelope(client: aiosmtplib.SMTP, envelope_from: str, recipient: str, size: int) -> None:
    sender = ascii_domain(envelope_from) if envelope_from else ""
    target = ascii_domain(recipient)
    options, encoding = [], "ascii"
    if not (sender + target).isascii():
        if not client.supports_extension("smtputf8"):
            raise NeedsHuman(
                f"adresse « {recipient} » : elle contient des lettres accentuées et le serveur d'envoi ne sait pas les "
                "transmettre (SMTPUTF8)."
            )
        options, encoding = ["SMTPUTF8", "BODY=8BITMIME"], "utf-8"
    if client.supports_extension("size"):
        options.append(f"SIZE={size}")
    await client.mail(sender, options=options, encoding=encoding)
    await client.rcpt(target, encoding=encoding)


async def _hand_over(client: aiosmtplib.SMTP, message: bytes, seconds: float) -> SMTPProtocol:
    """DATA and the message, all but the final dot."""
    answer = await client.execute_command(b"DATA")
    if answer.code != 354:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)
    protocol = client.protocol
    if protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("connexion perdue après DATA")
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", message)  # bare CR or LF would allow SMTP smuggling
    stuffed = re.sub(rb"(?m)^\.", b"..", lines if lines.endswith(b"\r\n") else lines + b"\r\n")
    for start in range(0, len(stuffed), _CHUNK):
        protocol.write(stuffed[start : start + _CHUNK])
        async with asyncio.timeout(seconds):
            await _drained(protocol)
    return protocol


async def _drained(protocol: SMTPProtocol) -> None:
    """Until the operating system has taken everything, so that a broken connection shows before the dot is
    written."""
    await asyncio.sleep(0)
    while protocol.is_connected:
        transport = protocol.transport
        if not isinstance(transport, asyncio.WriteTransport) or not transport.get_write_buffer_size():
            return
        await asyncio.sleep(0.005)
    raise aiosmtplib.SMTPServerDisconnected("connexion perdue pendant l'envoi")


async def _final_dot(
    client: aiosmtplib.SMTP, protocol: SMTPProtocol, server: Server, seconds: float
) -> Receipt:
    where = f"{server.host}:{server.port}"
    if not protocol.is_connected:
        return _not_taken(server, aiosmtplib.SMTPServerDisconnected("connexion perdue"))
    try:
        protocol.write(b".\r\n")
        answer = await protocol.read_response(timeout=seconds)
    except _TROUBLES as error:
        client.close()  # a late answer must not be taken for the one to QUIT
        return Receipt(
            outcome="uncertain",
            code=None,
            server_text=f"{where} : message transmis en entier, mais le serveur n'a pas confirmé ({error}).",
        )
    outcome = _outcome(answer.code, after_dot=True)
    words = {
        "sent": "accepté",
        "retry": "refusé pour le moment",
        "failed": "refusé",
        "uncertain": "réponse incompréhensible",
    }
    return Receipt(
        outcome=outcome,
        code=answer.code,
        server_text=f"{where} : {words[outcome]} ({answer.code} {_clean(answer.message)}).",
    )


def _outcome(code: int, *, after_dot: bool = False) -> Literal["sent", "retry", "failed", "uncertain"]:
    if after_dot and 200 <= code < 300:
        return "sent"
    if 400 <= code < 500:
        return "retry"
    if 500 <= code < 600:
        return "failed"
    return "uncertain" if after_dot else "retry"


def _not_taken(server: Server, error: Exception) -> Receipt:
    """The receipt for a failure before the final dot: the server surely does not have the mail."""
    where = f"{server.host}:{server.port}"
    root = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) and error.__cause__ else error
    if isinstance(root, ssl.SSLError) and not isinstance(root, ssl.SSLEOFError):
        return Receipt(outcome="failed", code=None, server_text=str(tls.trouble(server, root)))
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return Receipt(
            outcome=_outcome(error.code),
            code=error.code if error.code > 0 else None,
            server_text=f"{where} : {_refusal(server, error)} ({error.code} {_clean(error.message)})."
            f"{_advice(server, error)}",
        )
    if isinstance(root, socket.gaierror):
        text = f"{where} : serveur introuvable. Vérifiez host, ou le réseau de cette machine."
    elif isinstance(root, ConnectionRefusedError):
        text = f"{where} : connexion refusée. Le serveur est arrêté, ou le port n'est pas le bon."
    elif isinstance(root, TimeoutError):
        text = f"{where} : pas de réponse en {server.timeout_seconds:g} s.{other_port(server)}"
    elif isinstance(root, OSError):
        text = f"{where} : liaison impossible ou perdue ({_clean(str(root))})."
    else:
        return Receipt(outcome="failed", code=None, server_text=_not_offered(where, server, str(error)))
    return Receipt(outcome="retry", code=None, server_text=f"{text}{_NOT_GONE}")


def _refusal(server: Server, error: aiosmtplib.SMTPResponseException) -> str:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        if server.auth == "oauth":
            return f"accès par OAuth de « {server.username} » refusé"
        return "identifiant ou mot de passe refusé"
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return f"destinataire « {error.recipient} » refusé"
    if isinstance(error, aiosmtplib.SMTPSenderRefused):
        return f"expéditeur « {error.sender} » refusé"
    return "le serveur refuse"


def _advice(server: Server, error: aiosmtplib.SMTPResponseException) -> str:
    """What a person can do about a refusal that is theirs to mend (French), else ''."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return f" {wants(server)}"
    if isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code >= 500:
        return (
            " Le serveur n'envoie pas au nom de cette adresse : mettez dans address (ou envelope_from) une adresse que "
            "l'identifiant peut employer."
        )
    return ""


def _not_offered(where: str, server: Server, words: str) -> str:
    """aiosmtplib raises a bare SMTPException only when the server lacks STARTTLS or a log-in method."""
    if "STARTTLS" in words and "AUTH" not in words:
        return (
            f"{where} : le serveur n'offre pas STARTTLS, le mot de passe n'a pas été envoyé. "
            'Essayez security = "tls" avec le port 465.'
        )
    return (
        f"{where} : le serveur n'offre pas de connexion par mot de passe avec "
        f'security = "{server.security}" ({words}).'
    )


def _clean(words: str) -> str:
    return " ".join(words.encode("utf-8", "replace").decode("utf-8").split())[:500]

"""Speaking to the server that grants tokens: one form there, one JSON answer back (RFC 6749 section 5)."""

import http.client
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from mailbot.config import Server
from mailbot.edges import tls
from mailbot.errors import NeedsHuman, TryAgain, words

SECONDS = 30.0
_MOST = 1_000_000
_BUSY = (408, 429)


def post(url: str, form: Mapping[str, str], *, where: str, ca_file: Path | None = None) -> dict[str, Any]:
    """The server's answer; one with "error" in it is an answer too. `where` begins the messages.

    Raises TryAgain (no answer, server busy) or NeedsHuman (certificate, not such a server), in French without what was
    sent."""
    place = Server(host=urlsplit(url).hostname or "", port=_port(url), security="tls", ca_file=ca_file)
    where = f"{where}, {place.host}:{place.port}"
    try:
        status, body = _exchange(url, place, form)
    except ssl.SSLCertVerificationError as error:
        raise tls.trouble(place, error) from error
    except (OSError, http.client.HTTPException) as error:
        reason = words(error) if isinstance(error, OSError) else type(error).__name__
        if isinstance(error, TimeoutError):
            reason = f"pas de réponse en {SECONDS:g} s"
        raise TryAgain(
            f"{where} : le serveur des jetons OAuth n'a pas pu être joint ({reason}). Nouvel essai plus tard."
        ) from error
    return _answer(where, status, body)


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _exchange(url: str, place: Server, form: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body. Redirections are not followed: a token goes nowhere but where it was meant to."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            place.host, place.port, timeout=SECONDS, context=tls.context(place)
        )
    else:
        connection = http.client.HTTPConnection(place.host, place.port, timeout=SECONDS)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        connection.request("POST", path, urlencode(form), headers)
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST)
    finally:
        connection.close()


def _answer(where: str, status: int, body: bytes) -> dict[str, Any]:
    if status >= 500 or status in _BUSY:
        raise TryAgain(
            f"{where} : le serveur des jetons OAuth est occupé ({status}). Nouvel essai plus tard."
        )
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    good = isinstance(answer, dict) and (status == 200 or isinstance(answer.get("error"), str))
    if not good:
        raise NeedsHuman(
            f"{where} : réponse inattendue du serveur des jetons OAuth ({status}). Vérifiez son adresse dans "
            "[accounts.oauth]."
        )
    return dict(answer)

"""The ways of OAuth 2.0 to an access token: device code (RFC 8628), browser with PKCE (RFC 7636), lasting token, and
the application's own right (RFC 6749 section 4.4)."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from mailbot.config import OAuth, client_secret
from mailbot.edges import oauth_server, oauth_words
from mailbot.errors import NeedsHuman, SignedOut, TryAgain

# Nothing of ours listens there: the person copies the address that the browser is sent to.
REDIRECT = "http://localhost"
_DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_LIFE, _PAUSE = 300.0, 5.0  # seconds, when the server does not tell
_SLOWER = 5.0
_DAY = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An access token and until when it is good; the lasting token that came with it, if any."""

    access: str = field(repr=False)
    until: datetime
    life: timedelta
    refresh: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What a person types in a browser of their choice, and what we wait with meanwhile."""

    user_code: str
    address: str
    until: datetime
    pause: float
    secret: str = field(repr=False)


def renew(oauth: OAuth, owner: str, refresh: str, now: datetime) -> Grant:
    """A new access token for the lasting one. Raises SignedOut when that is no longer good, TryAgain, NeedsHuman."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "scope": oauth.endpoints.scope}
    return _granted(owner, _ask(oauth, owner, oauth.endpoints.exchange, form), now)


def as_application(oauth: OAuth, owner: str, now: datetime) -> Grant:
    """An access token in the application's own right. Raises TryAgain, NeedsHuman."""
    form = {"grant_type": "client_credentials", "scope": oauth.endpoints.scope}
    return _granted(owner, _ask(oauth, owner, oauth.endpoints.exchange, form), now)


def device_code(oauth: OAuth, owner: str, now: datetime) -> DeviceCode:
    """Ask for a code that a person can confirm. Raises TryAgain, NeedsHuman (French)."""
    answer = _ask(oauth, owner, oauth.endpoints.device or "", {"scope": oauth.endpoints.scope})
    if "error" in answer:
        raise NeedsHuman(f"compte « {owner} » : {oauth_words.reason(answer)}")
    try:
        return DeviceCode(
            user_code=str(answer["user_code"]),
            address=str(answer.get("verification_uri") or answer["verification_url"]),
            until=now + timedelta(seconds=_seconds(answer.get("expires_in"), _LIFE)),
            pause=_seconds(answer.get("interval"), _PAUSE),
            secret=str(answer["device_code"]),
        )
    except KeyError as error:
        raise NeedsHuman(
            f"compte « {owner} » : le serveur n'a pas donné de code. Vérifiez device_url."
        ) from error


def confirmed(
    oauth: OAuth,
    owner: str,
    code: DeviceCode,
    now: Callable[[], datetime],
    wait: Callable[[float], None],
) -> Grant:
    """Wait until the person has confirmed the code. Raises NeedsHuman (French) when they refuse or let it expire."""
    form = {"grant_type": _DEVICE_CODE, "device_code": code.secret}
    pause = code.pause
    while now() < code.until:
        wait(pause)
        try:
            answer = _ask(oauth, owner, oauth.endpoints.exchange, form)
        except TryAgain:  # as RFC 8628 section 3.5 wants it: less often, but go on
            pause += _SLOWER
            continue
        if answer.get("error") == "slow_down":
            pause += _SLOWER
        elif answer.get("error") != "authorization_pending":
            return _granted(owner, answer, now())
    raise NeedsHuman(f"compte « {owner} » : le code a expiré avant d'être confirmé. Recommencez.")


def browser_address(oauth: OAuth, state: str, verifier: str, username: str) -> str:
    """Where a person grants access in a browser; `state` and `verifier` are ours, fresh and secret."""
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": oauth.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": oauth.endpoints.scope,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "login_hint": username,
    }
    start = oauth.endpoints.authorize or ""
    return f"{start}{'&' if '?' in start else '?'}{urlencode(asked)}"


def code_in(address: str, state: str, owner: str) -> str:
    """The code in the address that the browser was sent to. Raises NeedsHuman (French) when there is none, or when it
    answers another request than ours."""
    said = {key: values[0] for key, values in parse_qs(urlsplit(address.strip()).query).items()}
    if "error" in said:
        raise NeedsHuman(f"compte « {owner} » : {oauth_words.reason(said)}")
    if "code" not in said:
        raise NeedsHuman(
            f"compte « {owner} » : cette adresse ne contient pas de code. Copiez toute l'adresse de la page où le "
            f"navigateur s'est arrêté ; elle commence par {REDIRECT}."
        )
    if said.get("state") != state:
        raise NeedsHuman(f"compte « {owner} » : cette adresse répond à une autre demande. Recommencez.")
    return said["code"]


def by_code(oauth: OAuth, owner: str, code: str, verifier: str, now: datetime) -> Grant:
    """Tokens for the code that the browser brought. Raises TryAgain, NeedsHuman (French)."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": verifier,
    }
    return _granted(owner, _ask(oauth, owner, oauth.endpoints.exchange, form), now)


def _ask(oauth: OAuth, owner: str, url: str, form: Mapping[str, str]) -> dict[str, Any]:
    secret = client_secret(oauth, owner)
    own = {"client_id": oauth.client_id} | ({"client_secret": secret} if secret else {})
    return oauth_server.post(url, {**form, **own}, where=f"compte « {owner} »", ca_file=oauth.ca_file)


def _granted(owner: str, answer: Mapping[str, Any], now: datetime) -> Grant:
    where = f"compte « {owner} »"
    if error := answer.get("error"):
        if error in ("temporarily_unavailable", "server_error"):
            raise TryAgain(f"{where} : {oauth_words.reason(answer)} Nouvel essai plus tard.")
        kind = SignedOut if error in ("invalid_grant", "interaction_required") else NeedsHuman
        raise kind(f"{where} : accès par OAuth refusé, {oauth_words.reason(answer)}")
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if not isinstance(access, str) or str(answer.get("token_type", "bearer")).casefold() != "bearer":
        raise NeedsHuman(f"{where} : le serveur OAuth n'a pas donné de jeton d'accès. Vérifiez token_url.")
    life = timedelta(seconds=_seconds(answer.get("expires_in"), _LIFE))
    given = refresh if isinstance(refresh, str) and refresh else None
    return Grant(access=access, until=now + life, life=life, refresh=given)


def _seconds(stated: object, otherwise: float) -> float:
    """A number of seconds as servers state it, within a day; `otherwise` when it is none."""
    try:
        seconds = float(str(stated))
    except ValueError:
        return otherwise
    return min(seconds, _DAY) if seconds > 0 else otherwise

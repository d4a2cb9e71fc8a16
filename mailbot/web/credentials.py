"""Passwords (argon2id), one-time links, cookies and the codes of a second factor (RFC 4226, RFC 6238)."""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_hex())  # a name nobody has must take as long as a wrong password
SHORTEST = 10
STEP_SECONDS, DIGITS, RECOVERY_CODES = 30, 6, 10


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def fits(password: str, known: str | None) -> bool:
    """True when this is the password of that hash; as slow when there is none."""
    try:
        return _HASHER.verify(known or _NOBODY, password) and known is not None
    except (VerificationError, InvalidHashError):
        return False


def weakness(password: str, name: str) -> str | None:
    """Why a password is refused (French), or None."""
    if len(password) < SHORTEST:
        return f"le mot de passe doit avoir au moins {SHORTEST} caractères."
    if name.casefold() in password.casefold() or len(set(password)) < 5:
        return "ce mot de passe se devine : choisissez plusieurs mots, sans votre nom."
    return None


def token() -> str:
    """A cookie or a link that nobody guesses."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """What the database keeps of a token or recovery code."""
    return hashlib.sha256(value.encode()).hexdigest()


def signature(key: str, value: str) -> str:
    """Shows that `value` came from whoever holds `key` (a cookie)."""
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def totp_secret() -> str:
    """A new secret for a telephone, in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def totp_link(secret: str, name: str, shop: str) -> str:
    """What an authenticator application is given."""
    return f"otpauth://totp/{quote(f'{shop}:{name}')}?secret={secret}&issuer={quote(shop)}"


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of one time step (RFC 4226, HMAC-SHA-1)."""
    key = base64.b32decode(secret)
    mac = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step this code is of, the present one or a neighbour; None for a wrong code."""
    given = "".join(code.split())
    present = int(now.timestamp()) // STEP_SECONDS
    try:
        return next(
            (at for at in (present, present - 1, present + 1) if same(code_at(secret, at), given)), None
        )
    except binascii.Error:
        return None


def recovery_codes() -> list[str]:
    """Codes for whoever has lost the telephone, each good once."""
    return [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    return digest("".join(sign for sign in code.lower() if sign.isalnum()))

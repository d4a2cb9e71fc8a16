"""The system keyring, for whoever configured it: read a secret, put one in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mailbot.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A secret's place: `key` is the configuration's word for it, `instead` what to use where there is no keyring,
    `owner` the account, for messages."""

    service: str
    username: str
    owner: str
    key: str
    instead: str


def read(place: Place) -> str | None:
    """The secret, or None when there is none. Raises ConfigError (French) when there is no keyring."""
    with _opened(place, "lu") as keyring:
        value = keyring.get_password(place.service, place.username)
    return None if value is None else str(value)


def write(place: Place, secret: str) -> None:
    """Put a secret in, in place of an earlier one. Raises ConfigError (French)."""
    with _opened(place, "modifié") as keyring:
        keyring.set_password(place.service, place.username, secret)


@contextmanager
def _opened(place: Place, done: str) -> Iterator[Any]:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise ConfigError(
            f"compte « {place.owner} » : {place.key} demande le paquet « keyring » (pip install mailbot[keyring])."
        ) from error
    try:
        yield keyring
    except KeyringError as error:
        raise ConfigError(
            f"compte « {place.owner} » : le trousseau n'a pas pu être {done} ({type(error).__name__}). Un service sans "
            f"session graphique n'en a pas : utilisez {place.instead}."
        ) from error

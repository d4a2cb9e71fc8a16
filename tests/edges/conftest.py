"""A weak Dovecot, and accounts and mails for the edge tests."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from mailbot.config import Account
from tests.servers.dovecot import Dovecot

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def plain_dovecot() -> Iterator[Dovecot]:
    """No IDLE, no MOVE, no UIDPLUS, no TLS, no STARTTLS; folders with French names no SPECIAL-USE."""
    with Dovecot(
        capability="IMAP4rev1 LITERAL+", certificate=None, special={"Éléments envoyés": "", "Brouillons": ""}
    ) as server:
        yield server


@pytest.fixture
def user() -> str:
    """A user nobody else has: an empty mailbox."""
    return f"boite{next(_numbers)}"  # the end-to-end tests share the server and name theirs boutique…


@pytest.fixture
def account(dovecot: Dovecot, user: str) -> Account:
    return dovecot.account(user)


@pytest.fixture
def mail() -> Callable[..., bytes]:
    """A small message; keyword arguments replace subject, body, and further headers."""

    def make(number: int = 1, *, body: bytes = b"Bonjour", headers: bytes = b"") -> bytes:
        head = (
            f"From: Client <client{number}@exemple.fr>\r\nTo: sav@boutique.exemple\r\n"
            f"Subject: Colis {number}\r\nMessage-ID: <m{number}@exemple.fr>\r\n"
            "Date: Fri, 20 Nov 2026 10:00:00 +0100\r\n"
        )
        return head.encode() + headers + b"\r\n" + body + b"\r\n"

    return make

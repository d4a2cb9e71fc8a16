"""How an access token is put to a mail server (SASL): OAUTHBEARER (RFC 7628) and its forerunner XOAUTH2."""

from collections.abc import Callable, Collection
from typing import Literal

Mechanism = Literal["XOAUTH2", "OAUTHBEARER"]


def mechanism(offered: Collection[str]) -> Mechanism | None:
    """The one to use of those a server offers, None when it takes no tokens. XOAUTH2 first: it is the one that
    Microsoft and Google document."""
    names = {name.upper() for name in offered}
    return "XOAUTH2" if "XOAUTH2" in names else "OAUTHBEARER" if "OAUTHBEARER" in names else None


def first_words(chosen: Mechanism, user: str, token: str) -> bytes:
    """What the client says first, before base64."""
    if chosen == "XOAUTH2":
        return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()
    name = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\x01auth=Bearer {token}\x01\x01".encode()


def last_words(chosen: Mechanism) -> bytes:
    """What ends the conversation after the server has said why it refuses."""
    return b"" if chosen == "XOAUTH2" else b"\x01"


def answering(chosen: Mechanism, user: str, token: str) -> Callable[[bytes], bytes]:
    """A client for libraries that hand over each challenge: the token, then the end."""
    answers = iter([first_words(chosen, user, token)])
    return lambda _challenge: next(answers, last_words(chosen))

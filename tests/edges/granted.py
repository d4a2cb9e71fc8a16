"""An account that is signed in to by OAuth, for tests against the local token server."""

from datetime import UTC, datetime
from pathlib import Path

from mailbot.config import Account, OAuth, Server
from mailbot.edges import refresh_tokens
from mailbot.edges.sign_in import Access, SignIn
from tests.servers.oauth import TokenServer

START = datetime(2026, 11, 22, 10, tzinfo=UTC)


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def by_oauth(server: Server, user: str = "sav") -> Server:
    """The same server, signed in to by token."""
    return server.model_copy(update={"auth": "oauth", "username": user})


def section(tokens: TokenServer, directory: Path, **changes: object) -> OAuth:
    """A section [accounts.oauth] as it is after loading."""
    return OAuth.model_validate(tokens.settings(token_file=directory / "oauth" / "sav.json", **changes))


def account(
    oauth: OAuth, imap: Server | None = None, smtp: Server | None = None, name: str = "sav"
) -> Account:
    """Servers that are not given are nobody's."""
    nobody = Server.model_validate(
        {"host": "127.0.0.1", "port": 1, "security": "none", "auth": "oauth", "username": name}
    )
    return Account(
        name=name, address=f"{name}@localhost", imap=imap or nobody, smtp=smtp or nobody, oauth=oauth
    )


def connected(oauth: OAuth, tokens: TokenServer, user: str = "sav", owner: str = "sav") -> str:
    """The lasting token of a user who has connected."""
    token = tokens.last(user)
    stored = refresh_tokens.Stored(token=token, client_id=oauth.client_id, connected_at=START)
    refresh_tokens.write(oauth, owner, stored)
    return token


def access(one: Account, clock: Clock, keys: SignIn | None = None) -> Access:
    found = (keys or SignIn()).for_reading(one, clock)
    assert isinstance(found, Access)
    return found

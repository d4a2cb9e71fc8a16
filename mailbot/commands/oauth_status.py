"""The part of `mailbot status` about mailboxes that are signed in to by OAuth."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.commands import screen
from mailbot.config import Config, client_secret
from mailbot.edges import refresh_tokens
from mailbot.errors import MailbotError


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One account. `connected_at` None: by the application's own right, or never; `trouble`: why it does not work
    (French), '' when all is well."""

    account: str
    provider: str
    grant: str
    connected_at: datetime | None
    trouble: str


def read(config: Config) -> list[Connection]:
    """What is known of each account that is signed in to by OAuth; no server is asked."""
    found = []
    for account in config.accounts:
        if (oauth := account.oauth) is None:
            continue
        connected, trouble = None, ""
        try:
            client_secret(oauth, account.name)
            if oauth.grant == "user":
                stored = refresh_tokens.read(oauth, account.name)
                connected, trouble = stored.connected_at, stored.refusal
        except MailbotError as error:
            trouble = str(error)
        found.append(
            Connection(
                account=account.name,
                provider=oauth.provider,
                grant=oauth.grant,
                connected_at=connected,
                trouble=trouble,
            )
        )
    return found


def problems(found: list[Connection]) -> list[str]:
    """What a person should look at (French)."""
    return [one.trouble for one in found if one.trouble]


def as_json(found: list[Connection]) -> list[dict[str, Any]]:
    """For scripts."""
    return [
        {
            "account": one.account,
            "provider": one.provider,
            "grant": one.grant,
            "connected_at": one.connected_at,
            "trouble": one.trouble or None,
        }
        for one in found
    ]


def show(found: list[Connection]) -> None:
    """For a person: one line an account."""
    for one in found:
        since = f"connecté {screen.moment(one.connected_at)}" if one.connected_at else "par l'application"
        words = "ne fonctionne pas, voir plus bas" if one.trouble else since
        screen.console().print(
            f"OAuth ({one.provider}), compte « {one.account} » : {words}.", markup=False, soft_wrap=True
        )

"""A workplace for job tests: a real store, a configuration, and a line that is only there to be replaced."""

from typing import cast

from mailbot.config import Account, Alarms, Config, Sending, Server
from mailbot.edges.store import Store
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.rulebook import Rulebook


class _Book:
    digest = "regles-1"


class _Line:
    rulebook = cast(Rulebook, _Book())


def server(port: int = 1, **more: object) -> Server:
    settings = {"host": "127.0.0.1", "port": port, "security": "none", "timeout_seconds": 2, **more}
    return Server.model_validate(settings)


def account(name: str = "boutique", smtp: Server | None = None) -> Account:
    return Account(name=name, address=f"{name}@boutique.example", imap=server(), smtp=smtp or server())


def workplace(
    store: Store,
    *accounts: Account,
    to: tuple[str, ...] = (),
    owner: str = "ouvrier",
    escalation: tuple[str, ...] = (),
) -> Workplace:
    config = Config(
        accounts=accounts or (account(),),
        alarms=Alarms(to=to, escalation=escalation),
        sending=Sending(undo_seconds=0, max_attempts=3),
    )
    return Workplace(config=config, store=store, line=cast(Line, _Line()), owner=owner)

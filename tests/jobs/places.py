"""A workplace for job tests: a real store, a configuration, and a line that is only there to be replaced."""

from pathlib import Path
from typing import cast

from mailbot.config import Account, Alarms, Config, Drafts, Sending, Server
from mailbot.edges.store import Store
from mailbot.jobs import prepare
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.rulebook import Rulebook
from mailbot.ruleset.guards import Guards
from mailbot.steps.trained import Model
from tests.edges.store.samples import NOW, marie_writes
from tests.steps.scenes import shipped_rules


class _Book:
    digest = "regles-1"
    guards = Guards()


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
    watch_sent: bool = False,
) -> Workplace:
    config = Config(
        accounts=accounts or (account(),),
        alarms=Alarms(to=to, escalation=escalation),
        sending=Sending(undo_seconds=0, max_attempts=3, automatic=True),
        drafts=Drafts(watch_sent=watch_sent),
    )
    return Workplace(config=config, store=store, line=cast(Line, _Line()), owner=owner)


def marie_judged(store: Store, model: Model, folder: Path, csv: str, body: str) -> Workplace:
    """A workplace with the shipped rules that has judged the one mail of Marie."""
    marie_writes(store, folder, csv, body)
    place = workplace(store)
    place.line = Line.build(shipped_rules(), model)
    assert prepare.run(place, lambda: NOW) == 1
    return place

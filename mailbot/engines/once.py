"""One full pass: every account is read (each in its own thread), everything is prepared, what is due is sent."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from mailbot import clock
from mailbot.config import Account, password
from mailbot.edges import mailbox
from mailbot.edges.store import upkeep
from mailbot.errors import MailbotError
from mailbot.jobs import alarms, deliver, intake, orders, prepare, tend
from mailbot.jobs.log import log
from mailbot.jobs.workplace import Workplace


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass did. `troubles` are French, one per account that failed."""

    fetched: int
    prepared: int
    sent: int
    troubles: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self)

    def sentence(self) -> str:
        """For a person."""
        done = f"{self.fetched} nouveau(x) mail(s), {self.prepared} préparé(s), {self.sent} réponse(s) traitée(s)."
        return "\n".join([done, *(f"À vérifier : {trouble}" for trouble in self.troubles)])


def run(workplace: Workplace) -> Pass:
    """Do everything once. A broken account is a trouble in the result, never a stop for the others."""
    orders.watched(workplace, clock.now)
    accounts = workplace.config.accounts
    prepared = 0
    with ThreadPoolExecutor(max_workers=min(8, len(accounts))) as pool:
        reading = [pool.submit(_read, workplace, account) for account in accounts]
        waiting = threading.Event()
        while not all(future.done() for future in reading):
            prepared += prepare.run(workplace, clock.now)
            waiting.wait(0.02)
    results = [future.result() for future in reading]
    prepared += prepare.run(workplace, clock.now)
    sent = deliver.run(workplace, clock.now)
    tend.tidy(workplace, clock.now)
    alarms.run(workplace, clock.now)
    return Pass(
        fetched=sum(count for count, _ in results),
        prepared=prepared,
        sent=sent,
        troubles=tuple(trouble for _, troubles in results for trouble in troubles),
    )


def _read(workplace: Workplace, account: Account) -> tuple[int, list[str]]:
    """All folders of one account: how many new mails, and what went wrong."""
    new, troubles = 0, []
    try:
        with mailbox.connect(account, password(account.imap, account.name)) as box:
            for folder in account.folders:
                found = intake.fetch_folder(workplace.store, box, account, folder, clock.now)
                new += found.new
                troubles += [
                    f"compte « {account.name} », dossier « {folder} », {text}" for text in found.failures
                ]
    except MailbotError as error:
        log.warning("%s", error)
        troubles.append(str(error))
        for folder in account.folders:
            upkeep.folder_failed(workplace.store, account.name, folder, str(error), clock.now())
    return new, troubles

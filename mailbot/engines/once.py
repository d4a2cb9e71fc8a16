"""One full pass: every account is read (each in its own thread), everything is prepared, what is due is sent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from typing import Any

from mailbot import clock
from mailbot.config import Account
from mailbot.edges import mailbox
from mailbot.edges.store import upkeep
from mailbot.engines.watch import unforeseen
from mailbot.errors import MailbotError
from mailbot.jobs import agents_mail, alarms, deliver, intake, orders, prepare, sent_watch, tend
from mailbot.jobs.log import level, log
from mailbot.jobs.workplace import Workplace
from mailbot.steps.french import counted

STILL_SECONDS = 0.3


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
        new = counted(self.fetched, "nouveau mail", "nouveaux mails")
        done = f"{new}, {counted(self.prepared, 'préparé')}, {counted(self.sent, 'réponse traitée')}."
        return "\n".join([done, *(f"À vérifier : {trouble}" for trouble in self.troubles)])


class Progress:
    """How many mails the reading threads have brought so far. Reading and preparing at once would make both wait for
    the interpreter's lock: one after the other is a seventh faster."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, new: int) -> None:
        """Another batch has come."""
        self.count += 1 + new


def run(workplace: Workplace) -> Pass:
    """Do everything once. A broken account is a trouble in the result, never a stop for the others."""
    orders.watched(workplace, clock.now)
    accounts = workplace.config.accounts
    prepared = 0
    progress = Progress()
    with ThreadPoolExecutor(max_workers=min(8, len(accounts))) as pool:
        reading = [pool.submit(_read, workplace, account, progress.add) for account in accounts]
        while True:
            seen = progress.count
            if not wait(reading, STILL_SECONDS).not_done:
                break
            if progress.count == seen:  # the servers keep us waiting: use the time
                prepared += prepare.run(workplace, clock.now)
    results = [future.result() for future in reading]
    prepared += prepare.run(workplace, clock.now)
    agents_mail.settle_drafts(workplace, clock.now)
    sent = deliver.run(workplace, clock.now)
    tend.tidy(workplace, clock.now)
    alarms.run(workplace, clock.now)
    return Pass(
        fetched=sum(count for count, _ in results),
        prepared=prepared,
        sent=sent,
        troubles=tuple(trouble for _, troubles in results for trouble in troubles),
    )


def _read(workplace: Workplace, account: Account, on_batch: Callable[[int], None]) -> tuple[int, list[str]]:
    """All folders of one account: how many new mails, and what went wrong."""
    new, troubles = 0, []
    try:
        secret = workplace.sign_in.for_reading(account, clock.now)
        with mailbox.connect(account, secret) as box:
            for folder in account.folders:
                found = intake.fetch_folder(
                    workplace.store, box, account, folder, clock.now, on_batch=on_batch
                )
                new += found.new
                troubles += [
                    f"compte « {account.name} », dossier « {folder} », {text}" for text in found.failures
                ]
            if workplace.config.watches_sent(account):
                sent_watch.look(workplace, account, box, clock.now)
    except MailbotError as error:
        log.log(level(error), "%s", error)
        troubles.append(_noted(workplace, account, error))
    except Exception as error:  # noqa: BLE001 - the job boundary: the other accounts go on
        troubles.append(_noted(workplace, account, unforeseen(account, error)))
    return new, troubles


def _noted(workplace: Workplace, account: Account, error: MailbotError) -> str:
    for folder in account.folders:
        upkeep.folder_failed(workplace.store, account.name, folder, str(error), clock.now())
    return str(error)

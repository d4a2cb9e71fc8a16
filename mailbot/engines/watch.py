"""One thread per watched folder: connect, fetch, wait for news (IDLE, with a poll behind it), reconnect with back-off.

A folder in trouble only delays itself."""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from mailbot.config import Account
from mailbot.edges import mailbox
from mailbot.edges.backoff import backoff
from mailbot.edges.sign_in import SignIn
from mailbot.edges.store import upkeep
from mailbot.edges.store.connection import Store
from mailbot.errors import MailbotError, TryAgain
from mailbot.jobs import intake
from mailbot.jobs.log import about, level, log

FULL_EVERY = 30  # passes between two comparisons of all UIDs with the ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a watcher needs. `news` is called after each batch that brought mail."""

    store: Store
    account: Account
    sign_in: SignIn
    folder: str
    now: Callable[[], datetime]
    news: Callable[[], None]
    stop: threading.Event


def run(watch: Watch) -> None:
    """Watch until `stop` is set. Troubles of the server are recorded in the folder's state and retried."""
    failures = 0
    while not watch.stop.is_set():
        try:
            secret = watch.sign_in.for_reading(watch.account, watch.now)
            with mailbox.connect(watch.account, secret) as box:
                for _pass in _passes(watch, box):
                    failures = 0
        except MailbotError as error:
            failures += 1
            _record(watch, error)
        except Exception as error:  # noqa: BLE001 - the job boundary: people must hear of the folder
            failures += 1
            _record(watch, unforeseen(watch.account, error))
        if not watch.stop.is_set():
            watch.stop.wait(backoff(failures))


def unforeseen(account: Account, error: Exception) -> MailbotError:
    """A server's answer that nobody foresaw, as a trouble of its account; the log has where it came up."""
    log.exception("compte « %s » : erreur imprévue", account.name)
    told = f"compte « {account.name} » : erreur imprévue ({type(error).__name__} : {error})"
    return TryAgain(f"{told}. Nouvel essai plus tard.")


def _passes(watch: Watch, box: mailbox.Mailbox) -> Iterator[None]:
    """One pass over the folder a turn, until the watcher is stopped."""
    for number in itertools.count():
        if number and not _wait(watch, box):
            return
        found = intake.fetch_folder(
            watch.store,
            box,
            watch.account,
            watch.folder,
            watch.now,
            full=number % FULL_EVERY == 0,
            on_batch=lambda new: watch.news() if new else None,
        )
        for failure in found.failures:
            log.warning("compte « %s », dossier « %s » : %s", watch.account.name, watch.folder, failure)
        yield


def _wait(watch: Watch, box: mailbox.Mailbox) -> bool:
    """Wait for news or the poll's turn; False when asked to stop."""
    if watch.account.idle and box.supports_idle:
        box.idle(watch.stop, watch.account.poll_seconds)
    else:
        watch.stop.wait(watch.account.poll_seconds)
    return not watch.stop.is_set()


def _record(watch: Watch, trouble: MailbotError) -> None:
    message = str(trouble)
    log.log(level(trouble), "%s", about(watch.account.name, f"dossier « {watch.folder} »", message))
    try:
        upkeep.folder_failed(watch.store, watch.account.name, watch.folder, message, watch.now())
    except MailbotError as error:
        log.error("état du dossier « %s » non enregistré : %s", watch.folder, error)

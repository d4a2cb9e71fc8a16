"""One thread per account that follows the agents' Sent and Drafts: IDLE tells of sent mail, rows of our own work."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailbot.config import Account
from mailbot.edges import mailbox
from mailbot.edges.backoff import backoff
from mailbot.edges.mailbox import Mailbox
from mailbot.edges.store import agents_folders
from mailbot.errors import MailbotError
from mailbot.jobs import agents_mail, mailbox_drafts
from mailbot.jobs.log import about, level, log
from mailbot.jobs.mailbox_drafts import Memory
from mailbot.jobs.workplace import Workplace

LOOK_SECONDS = 3.0  # how late, at most, our own work is shown in the mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """What a follower needs."""

    workplace: Workplace
    account: Account
    now: Callable[[], datetime]
    stop: threading.Event


def run(follow: Follow) -> None:
    """Follow until `stop` is set; troubles of the server are logged and tried again."""
    failures = 0
    while not follow.stop.is_set():
        try:
            secret = follow.workplace.sign_in.for_reading(follow.account, follow.now)
            with mailbox.connect(follow.account, secret) as box:
                memory = Memory()
                while not follow.stop.is_set():
                    agents_mail.follow(follow.workplace, follow.account, box, follow.now, memory)
                    failures = 0
                    _wait(follow, box)
        except MailbotError as error:
            failures += 1
            log.log(level(error), "%s", about(follow.account.name, "envoyés et brouillons", str(error)))
        if not follow.stop.is_set():
            follow.stop.wait(backoff(failures))


def _wait(follow: Follow, box: Mailbox) -> None:
    """Until there is news in Sent, work of ours for Drafts, the poll's turn, or the end."""
    workplace, account = follow.workplace, follow.account
    sent = agents_folders.get(workplace.store, account.name, "Sent")
    idles = account.idle and box.supports_idle and sent is not None and sent.trouble is None
    if sent is not None and idles:
        box.examine(sent.folder)
    ours = agents_mail.has_drafts(workplace, account)
    waited, part = 0.0, LOOK_SECONDS if ours else float(account.poll_seconds)
    while waited < account.poll_seconds and not follow.stop.is_set():
        if idles and box.idle(follow.stop, part):
            return
        if not idles:
            follow.stop.wait(part)
        if ours and mailbox_drafts.has_work(workplace, account):
            return
        waited += part

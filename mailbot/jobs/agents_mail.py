"""Follow what agents do in their own mail programs: first Sent, then our drafts in Drafts, over one connection."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from mailbot.config import Account
from mailbot.edges import mailbox
from mailbot.edges.mailbox import Mailbox
from mailbot.edges.store import mailbox_drafts as store_rows
from mailbot.errors import MailbotError
from mailbot.jobs import mailbox_drafts, sent_watch
from mailbot.jobs.log import level, log
from mailbot.jobs.mailbox_drafts import Memory
from mailbot.jobs.workplace import Workplace


def follow(
    workplace: Workplace, account: Account, box: Mailbox, now: Callable[[], datetime], memory: Memory
) -> None:
    """One pass over an account's Sent and Drafts. Raises TryAgain or NeedsHuman."""
    place = replace(workplace)  # one rulebook for the whole pass, whatever is read anew meanwhile
    seen = sent_watch.look(place, account, box, now)
    sent_watch.settle(place, now)
    if has_drafts(place, account):
        mailbox_drafts.sync(place, account, box, now, memory, sent_seen=seen)


def has_drafts(workplace: Workplace, account: Account) -> bool:
    """Whether drafts are shown in the account's mailbox, or still stand there from before that was switched off."""
    shown = workplace.config.drafts_in(account)
    return shown or bool(store_rows.accounts_with(workplace.store, [account.name]))


def settle_drafts(workplace: Workplace, now: Callable[[], datetime]) -> None:
    """For a single pass of the service, after everything was judged: the mailboxes are shown what has changed. Troubles
    are logged; the next pass goes on."""
    sent_watch.settle(workplace, now)
    for account in workplace.config.accounts:
        if not has_drafts(workplace, account):
            continue
        try:
            with mailbox.connect(account, workplace.sign_in.for_reading(account, now)) as box:
                follow(workplace, account, box, now, Memory())
        except MailbotError as error:
            log.log(
                level(error),
                "compte « %s » : brouillons de la messagerie remis à plus tard (%s)",
                account.name,
                error,
            )

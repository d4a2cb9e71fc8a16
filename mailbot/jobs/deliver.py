"""Send approved replies, once. The row says `sending` before SMTP is spoken to."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypedDict

from mailbot.config import Account, Config
from mailbot.edges import enclosures, message, smtp
from mailbot.edges.store import agents_folders, outbox, upkeep
from mailbot.edges.store.replies import StoredReply
from mailbot.errors import ConfigError, NeedsHuman
from mailbot.jobs import approval
from mailbot.jobs.log import log
from mailbot.jobs.workplace import Workplace
from mailbot.model import Address, Receipt, Reply
from mailbot.ruleset.enclosures import Folder
from mailbot.steps.enclosures import FORBIDDEN


class Said(TypedDict):
    """The server's words, as the outbox keeps them."""

    code: int | None
    server_text: str


LEASE = timedelta(minutes=10)
WAIT = timedelta(seconds=5)
AT_ONCE = 8


def run(workplace: Workplace, now: Callable[[], datetime], stop: threading.Event | None = None) -> int:
    """Send every reply that is due, the accounts side by side; returns how many were handed to a server."""
    accounts = sorted(upkeep.accounts_to_send(workplace.store))
    if not accounts:
        return 0
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(accounts))) as pool:
        return sum(pool.map(lambda name: run_account(workplace, name, now, stop), accounts))


def run_account(
    workplace: Workplace, account: str, now: Callable[[], datetime], stop: threading.Event | None = None
) -> int:
    """Send the replies of one account that are due, one by one; between two it looks at `stop`."""
    if not workplace.config.sending.enabled:
        return 0
    done = 0
    while not (stop and stop.is_set()):
        reply = outbox.claim_due(workplace.store, workplace.owner, now(), LEASE, account=account)
        if reply is None:
            break
        if reply.auto and _sent_unread(workplace, reply.case.account, now()):
            outbox.wait(workplace.store, reply.id, workplace.owner, now(), now() + WAIT)
            continue
        if why := _held_back(workplace, reply, now()):
            outbox.hold_back(
                workplace.store, reply.id, workplace.owner, now(), f"à relire avant envoi : {why}"
            )
            log.warning(
                "ticket %d : réponse retenue, elle est de nouveau un brouillon (%s)", reply.case.id, why
            )
        else:
            record(workplace, reply, _attempt(workplace, reply, now), now())
        done += 1
    return done


def gone(workplace: Workplace, now: Callable[[], datetime], stop: threading.Event) -> None:
    """Replies of accounts that are no longer configured cannot leave: a person must know."""
    known = {account.name for account in workplace.config.accounts}
    for name in sorted(upkeep.accounts_to_send(workplace.store) - known):
        run_account(workplace, name, now, stop)


def _sent_unread(workplace: Workplace, name: str, now: datetime) -> bool:
    """Agents may have answered from their own mail programs what nobody here has seen yet (while the service stood
    still, while the server was away): until Sent is read again, nothing leaves alone."""
    account = account_of(workplace.config, name)
    if account is None or not workplace.config.watches_sent(account):
        return False
    sent = agents_folders.get(workplace.store, name, "Sent")
    if sent is None or (sent.trouble is None and sent.seen_at is None):
        return True
    lately = timedelta(minutes=5, seconds=2 * account.poll_seconds)
    return sent.trouble is None and sent.seen_at is not None and now - sent.seen_at > lately


def _held_back(workplace: Workplace, reply: StoredReply, now: datetime) -> str:
    """Why it must not leave now, else ''; what cannot be looked at waits for a person."""
    guards, automatic = workplace.line.rulebook.guards, workplace.config.sending.automatic
    try:
        return approval.held_back(workplace.store, reply, guards, now, automatic=automatic)
    except Exception as error:  # noqa: BLE001 - the job boundary
        log.exception("ticket %d : erreur imprévue pendant la dernière relecture", reply.case.id)
        return f"erreur imprévue ({type(error).__name__} : {error})"


def _attempt(workplace: Workplace, reply: StoredReply, now: Callable[[], datetime]) -> Receipt:
    """One attempt; even a bug does not leave the row in 'sending' nor stop the other replies."""
    try:
        return _send(workplace, reply, now)
    except Exception as error:  # noqa: BLE001 - the job boundary
        log.exception("ticket %d : erreur imprévue pendant l'envoi", reply.case.id)
        text = f"erreur imprévue ({type(error).__name__} : {error})"
        return Receipt(outcome="uncertain", code=None, server_text=text)


def _send(workplace: Workplace, reply: StoredReply, now: Callable[[], datetime]) -> Receipt:
    config = workplace.config
    account = account_of(config, reply.case.account)
    if account is None:
        text = f"le compte « {reply.case.account} » n'est plus dans la configuration"
        return Receipt(outcome="failed", code=None, server_text=text)
    try:
        secret = workplace.sign_in.for_sending(account, now)
        letter = built(account, reply, enclosure_folder(config))
    except ConfigError as error:
        return Receipt(outcome="retry", code=None, server_text=str(error))
    except NeedsHuman as error:
        return Receipt(outcome="failed", code=None, server_text=str(error))
    envelope = account.envelope_from or account.address
    return asyncio.run(smtp.send(account.smtp, secret, letter, envelope, reply.reply.to.addr))


def enclosure_folder(config: Config) -> Folder | None:
    """Where the files to enclose lie, or None."""
    folder = config.attachments.folder
    return (
        None if folder is None else Folder(path=folder, max_bytes=int(config.attachments.max_mb * 1_000_000))
    )


def built(account: Account, reply: StoredReply, folder: Folder | None = None) -> bytes:
    """The message as it leaves, at every attempt, and as it is copied to Sent: the same bytes, dated when it was
    approved. Raises NeedsHuman (French) when an address cannot be written to, or a file to enclose is gone, was changed
    or is not allowed on the channel."""
    letter = reply.reply
    return message.build(
        to=letter.to,
        sender=Address(name=account.sender_name, addr=account.address),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=letter.message_id,
        in_reply_to=letter.in_reply_to,
        references=letter.references,
        ticket=reply.case.id,
        automatic=reply.auto,
        date=reply.approved_at or reply.moved_at,
        attachments=attached(letter, folder),
    )


def attached(letter: Reply, folder: Folder | None) -> list[message.Attached]:
    """The files of a letter, each exactly as it was when the letter was written. Raises NeedsHuman (French)."""
    if letter.attachments and FORBIDDEN in letter.facts.get("prohibitions", ()):
        raise NeedsHuman("ce canal interdit les pièces jointes : retirez-les (mailbot drafts attach --none).")
    return [
        message.Attached(one.name, one.content_type, enclosures.content(folder, one))
        for one in letter.attachments
    ]


def account_of(config: Config, name: str) -> Account | None:
    """The configured account of that name, or None when it is gone."""
    return next((account for account in config.accounts if account.name == name), None)


def record(workplace: Workplace, reply: StoredReply, receipt: Receipt, now: datetime) -> None:
    """Write down what became of one attempt."""
    store, owner, ticket = workplace.store, workplace.owner, reply.case.id
    said: Said = {"code": receipt.code, "server_text": receipt.server_text}
    if receipt.outcome == "sent":
        outbox.sent(store, reply.id, owner, now, **said)
        log.info("ticket %d : réponse envoyée à %s.", ticket, reply.reply.to.addr)
    elif receipt.outcome == "uncertain":
        reason = f"le serveur d'envoi n'a pas confirmé : {receipt.server_text}"
        outbox.uncertain(store, reply.id, owner, now, reason, server_text=receipt.server_text)
        log.error("ticket %d : envoi incertain (%s). Il ne sera pas répété.", ticket, receipt.server_text)
    elif receipt.outcome == "retry" and reply.attempts < workplace.config.sending.max_attempts:
        outbox.retry_later(
            store, reply.id, owner, now, smtp.retry_at(reply.attempts, receipt.code, now), **said
        )
        log.warning("ticket %d : envoi remis à plus tard (%s).", ticket, receipt.server_text)
    else:
        outbox.failed(store, reply.id, owner, now, f"envoi impossible : {receipt.server_text}", **said)
        log.error(
            "ticket %d : envoi impossible (%s). Un humain doit intervenir.", ticket, receipt.server_text
        )

"""What keeps the house in order: dead leases, uncertain sendings, copies in Sent, marks on the server, purge."""

from collections.abc import Callable
from datetime import datetime, timedelta

from mailbot.config import Account
from mailbot.edges import mailbox
from mailbot.edges.folders import saves_sent_itself
from mailbot.edges.store import outbox, retention, upkeep
from mailbot.edges.store.replies import StoredReply
from mailbot.errors import MailbotError, NeedsHuman
from mailbot.jobs import deliver
from mailbot.jobs.log import level, log
from mailbot.jobs.workplace import Workplace
from mailbot.steps.french import counted

LOOK_FOR = timedelta(hours=24)  # a copy that has not shown up by then will not
TIDY_BATCH = 500


def take_over(workplace: Workplace, now: datetime) -> None:
    """At the start of the only worker: what earlier workers held is free, and what they were sending is uncertain."""
    freed = upkeep.free_leases(workplace.store)
    doubtful = outbox.expired_sending(workplace.store, now)
    if freed or doubtful:
        log.warning(
            "reprise après une interruption : %s, %s à vérifier.",
            counted(freed, "mail"),
            counted(len(doubtful), "envoi"),
        )


def tidy(workplace: Workplace, now: Callable[[], datetime]) -> None:
    """Everything that needs the mailboxes besides reading them, account by account."""
    expire(workplace, now())
    for account in workplace.config.accounts:
        tidy_account(workplace, account, now)


def expire(workplace: Workplace, now: datetime) -> None:
    """What a dead worker was sending becomes uncertain."""
    for reply in outbox.expired_sending(workplace.store, now):
        log.error("ticket %d : envoi interrompu, à vérifier.", reply.case.id)


def tidy_account(workplace: Workplace, account: Account, now: Callable[[], datetime]) -> None:
    """Look for uncertain replies, file copies in Sent, mark or move what was prepared. Troubles are logged."""
    doubtful = [
        reply for reply in outbox.list_uncertain(workplace.store) if now() - reply.moved_at < LOOK_FOR
    ]
    copies = outbox.pending_sent_copies(workplace.store)
    try:
        _tidy_account(workplace, account, _of(account, doubtful), _of(account, copies), now)
    except MailbotError as error:
        log.log(level(error), "compte « %s » : rangement remis à plus tard (%s)", account.name, error)


def _of(account: Account, found: list[StoredReply]) -> list[StoredReply]:
    return [reply for reply in found if reply.case.account == account.name]


def _tidy_account(
    workplace: Workplace,
    account: Account,
    doubtful: list[StoredReply],
    copies: list[StoredReply],
    now: Callable[[], datetime],
) -> None:
    store = workplace.store
    processed = upkeep.to_tidy(store, account.name, TIDY_BATCH) if _alters(account) else {}
    if not (doubtful or copies or processed):
        return
    with mailbox.connect(account, workplace.sign_in.for_reading(account, now)) as box:
        sent_folder = account.sent_folder or box.special_folder("Sent")
        for reply in doubtful:
            _look_for(workplace, [sent_folder, *account.folders], box, reply, now())
        for reply in copies:
            _copy_to_sent(workplace, account, box, sent_folder, reply)
            outbox.mark_sent_copy(store, reply.id, now())
        for (folder, uidvalidity), entries in processed.items():
            if box.examine(folder).uidvalidity == uidvalidity:
                for note in box.after_processing(
                    folder, [entry.uid for entry in entries], account.after_processing
                ):
                    log.warning("compte « %s », dossier « %s » : %s", account.name, folder, note)
            upkeep.tidied(store, [entry.mail_id for entry in entries], now())


def _alters(account: Account) -> bool:
    after = account.after_processing
    return bool(after.keyword or after.flag_seen or after.move_to)


def _look_for(
    workplace: Workplace, folders: list[str | None], box: mailbox.Mailbox, reply: StoredReply, now: datetime
) -> None:
    """An uncertain reply whose Message-ID stands in Sent, or came back to us, was sent; otherwise a human decides."""
    if any(folder and box.find_message_id(folder, reply.reply.message_id) for folder in folders):
        outbox.resolve_uncertain(workplace.store, reply.id, sent=True, actor="mailbot", now=now)
        log.info("ticket %d : la réponse incertaine est bien partie, elle est sur le serveur.", reply.case.id)


def _copy_to_sent(
    workplace: Workplace, account: Account, box: mailbox.Mailbox, folder: str | None, reply: StoredReply
) -> None:
    by_itself = saves_sent_itself(account.smtp.host, box.capabilities)
    if not account.save_sent or folder is None or reply.sent_at is None or by_itself:
        return
    # We may have died between APPEND and our commit.
    if box.find_message_id(folder, reply.reply.message_id):
        return
    try:
        letter = deliver.built(account, reply, deliver.enclosure_folder(workplace.config))
    except NeedsHuman as error:  # the file has gone since it was sent: it would be gone at every attempt
        log.warning("ticket %d : pas de copie dans « Envoyés » (%s)", reply.case.id, error)
        return
    box.append(folder, letter, when=reply.sent_at)


def purge(workplace: Workplace, now: Callable[[], datetime]) -> None:
    """Erase what retention no longer allows: raw mails first, then closed cases."""
    storage = workplace.config.storage
    erased = retention.purge(
        workplace.store,
        raw_before=now() - timedelta(days=storage.keep_raw_days),
        cases_before=now() - timedelta(days=storage.keep_days),
    )
    if erased.raw_mails or erased.cases:
        log.info(
            "conservation : %s, %s.",
            counted(erased.raw_mails, "mail d'origine effacé", "mails d'origine effacés"),
            counted(erased.cases, "dossier effacé"),
        )

"""Judge received mails and store what came of it: a case each, with deadlines and perhaps a draft."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailbot.edges import enclosures
from mailbot.edges.store import aside, cases, mails, orders
from mailbot.edges.store import threads as threads_of
from mailbot.edges.store.cases import Prepared
from mailbot.edges.store.connection import Store
from mailbot.edges.store.mails import ClaimedMail
from mailbot.edges.store.threads import ThreadOrder
from mailbot.errors import StoreError
from mailbot.jobs import mail_log
from mailbot.jobs.log import log
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line, Read
from mailbot.model import Finding, History, Judgement, Mail, Order, RawMail, Verdict
from mailbot.situation import Situation
from mailbot.steps.enclosures import candidates, missing
from mailbot.steps.match import Reader

BATCH = 100
LEASE = timedelta(minutes=10)
MAX_ATTEMPTS = 4
FRESH = timedelta(minutes=1)  # orders that change without new rows are seen after this


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The line with what the store knows: orders, threads, writers. Reads only. Made anew now and then, so that the
    shapes of newly imported order numbers are learnt."""

    line: Line
    store: Store
    reader: Reader

    @classmethod
    def of(cls, line: Line, store: Store) -> "Desk":
        """Learn how this shop's numbers look (some 50 ms)."""
        return cls(line=line, store=store, reader=line.reader(orders.shapes(store)))

    def judge(
        self,
        raws: Sequence[RawMail],
        now: Callable[[Mail], datetime],
        *,
        together: bool = False,
        histories: Sequence[History] | None = None,
        forced: Situation | None = None,
    ) -> list[Judgement]:
        """A judgement for each mail; `now` says at what instant each is judged. `together`: all will be kept, so that
        the replies that leave alone for the earlier mails count for the later ones. `histories`: the past of each mail
        when it is judged again; None looks it up. `forced`: the situation to judge them by, whatever they say."""
        read = self.line.read(raws, self.reader)
        mails_read = [one.mail for one in read]
        findings = self._findings(read)
        if histories is None:
            histories = threads_of.histories(self.store, mails_read, max(map(now, mails_read)))
        judged: list[Judgement] = []
        leaving = 0
        for one, found, history in zip(read, findings, histories, strict=True):
            past = replace(history, automatic_replies_last_hour=history.automatic_replies_last_hour + leaving)
            files = self._files(found)
            judgement = self.line.judge(
                one, found, past, self.reader, now(one.mail), forced=forced, files=files
            )
            judged.append(self._sealed(judgement))
            leaving += together and judged[-1].decision.action == "send"
        return judged

    def judge_as(
        self,
        raw: RawMail,
        past: History,
        now: datetime,
        verdict: Callable[[Verdict], Verdict],
        order: Order | None,
        *,
        forced: Situation | None = None,
    ) -> Judgement:
        """The judgement of one mail whose verdict and order a person corrected (`order` None: as found), `forced` into
        a situation if need be. It never leaves alone."""
        read = self.line.read([raw], self.reader)[0]
        read = replace(read, verdict=verdict(read.verdict))
        (found,) = self._findings([read])
        line = replace(self.line, shadow=False, automatic=False)
        files = self._files(found, order)
        return self._sealed(
            line.judge(read, found, past, self.reader, now, forced=forced, named=order, files=files)
        )

    def _files(self, findings: Sequence[Finding], order: Order | None = None) -> dict[str, int] | None:
        """The files that a letter about one of these orders may enclose, with their sizes; None where none are."""
        folder = self.line.enclosures_in
        if folder is None:
            return None
        found = [one.order for one in findings] + ([order] if order else [])
        return enclosures.sizes(folder, candidates(found, self.line.rulebook.enclosures))

    def _sealed(self, judgement: Judgement) -> Judgement:
        """With the hashes of the files its letter encloses; a letter whose file has just gone waits for it."""
        reply, folder = judgement.reply, self.line.enclosures_in
        if reply is None or folder is None or not reply.attachments:
            return judgement
        found = tuple(enclosures.sealed(folder, one) if one.size else one for one in reply.attachments)
        lacking = tuple(dict.fromkeys((*reply.missing, *missing(found))))
        return replace(judgement, reply=replace(reply, attachments=found, missing=lacking))

    def _findings(self, read: Sequence[Read]) -> list[tuple[Finding, ...]]:
        """The orders each mail's clues and thread point at."""
        wanted = [[*one.mail.in_reply_to, *one.mail.references] for one in read]
        known = threads_of.thread_orders(self.store, sorted({key for keys in wanted for key in keys}))
        threads = [[known[key] for key in keys if key in known] for keys in wanted]
        keys = [list(dict.fromkeys((one.channel, one.order_id) for one in thread)) for thread in threads]
        findings = orders.find_many(self.store, [one.clues for one in read], keys, self.reader.shapes)
        return [
            _vouched(one.mail, thread, found)
            for one, thread, found in zip(read, threads, findings, strict=True)
        ]


def _vouched(mail: Mail, thread: Sequence[ThreadOrder], found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Anybody may learn or copy the id of a mail: only the thread's own verified writer is vouched for by it."""
    writer = threads_of.customer_of(mail)
    own = {(one.channel, one.order_id) for one in thread if one.verified and one.customer == writer != ""}
    return tuple(
        replace(one, vouched=True)
        if one.method == "thread" and (one.order.channel, one.order.order_id) in own
        else one
        for one in found
    )


def run(
    workplace: Workplace,
    now: Callable[[], datetime],
    stop: threading.Event | None = None,
    on_batch: Callable[[], None] = lambda: None,
) -> int:
    """Prepare all received mails; returns how many. Between batches it looks at `stop` and calls `on_batch`."""
    done = 0
    while not (stop and stop.is_set()):
        place = replace(workplace)  # one line for the whole batch, whatever is read anew meanwhile
        claimed = mails.claim(place.store, place.owner, BATCH, now(), LEASE)
        if not claimed:
            if place.kept.desk is not None:
                desk_of(place, now())  # learns anew while nobody waits
            break
        _prepare(place, desk_of(place, now()), claimed, now())
        done += len(claimed)
        on_batch()
    return done


def desk_of(workplace: Workplace, now: datetime) -> Desk:
    """The desk of this workplace, made anew when orders or other rules have come, or FRESH has gone by."""
    kept, newest = workplace.kept, orders.newest(workplace.store)
    if (
        kept.desk is None
        or kept.since is None
        or kept.newest != newest
        or kept.line is not workplace.line
        or not timedelta(0) <= now - kept.since < FRESH
    ):
        kept.desk = Desk.of(workplace.line, workplace.store)
        kept.line, kept.since, kept.newest = workplace.line, now, newest
    return kept.desk


def warm(workplace: Workplace, now: datetime) -> None:
    """Judge a made-up mail and forget it: what is loaded and worked out at the first mail is then there already."""
    data = b"From: essai@exemple.invalid\r\nSubject: Essai\r\n\r\nBonjour, est-ce que tout va bien ?\r\n"
    raw = RawMail(
        account="", folder="", uidvalidity=0, uid=0, received=now, data=data, digest="", size=len(data)
    )
    desk_of(workplace, now).judge([raw], lambda _mail: now)


def _prepare(workplace: Workplace, desk: Desk, claimed: Sequence[ClaimedMail], now: datetime) -> None:
    """A batch at once for speed; when anything in it fails, one by one, so that only the culprit is parked. A trouble
    of the database is no mail's fault: all go back into the line, and it is raised."""
    fit = [mail for mail in claimed if mail.attempts <= MAX_ATTEMPTS]
    for mail in claimed:
        if mail.attempts > MAX_ATTEMPTS:
            _park(
                workplace, mail, f"le traitement s'est interrompu {mail.attempts - 1} fois sur ce mail", now
            )
    try:
        _batch(workplace, desk, fit, now)
    except StoreError:
        with suppress(StoreError):  # else they are free when their lease ends
            aside.give_back(workplace.store, [mail.id for mail in fit], workplace.owner)
        raise


def _batch(workplace: Workplace, desk: Desk, fit: Sequence[ClaimedMail], now: datetime) -> None:
    try:
        _save(workplace, desk, fit, now)
    except StoreError:
        raise
    except Exception:  # noqa: BLE001 - the job boundary: a bug on one mail must not stop the others
        for mail in fit:
            _one(workplace, desk, mail, now)


def _one(workplace: Workplace, desk: Desk, claimed: ClaimedMail, now: datetime) -> None:
    try:
        _save(workplace, desk, [claimed], now)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - same boundary
        log.exception("mail %s : mis de côté", claimed.id)
        _park(workplace, claimed, f"{type(error).__name__} : {error}", now)


def _park(workplace: Workplace, claimed: ClaimedMail, why: str, now: datetime) -> None:
    log.error(
        "mail %d (compte « %s », UID %d) mis de côté : %s. Relance : mailbot mails retry %d",
        claimed.id,
        claimed.raw.account,
        claimed.raw.uid,
        why,
        claimed.id,
    )
    aside.park(workplace.store, claimed.id, workplace.owner, why, now)


def _save(workplace: Workplace, desk: Desk, claimed: Sequence[ClaimedMail], now: datetime) -> None:
    if not claimed:
        return
    judgements = desk.judge([mail.raw for mail in claimed], lambda _mail: now, together=True)
    prepared = [
        Prepared(
            mail_id=mail.id,
            owner=workplace.owner,
            judgement=judgement,
            rulebook_digest=workplace.line.rulebook.digest,
        )
        for mail, judgement in zip(claimed, judgements, strict=True)
    ]
    sending = workplace.config.sending
    undo = timedelta(seconds=sending.undo_seconds)
    tickets = cases.save(workplace.store, prepared, now, undo, note_shadow=sending.shadow)
    mail_log.tell(prepared, [mail.raw.account for mail in claimed], tickets)

"""Deadline alarms (24 h and 4 h before, and on breach) and troubles, as one digest mail per run; on breach a second
circle of people is told too."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from mailbot.config import Account
from mailbot.edges import message, smtp
from mailbot.edges.store import deadlines, upkeep
from mailbot.edges.store.deadlines import Alarm
from mailbot.errors import ConfigError, NeedsHuman, StoreError
from mailbot.jobs.log import log
from mailbot.jobs.troubles import Trouble, paris, troubles
from mailbot.jobs.workplace import Workplace
from mailbot.model import Address
from mailbot.steps.french import counted

HEADINGS = {
    "breach": "ÉCHÉANCES DÉPASSÉES",
    "4h": "À RÉPONDRE DANS LES 4 HEURES",
    "24h": "À RÉPONDRE DANS LES 24 HEURES",
}


REPEAT = timedelta(hours=24)
ESCALATED = "échéance dépassée:"


def run(workplace: Workplace, now: Callable[[], datetime]) -> int:
    """Send one digest with everything that is due and not yet announced; returns the number of lines in it.

    They count as announced once a server has the digest (or may have it). Without an address they are only logged. A
    database that stays away is told once a day without it, then raised (StoreError)."""
    instant, kept = now(), workplace.kept
    try:
        lines = _tell(workplace, instant)
    except StoreError as error:
        kept.lost_since = kept.lost_since or instant
        _lost(workplace, str(error), kept.lost_since, instant)
        raise
    kept.lost_since = kept.lost_told = None
    return lines


def _lost(workplace: Workplace, error: str, since: datetime, now: datetime) -> None:
    """Without the database nobody watches a deadline: people must know."""
    silent, told = timedelta(minutes=workplace.config.alarms.no_fetch_minutes), workplace.kept.lost_told
    if now - since < silent or (told is not None and now - told < REPEAT):
        return
    lines = [
        "Bonjour,", "", f"Depuis {paris(since)}, les échéances ne sont plus surveillées :", error, "",
        "Aucun mail n'est traité et aucune alerte ne peut suivre tant que cela dure.", "mailbot",
    ]  # fmt: skip
    recipients = dict.fromkeys((*workplace.config.alarms.to, *workplace.config.alarms.escalation))
    if _to_all(
        workplace, list(recipients), "mailbot : la base de données ne répond plus", "\n".join(lines), now
    ):
        workplace.kept.lost_told = now


def _tell(workplace: Workplace, instant: datetime) -> int:
    _escalate(workplace, instant)
    alarms = deadlines.due_alarms(workplace.store, instant)
    known = troubles(workplace, instant)
    told = upkeep.told_since(workplace.store, [trouble.key for trouble in known], instant - REPEAT)
    fresh = [trouble for trouble in known if trouble.key not in told]
    if not alarms and not fresh:
        return 0
    for line in (*map(alarm_line, alarms), *(trouble.text for trouble in fresh)):
        log.warning("%s", line)
    if not workplace.config.alarms.to or _mailed(workplace, alarms, fresh, instant):
        deadlines.mark_alarmed(workplace.store, alarms, instant)
        upkeep.tell(workplace.store, [trouble.key for trouble in fresh], instant)
    return len(alarms) + len(fresh)


def _escalate(workplace: Workplace, now: datetime) -> None:
    """Tell the second recipients of missed deadlines, each once; what could not be sent is tried at the next run."""
    recipients = workplace.config.alarms.escalation
    if not recipients:
        return
    keys = {f"{ESCALATED}{one.deadline.id}": one for one in deadlines.missed(workplace.store, now)}
    told = upkeep.told_since(workplace.store, list(keys), upkeep.LONG_AGO)
    fresh = {key: one for key, one in keys.items() if key not in told}
    if fresh and _to_all(workplace, recipients, *escalation(list(fresh.values())), now):
        upkeep.tell(workplace.store, list(fresh), now)


def escalation(alarms: Sequence[Alarm]) -> tuple[str, str]:
    """Subject and text (French) for who must step in when deadlines are missed."""
    first = alarms[0]
    subject = (
        f"Échéance dépassée : {first.deadline.label} (ticket {first.deadline.case_id})"
        if len(alarms) == 1
        else f"{len(alarms)} échéances dépassées : une intervention est nécessaire"
    )
    lines = [
        f"- {alarm_line(one)}\n  fondement : {one.deadline.basis}"
        for one in sorted(alarms, key=lambda one: one.deadline.due_at)
    ]
    parts = ["Bonjour,", "", "Ces échéances sont dépassées et aucune réponse n'est partie :", *lines, ""]
    return subject, "\n".join(
        [*parts, "Chaque échéance n'est signalée qu'une fois à cette adresse.", "mailbot"]
    )


def digest(alarms: Sequence[Alarm], fresh: Sequence[Trouble]) -> str:
    """The French text of the digest."""
    parts = ["Bonjour,", ""]
    for kind, heading in HEADINGS.items():
        if lines := [alarm_line(alarm) for alarm in alarms if alarm.kind == kind]:
            parts += [heading, *(f"- {line}" for line in lines), ""]
    if fresh:
        parts += ["À VÉRIFIER", *(f"- {trouble.text}" for trouble in fresh), ""]
    parts += ["Une réponse non envoyée n'arrête aucun délai.", "mailbot"]
    return "\n".join(parts)


def alarm_line(alarm: Alarm) -> str:
    """One deadline as an agent reads it."""
    clock = alarm.deadline
    about = f", {alarm.subject}" if alarm.subject else ""
    return f"ticket {clock.case_id} : {clock.label}, avant {paris(clock.due_at)} ({alarm.customer}{about})"


def _mailed(workplace: Workplace, alarms: Sequence[Alarm], fresh: Sequence[Trouble], now: datetime) -> bool:
    text = digest(alarms, fresh)
    subject = (
        f"mailbot : {counted(len(alarms), 'échéance')} à surveiller"
        if alarms
        else "mailbot : une vérification s'impose"
    )
    return _to_all(workplace, workplace.config.alarms.to, subject, text, now)


def _to_all(workplace: Workplace, recipients: Sequence[str], subject: str, text: str, now: datetime) -> bool:
    sent = [
        any(_send(workplace, account, recipient, subject, text, now) for account in workplace.config.accounts)
        for recipient in recipients
    ]
    return any(sent)  # told; one refused address must not have the others told every quarter of an hour


def _send(
    workplace: Workplace, account: Account, recipient: str, subject: str, text: str, now: datetime
) -> bool:
    try:
        mail = _built(account, recipient, subject, text, now)
        secret = workplace.sign_in.for_sending(account, lambda: now)
    except (ConfigError, NeedsHuman) as error:
        log.error("récapitulatif à %s : %s", recipient, error)
        return False
    receipt = asyncio.run(
        smtp.send(
            account.smtp,
            secret,
            mail,
            envelope_from=account.envelope_from or account.address,
            recipient=recipient,
        )
    )
    if receipt.outcome in ("retry", "failed"):
        log.error("récapitulatif à %s non envoyé : %s", recipient, receipt.server_text)
        return False
    return True


def _built(account: Account, recipient: str, subject: str, text: str, now: datetime) -> bytes:
    domain = message.ascii_domain(account.address).rpartition("@")[2]
    stamp = hashlib.sha256(f"{recipient}\n{subject}\n{text}\n{now.isoformat()}".encode()).hexdigest()[:32]
    return message.build(
        to=Address(name="", addr=recipient),
        sender=Address(name="mailbot", addr=account.address),
        subject=subject,
        text=text,
        html=None,
        message_id=f"<mailbot.alerte.{stamp}@{domain}>",
        in_reply_to=None,
        references=(),
        ticket=0,
        automatic=True,
        date=now,
    )

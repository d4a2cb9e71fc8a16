"""Deadline alarms (24 h and 4 h before, and on breach) and troubles, as one digest mail per run; on breach a second
circle of people is told too."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.config import Account
from mailbot.edges import message, smtp
from mailbot.edges.store import deadlines, upkeep
from mailbot.edges.store.deadlines import Alarm
from mailbot.edges.store.status import status
from mailbot.errors import ConfigError
from mailbot.jobs.log import log
from mailbot.jobs.workplace import Workplace
from mailbot.model import Address
from mailbot.steps.french import DAYS
from mailbot.zone import PARIS

HEADINGS = {
    "breach": "ÉCHÉANCES DÉPASSÉES",
    "4h": "À RÉPONDRE DANS LES 4 HEURES",
    "24h": "À RÉPONDRE DANS LES 24 HEURES",
}


REPEAT = timedelta(hours=24)
ESCALATED = "échéance dépassée:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something a person should know. `key` stays the same while the trouble lasts, so that it is told once a day."""

    key: str
    text: str


def run(workplace: Workplace, now: Callable[[], datetime]) -> int:
    """Send one digest with everything that is due and not yet announced; returns the number of lines in it.

    They count as announced once a server has the digest (or may have it). Without an address they are only logged."""
    instant = now()
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


def troubles(workplace: Workplace, now: datetime) -> list[Trouble]:
    """Folders that bring nothing, replies that did not leave, mails set aside."""
    state = status(workplace.store, now)
    silent = timedelta(minutes=workplace.config.alarms.no_fetch_minutes)
    found = [
        Trouble(
            key=f"relève:{folder.account}/{folder.folder}",
            text=f"Compte « {folder.account} », dossier « {folder.folder} » : aucune relève réussie depuis "
            f"{paris(folder.last_fetch_at)}. Dernière erreur : {folder.last_error or 'aucune'}.",
        )
        for folder in state.folders
        if folder.last_fetch_at is None or now - folder.last_fetch_at > silent
    ]
    if state.rules and state.rules.refused:
        told = (
            f"Règles ou modèles modifiés refusés, les précédents restent en service : {state.rules.refused}"
        )
        found.append(Trouble(key=f"règles:{state.rules.refused_at}", text=told))
    if state.parked:
        found.append(
            Trouble(key="mis de côté", text=f"{state.parked} mail(s) mis de côté : mailbot mails list")
        )
    if state.uncertain:
        found.append(
            Trouble(key="incertains", text=f"{state.uncertain} envoi(s) incertain(s) : mailbot drafts list")
        )
    if failed := state.replies["failed"]:
        found.append(Trouble(key="refusés", text=f"{failed} réponse(s) refusée(s) par le serveur d'envoi."))
    return found


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


def paris(instant: datetime | None) -> str:
    """A French date and time in Paris, or 'jamais'."""
    if instant is None:
        return "jamais"
    local = instant.astimezone(PARIS)
    return f"{DAYS[local.weekday()]} {local:%d/%m/%Y} {local.hour} h {local:%M}"


def _mailed(workplace: Workplace, alarms: Sequence[Alarm], fresh: Sequence[Trouble], now: datetime) -> bool:
    text = digest(alarms, fresh)
    subject = (
        f"mailbot : {len(alarms)} échéance(s) à surveiller"
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
    stamp = hashlib.sha256(f"{recipient}\n{subject}\n{text}\n{now.isoformat()}".encode()).hexdigest()[:32]
    mail = message.build(
        to=Address(name="", addr=recipient),
        sender=Address(name="mailbot", addr=account.address),
        subject=subject,
        text=text,
        html=None,
        message_id=f"<mailbot.alerte.{stamp}@{account.address.rpartition('@')[2]}>",
        in_reply_to=None,
        references=(),
        ticket=0,
        automatic=True,
        date=now,
    )
    try:
        secret = workplace.sign_in.for_sending(account, lambda: now)
    except ConfigError as error:
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

"""What agents send from their own mail programs: read in Sent, tied to its ticket, which is then answered."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.config import Account
from mailbot.edges import drafts_folder
from mailbot.edges.drafts_folder import Held
from mailbot.edges.mailbox import FolderView, Mailbox
from mailbot.edges.store import (
    agent_answers,
    agents_folders,
    cases,
    mailbox_drafts,
    mails,
    sent_mails,
    splitting,
)
from mailbot.edges.store.agent_answers import Answer
from mailbot.edges.store.agents_folders import AgentsFolder
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.sent_mails import SentMail, Target
from mailbot.errors import NeedsHuman
from mailbot.jobs.intake import start
from mailbot.jobs.log import log
from mailbot.jobs.workplace import Workplace
from mailbot.model import RawMail
from mailbot.steps import outgoing
from mailbot.steps.outgoing import Outgoing
from mailbot.steps.parse import parse

LARGEST = 5_000_000  # bytes of a sent mail that are read for its text
REWRITTEN = 0.5  # likeness from which on a text is taken for our draft, rewritten
NOT_FOUND = (
    "aucun dossier des mails envoyés n'a été trouvé : les réponses données depuis la messagerie ne seront pas vues. "
    "Indiquez-le avec sent_folder."
)
UNCLEAR = (
    "un agent a écrit à ce client depuis sa messagerie, sans qu'on sache à quel ticket il répondait : "
    "le délai de réponse court toujours"
)


def look(workplace: Workplace, account: Account, box: Mailbox, now: Callable[[], datetime]) -> bool:
    """Bring what is new in Sent into the ledger, and tell the tickets it answers. True when the whole folder has been
    seen; False when there is none that can be opened (noted, shown by status). Raises TryAgain when interrupted."""
    folder = account.sent_folder or box.special_folder("Sent")
    try:
        view = box.examine(folder) if folder else None
    except NeedsHuman as error:
        agents_folders.in_trouble(workplace.store, account.name, "Sent", str(error))
        return False
    if view is None:
        agents_folders.in_trouble(workplace.store, account.name, "Sent", NOT_FOUND)
        return False
    state = _state(workplace, account, box, view, now())
    place = (account.name, view.folder, view.uidvalidity)
    known = sent_mails.high_water(workplace.store, *place)
    old = sent_mails.unfinished(workplace.store, *place)
    for uids in (*([old] if old else []), *box.new_uids(max(state.first_uid - 1, known))):
        for held in list(drafts_folder.headers(box, uids, some=True)):
            _enter(workplace, account, box, view, held, now())
    agents_folders.save(workplace.store, replace(state, seen_at=now(), trouble=None))
    return True


def settle(workplace: Workplace, now: Callable[[], datetime]) -> None:
    """Tell tickets that were made after the agent had answered (a first reading of a long mailbox, a slow server)."""
    for number, mail, target in sent_mails.unsettled(workplace.store):
        answer = Answer(
            sent_id=number,
            case_id=target.case_id,
            how="thread",
            subject=target.subject,
            sent_at=mail.sent_at,
        )
        if not _addressed(workplace, target, mail.recipients):
            agent_answers.beside(workplace.store, answer, _not_to_customer(mail.recipients), now())
        elif doubt := _which_part(workplace, target):
            agent_answers.beside(workplace.store, answer, doubt, now())
        else:
            agent_answers.answered(workplace.store, answer, now())


def _state(
    workplace: Workplace, account: Account, box: Mailbox, view: FolderView, now: datetime
) -> AgentsFolder:
    """Since when Sent is read: as for the watched folders at the first time, and from the same cut-off whenever the
    folder is another one. Mails that are known are then recognised by their Message-ID."""
    known = agents_folders.get(workplace.store, account.name, "Sent")
    if known and (known.folder, known.uidvalidity) == (view.folder, view.uidvalidity):
        return known
    if known and known.uidvalidity:
        cutoff, first = known.cutoff, box.first_since(known.cutoff)
    else:
        cutoff, first = start(box, view, account, now)
    state = AgentsFolder(
        account=account.name,
        kind="Sent",
        folder=view.folder,
        uidvalidity=view.uidvalidity,
        first_uid=first,
        cutoff=cutoff,
    )
    agents_folders.save(workplace.store, state)
    return state


def _enter(
    workplace: Workplace, account: Account, box: Mailbox, view: FolderView, held: Held, now: datetime
) -> None:
    letter = outgoing.read(held.header)
    mail = SentMail(
        account=account.name,
        folder=view.folder,
        uidvalidity=view.uidvalidity,
        uid=held.uid,
        known_by=letter.known_by or f"sha256:{hashlib.sha256(held.header).hexdigest()}",
        sent_at=held.received or now,
        kind="new",
        recipients=letter.recipients,
        threads=letter.threads,
    )
    ours = sent_mails.our_reply(workplace.store, mail.known_by)
    if ours is not None:
        mail = replace(mail, kind="ours")
    elif letter.automatic:
        mail = replace(mail, kind="automatic")
    elif sent_mails.is_known(workplace.store, mail):
        mail = replace(mail, kind="copy")
    number = sent_mails.note(workplace.store, mail, now)
    if ours is not None and agent_answers.was_ours(workplace.store, ours, mail.sent_at, now):
        log.warning("réponse %d : elle se trouve déjà parmi les mails envoyés, elle ne repartira pas.", ours)
    if number is not None and mail.kind == "new":
        _tell(workplace, box, mail, letter, number, now)
        sent_mails.told(workplace.store, number)


def _tell(
    workplace: Workplace, box: Mailbox, mail: SentMail, letter: Outgoing, number: int, now: datetime
) -> None:
    """Find the ticket the agent's mail answers; in doubt it only says so in the ticket's story."""
    target, doubt = _choose(workplace, mail, letter)
    if target is None:
        return
    answer = _answer(workplace, box, mail, letter, target, number)
    if doubt is not None:
        agent_answers.beside(workplace.store, answer, doubt, now)
    elif agent_answers.answered(workplace.store, answer, now):
        mailbox_drafts.sent(workplace.store, target.case_id, now)
        log.info("ticket %d : un agent a répondu depuis sa messagerie.", target.case_id)


def _choose(workplace: Workplace, mail: SentMail, letter: Outgoing) -> tuple[Target | None, str | None]:
    """The ticket a mail concerns, and why it is perhaps not answered (French; None: it is)."""
    named = _named(workplace, mail, letter)
    for target in named:
        if _addressed(workplace, target, mail.recipients):
            return target, _which_part(workplace, target)
    elsewhere = next((one for one in named if one.how != "ticket"), None)
    if elsewhere is not None:
        return elsewhere, _not_to_customer(mail.recipients)
    theirs = sent_mails.by_writer(workplace.store, mail.account, mail.recipients, mail.sent_at)
    return _of_writer(workplace, theirs, letter)


def _which_part(workplace: Workplace, target: Target) -> str | None:
    """A mail that was split has several tickets; only our draft or our mark says which of them is answered."""
    guessed = target.how in ("thread", "writer")
    parts = splitting.parts(workplace.store, target.case_id) if guessed else []
    if not any(cases.get(workplace.store, one).state == "open" for one in parts):
        return None
    numbers = ", ".join(map(str, sorted((target.case_id, *parts))))
    return f"un agent a répondu à ce mail, scindé en plusieurs tickets ({numbers}) : dites lequel est réglé"


def _not_to_customer(recipients: Sequence[str]) -> str:
    whom = ", ".join(recipients[:3]) or "un destinataire caché"
    return f"un agent a écrit à {whom} à ce sujet, mais pas au client : le délai de réponse court toujours"


def _named(workplace: Workplace, mail: SentMail, letter: Outgoing) -> list[Target]:
    """The tickets the mail itself names, the surest first."""
    store = workplace.store
    found = sent_mails.by_draft(store, mail.account, letter.token, letter.known_by)
    if letter.ticket is not None:
        found += sent_mails.by_ticket(store, mail.account, letter.ticket)
    return found + sent_mails.by_thread(store, mail.account, mail.threads)


def _addressed(workplace: Workplace, target: Target, recipients: Sequence[str]) -> bool:
    """Whether the mail goes to the ticket's customer: where they wrote from, or where they want answers."""
    if target.addresses & set(recipients):
        return True
    try:
        raw = mails.raw(workplace.store, target.mail_id)
    except Impossible:  # no longer kept
        return False
    rules = workplace.line.rulebook
    wished = parse(raw, rules.channels, rules.reading).reply_to
    return wished is not None and wished.addr in recipients


def _of_writer(
    workplace: Workplace, found: Sequence[Target], letter: Outgoing
) -> tuple[Target | None, str | None]:
    """For a mail program that drops the thread: the open ticket of the same customer and subject, else the one whose
    draft has just been taken out of Drafts; in doubt when several threads fit."""
    reading = workplace.line.rulebook.reading
    subject = outgoing.base_subject(letter.subject, reading)
    alike = [one for one in found if subject and outgoing.base_subject(one.subject, reading) == subject]
    taken = [one for one in alike or found if one.draft_state in ("edited", "missing")]
    fitting = taken or alike
    if not fitting:
        return None, None
    if len({one.thread for one in fitting}) > 1:
        return fitting[0], UNCLEAR
    return fitting[0], None if len(taken) == 1 else _which_part(workplace, fitting[0])


def _answer(
    workplace: Workplace,
    box: Mailbox,
    mail: SentMail,
    letter: Outgoing,
    target: Target,
    number: int,
) -> Answer:
    """What was sent, compared with what we had drafted."""
    answer = Answer(
        sent_id=number,
        case_id=target.case_id,
        how=target.how,
        subject=letter.subject,
        sent_at=mail.sent_at,
        from_ours=target.how == "draft",
        before=target.our_text,
    )
    raw = next(_raw(box, mail.uid), None)
    if raw is None or not raw.complete:
        return answer
    rules = workplace.line.rulebook
    new, ours = parse(raw, rules.channels, rules.reading).text, target.our_text
    if ours is None:
        return replace(answer, text=new, data=raw.data)
    same = outgoing.same_words(new, ours) or outgoing.same_words(
        outgoing.whole_text(raw, rules.reading), ours
    )
    from_ours = (
        same
        or target.how == "draft"
        or target.draft_state in ("edited", "missing")
        or outgoing.likeness(new, ours) >= REWRITTEN
    )
    changed = from_ours and not same
    return replace(answer, text=ours if same else new, from_ours=from_ours, changed=changed, data=raw.data)


def _raw(box: Mailbox, uid: int) -> Iterator[RawMail]:
    return (one for one in box.fetch([uid], LARGEST) if isinstance(one, RawMail))

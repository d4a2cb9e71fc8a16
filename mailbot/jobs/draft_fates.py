"""What follows from where a draft of ours is found in the agents' Drafts: kept, refused, rewritten, to be taken out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from mailbot.edges.store import Store, mailbox_drafts, replies
from mailbot.edges.store.agent_answers import AGENT
from mailbot.edges.store.conflicts import AlreadyHandled, ChangedSince
from mailbot.edges.store.mailbox_drafts import MailboxDraft
from mailbot.jobs.log import log
from mailbot.jobs.workplace import Workplace
from mailbot.steps import outgoing
from mailbot.steps.french import paris_day
from mailbot.steps.guards import CaseFacts, OutputRules, check
from mailbot.steps.whereabouts import Found

Next = Literal["keep", "put", "take out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Where a draft was found in this pass. `rebuilt`: the folder is no longer the one it was put into; `subject` and
    `text`: those of an agent's copy that was not read before, else None; `grace`: how long a draft may be gone before
    that is a refusal, None when it cannot be told from a sending."""

    found: Found
    folder: str
    uidvalidity: int
    rebuilt: bool
    subject: str | None
    text: str | None
    grace: timedelta | None


def wanted(draft: MailboxDraft) -> bool:
    """Whether this copy should (still) be in the mailbox: it is the draft as it is now."""
    fresh = draft.reply_state == "draft" and draft.reply_version == draft.version
    return fresh and draft.state != "leaving"


def urgent(draft: MailboxDraft) -> bool:
    """Whether the mailbox should be touched now because of this copy."""
    if draft.state in ("edited", "missing"):
        return draft.reply_state != "draft"
    return draft.state != "placed" or not wanted(draft)


def follow(workplace: Workplace, draft: MailboxDraft, sighting: Sighting, now: datetime) -> Next:
    """Write down what became of a copy; what is to be done to the mailbox because of it."""
    if sighting.found.where == "gone":
        return _gone(workplace.store, draft, sighting, now)
    touched = sighting.found.also if sighting.found.where == "ours" else sighting.found.uid
    if touched is None and draft.state == "edited":
        # a rebuilt folder, or an agent who went back to our words: it stays theirs
        touched = sighting.found.uid
    if touched is not None:
        _edited(workplace, draft, sighting, touched, now)
        return "keep"
    if not wanted(draft):
        return "take out"
    at = (sighting.folder, sighting.uidvalidity, sighting.found.uid)
    if draft.state != "placed" or sighting.rebuilt or draft.uid != sighting.found.uid:
        mailbox_drafts.change(workplace.store, draft, "placed", now, **_place(*at), missing_since=None)
    return "keep"


def _place(folder: str, uidvalidity: int, uid: int | None) -> dict[str, Any]:
    return {"folder": folder, "uidvalidity": uidvalidity, "uid": uid}


def _gone(store: Store, draft: MailboxDraft, sighting: Sighting, now: datetime) -> Next:
    if draft.state == "planned":
        return "put"
    if not wanted(draft):
        mailbox_drafts.change(store, draft, "withdrawn", now)
    elif sighting.rebuilt:
        told = f"le dossier « {sighting.folder} » a été reconstruit par le serveur, le brouillon n'y est plus"
        mailbox_drafts.change(store, draft, "lost", now, told=told)
    elif draft.missing_since is None:
        mailbox_drafts.change(store, draft, "missing", now, missing_since=now)
    elif sighting.grace is not None and now - draft.missing_since >= sighting.grace:
        _refused(store, draft, now)
    return "keep"


def _refused(store: Store, draft: MailboxDraft, now: datetime) -> None:
    """Gone, not sent, and the folder was seen whole: an agent deleted it."""
    reason = f"brouillon supprimé dans la messagerie (dossier « {draft.folder} »)"
    try:
        replies.refuse(store, draft.reply_id, AGENT, now, reason=reason)
        log.info("ticket %d : %s, la réponse est refusée.", draft.case_id, reason)
    except AlreadyHandled:
        pass  # somebody decided otherwise in this very moment
    mailbox_drafts.change(store, draft, "refused", now)


def _edited(workplace: Workplace, draft: MailboxDraft, sighting: Sighting, uid: int, now: datetime) -> None:
    """The copy is an agent's work now: never overwritten. What it says becomes the text of the reply."""
    store = workplace.store
    at = _place(sighting.folder, sighting.uidvalidity, uid)
    if draft.reply_state != "draft":
        told = (
            f"le brouillon modifié par un agent reste dans « {sighting.folder} », mais cette réponse n'est plus à "
            "envoyer de là : à supprimer s'il ne sert plus"
        )
        mailbox_drafts.change(store, draft, "left", now, told=told, **at)
        return
    if draft.state == "edited" and draft.uid == uid and not sighting.rebuilt:
        return
    version: int = draft.version
    words: str | None = None
    if sighting.text:
        version, words = _take_over(workplace, draft, sighting.subject or draft.subject, sighting.text, now)
    mailbox_drafts.change(
        store, draft, "edited", now, told=words, actor=AGENT, version=version, missing_since=None, **at
    )


def _take_over(
    workplace: Workplace, draft: MailboxDraft, subject: str, text: str, now: datetime
) -> tuple[int, str | None]:
    """The agent's words into the reply, checked by the guards; its new version. Not when somebody has changed the reply
    elsewhere meanwhile: then both texts stay, and the story says so."""
    stored = replies.get(workplace.store, draft.reply_id)
    if outgoing.same_words(stored.reply.text, text) and stored.reply.subject == subject:
        return stored.version, None
    rules = OutputRules.compiled(workplace.line.rulebook.guards)
    facts = CaseFacts.from_json(stored.reply.facts)
    blocked = check(text, subject, facts, rules, today=paris_day(now))
    try:
        version = replies.edit(
            workplace.store,
            draft.reply_id,
            AGENT,
            text=text,
            subject=subject,
            now=now,
            missing=(),
            blocked=blocked,
            expected_version=draft.version,
        )
    except (ChangedSince, AlreadyHandled):
        return draft.version, "modifié à la fois dans la messagerie et ailleurs : les deux textes sont gardés"
    warned = f" ; les garde-fous y trouvent à redire : {' '.join(blocked)}" if blocked else ""
    return version, f"brouillon modifié dans la messagerie{warned}"

"""Approving a reply: the guards look at it again on the day it leaves, and some may be passed over with a reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.config import Web
from mailbot.edges.store import Store, cases, opinions, orders, overrides, replies
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.conflicts import NotSendable
from mailbot.edges.store.overrides import Despite
from mailbot.edges.store.replies import StoredReply
from mailbot.jobs.merging import facts_of
from mailbot.ruleset.guards import Guards
from mailbot.steps.enclosures import FORBIDDEN
from mailbot.steps.french import paris_day
from mailbot.steps.guards import OutputRules, findings
from mailbot.steps.order_news import changed

_NO_FILES = "Ce canal interdit les pièces jointes : retirez-les (mailbot drafts attach N --none)."
ORDER = "commande"
_REWRITING = ("modifie", "modele")  # the events of a text that was written anew
_NOBODY = "Aucune adresse à qui répondre : répondez par un autre moyen."


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What stands in the way of a reply (`told`, French, says how to mend it). `guard`: which one, None when it is no
    guard on the text; `admits_override`: an agent may pass over it with a reason."""

    told: str
    guard: str | None = None
    admits_override: bool = False


def objections(store: Store, reply: StoredReply, guards: Guards, now: datetime) -> tuple[Objection, ...]:
    """What the guards say of a reply as it stands, if it left at `now`: a date may have passed since it was written, a
    mail been merged into its ticket, its order have changed."""
    news = _news(store, reply)
    if not reply.reply.facts:  # made before facts were kept: only what was said then is known
        return (*(Objection(told=told) for told in reply.reply.blocked), *news)
    facts, rules = facts_of(store, reply.case, reply.reply.facts), OutputRules.compiled(guards)
    found = findings(reply.reply.text, reply.reply.subject, facts, rules, today=paris_day(now))
    nobody = [] if reply.reply.to.addr else [Objection(told=_NOBODY)]
    if reply.reply.attachments and FORBIDDEN in facts.prohibitions:
        nobody.append(Objection(told=_NO_FILES, guard=FORBIDDEN))
    named = (
        Objection(told=one.told, guard=one.guard, admits_override=guards.admits_override(one.guard))
        for one in found
    )
    return (*nobody, *named, *news)


def _news(store: Store, reply: StoredReply) -> tuple[Objection, ...]:
    """What its order says since the text was written (by the rules, or by the last person who rewrote it). To a writer
    who is not known as the buyer nothing of it is said."""
    then = reply.case.match.order if reply.case.match.identity == "verified" else None
    standing = orders.standing(store, then.channel, then.order_id) if then else None
    if then is None or standing is None or not (found := changed(then, standing[0])):
        return ()
    rewritten = [one.at for one in cases.story(store, reply.case.id) if one.kind in _REWRITING]
    if standing[1] <= max((reply.case.created_at, *rewritten)):
        return ()
    told = (
        f"La commande {then.order_id} a changé depuis que ce texte a été écrit ({', '.join(found)}) : vérifiez qu'il "
        "dit encore vrai."
    )
    return (Objection(told=told, guard=ORDER, admits_override=True),)


def held_back(store: Store, reply: StoredReply, guards: Guards, now: datetime, *, automatic: bool) -> str:
    """Why an approved reply must not leave now after all (French), else ''. It may have waited for hours, for a server
    or an access: a promised day has passed, its order has changed, other rules hold, sending alone was switched off
    (`automatic` False). What a person passed over stays passed over."""
    if reply.auto and not automatic:
        return "l'envoi seul est coupé dans la configuration (sending.automatic)"
    if reply.auto and guards.arret_general:
        return "l'arrêt général est enclenché (garde_fous.toml)"
    despite = {one.told for one in overrides.of_reply(store, reply.id) if one.version == reply.version}
    return " ".join(one.told for one in objections(store, reply, guards, now) if one.told not in despite)


def limit_of(guards: Guards, web: Web | None) -> float:
    """Above which total of an order two people approve; 0: never. The rules say it; [web] did once."""
    return guards.accord_au_dessus or (web.second_approval_above if web else 0.0)


def needs_second(store: Store, case: StoredCase, version: int, limit: float) -> bool:
    """True when the order is dear and nobody else has agreed to this very version of the reply yet."""
    order = case.match.order
    if not limit or order is None or order.total is None or float(order.total) <= limit:
        return False
    given = opinions.of_case(store, case.id)
    return not (given is not None and given.granted and given.version == version)


def approve(
    store: Store,
    guards: Guards,
    reply_id: int,
    *,
    actor: str,
    now: datetime,
    undo: timedelta,
    reason: str = "",
    expected_version: int | None = None,
    second_above: float = 0.0,
) -> tuple[Objection, ...]:
    """A person has a reply sent after `undo`; with a `reason`, despite the guards that admit it; above `second_above`
    only with a colleague's agreement. Returns what was passed over. Raises AlreadyHandled, ChangedSince or NotSendable
    (French: what stands, and how to go on)."""
    reply = replies.get(store, reply_id)
    version = reply.version if expected_version is None else expected_version
    if reply.state in ("draft", "failed") and needs_second(store, reply.case, version, second_above):
        raise NotSendable(
            f"réponse {reply_id} : commande de plus de {second_above:.0f} €, un collègue doit donner son accord (page "
            f"du ticket {reply.case.id}, « Accord »)."
        )
    found = objections(store, reply, guards, now)
    allowed = {one.told: one.guard for one in found if one.admits_override and one.guard is not None}
    despite = Despite(blocked=tuple(one.told for one in found), reason=reason.strip(), allowed=allowed)
    try:
        replies.approve(store, reply_id, actor, now, undo, despite=despite, expected_version=version)
    except NotSendable as error:
        raise NotSendable(f"{error}{_way_out(despite)}") from error
    return found


def _way_out(despite: Despite) -> str:
    """What an agent can do about it."""
    if despite.reason:
        return " Aucune dérogation n'est possible pour cela : corrigez le texte."
    if despite.remaining and set(despite.remaining) <= set(despite.allowed):
        return " Corrigez le texte, ou approuvez malgré tout en donnant une raison."
    return " Corrigez le texte."

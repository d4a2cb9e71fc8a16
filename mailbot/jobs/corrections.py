"""An agent says what a mail really asks for: the ticket is judged again at once, and the model learns from it later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.edges.store import cases, mails, orders
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.learning import Correction
from mailbot.edges.store.rejudge import Rejudged, rejudge
from mailbot.jobs.prepare import Desk
from mailbot.jobs.reply_key import of_part
from mailbot.model import Intent, Judgement, Order, Verdict
from mailbot.situation import Situation

NOTHING_PRECISE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the agent says. `intents`: what the mail asks for, primary first; empty keeps what was understood.
    `remedy`: None keeps it, 'none' is nothing precise. `order_id` (and its `channel` where two shops share numbers):
    None keeps the order that was found."""

    intents: tuple[str, ...] = ()
    remedy: str | None = None
    order_id: str | None = None
    channel: str | None = None


def correct(desk: Desk, case_id: int, wanted: Wanted, actor: str, now: datetime) -> Rejudged:
    """Keep the correction and judge the ticket again; its draft changes unless a person rewrote it or it left.

    Raises Impossible (French) for a ticket, intent, remedy or order that does not exist, when the mail's bytes are no
    longer kept, and when nothing is said."""
    if wanted == Wanted():
        raise Impossible("rien à corriger : dites au moins une intention, une demande ou une commande.")
    case = cases.get(desk.store, case_id)
    judged = of_part(judged_as(desk, case, wanted, now), case.part)
    correction = Correction(
        case_id=case_id,
        at=now,
        actor=actor,
        intents_before=case.verdict.requests,
        intents=judged.verdict.requests,
        remedy_before=case.verdict.remedy,
        remedy=judged.verdict.remedy,
        order_before=case.order_id,
        order_id=judged.match.order.order_id if judged.match.order else None,
        customer_name=case.customer_name,
        subject=case.subject,
        text=case.text,
    )
    return rejudge(desk.store, correction, judged, desk.line.rulebook.digest, now)


def judged_as(
    desk: Desk, case: StoredCase, wanted: Wanted, now: datetime, *, forced: Situation | None = None
) -> Judgement:
    """The case's mail as a person understands it, `forced` into a situation if need be; nothing is stored. Raises
    Impossible as `correct` does."""
    wanted = _known(desk, wanted)
    order = _order(desk, case, wanted)
    raw = mails.raw(desk.store, case.mail_id)
    return desk.judge_as(
        raw, case.history, now, lambda verdict: corrected(verdict, case, wanted), order, forced=forced
    )


def corrected(verdict: Verdict, case: StoredCase, wanted: Wanted) -> Verdict:
    """The verdict as the agent has it: what is said is certain, what is not said stays as the ticket has it."""
    asked = wanted.intents or case.verdict.requests
    evidence = {intent.id: intent.evidence for intent in verdict.intents}
    sure = wanted.intents or not case.verdict.intents
    score = {intent.id: intent.score for intent in case.verdict.intents}
    intents = tuple(
        Intent(id=name, score=1.0 if sure else score.get(name, 1.0), evidence=evidence.get(name, ()))
        for name in asked
    )
    others = tuple(intent for intent in verdict.intents if intent.id not in asked)
    if wanted.remedy is not None:
        verdict = replace(verdict, remedy=wanted.remedy, remedy_score=1.0)
    elif case.verdict.remedy is not None:
        verdict = replace(verdict, remedy=case.verdict.remedy, remedy_score=case.verdict.remedy_score)
    return replace(verdict, intents=intents if sure else (*intents, *others), requests=asked)


def _known(desk: Desk, wanted: Wanted) -> Wanted:
    rules = desk.line.rulebook.recognition
    _require("intention", wanted.intents, [rule.id for rule in rules.intentions])
    _require("demande", [wanted.remedy] if wanted.remedy else [], [rule.id for rule in rules.remedes])
    return replace(wanted, intents=tuple(dict.fromkeys(wanted.intents)))


def _require(kind: str, said: Sequence[str], known: Sequence[str]) -> None:
    for word in said:
        if word not in known:
            raise Impossible(f"{kind} « {word} » inconnue. Connues : {', '.join(known)}.")


def _order(desk: Desk, case: StoredCase, wanted: Wanted) -> Order | None:
    """The order the agent names, else the one the ticket has (an agent may have named it before)."""
    if wanted.order_id is None:
        return case.match.order if case.match.method == "agent" else None
    channels = [wanted.channel] if wanted.channel else [rule.id for rule in desk.line.rulebook.channels]
    found = [order for name in channels if (order := orders.get(desk.store, name, wanted.order_id))]
    if not found:
        raise Impossible(f"la commande « {wanted.order_id} » n'est pas parmi les commandes importées.")
    if len(found) > 1:
        names = ", ".join(order.channel for order in found)
        raise Impossible(
            f"la commande « {wanted.order_id} » existe sur plusieurs canaux ({names}) : dites lequel."
        )
    return found[0]

"""A mail that asks two things: an agent makes a second case of it, with a situation, clocks and a draft of its own."""

from dataclasses import dataclass
from datetime import datetime

from mailbot.edges.store import cases, replies, splitting
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.splitting import Done, Split
from mailbot.jobs import corrections
from mailbot.jobs.corrections import Wanted
from mailbot.jobs.prepare import Desk
from mailbot.jobs.reply_key import of_part


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What the new case is about. `intents`: what is asked there, none keeps what was understood; `order_id` (and its
    `channel` where two shops share numbers): None keeps the order that was found."""

    intents: tuple[str, ...] = ()
    order_id: str | None = None
    channel: str | None = None


def split(
    desk: Desk,
    case_id: int,
    matter: Matter,
    actor: str,
    now: datetime,
    *,
    expected_version: int | None = None,
) -> Done:
    """Make a case of `matter`; the old one keeps the rest, its draft is written anew unless a person rewrote it or it
    left. Raises Impossible or AlreadyHandled (French)."""
    case, reply = cases.get(desk.store, case_id), replies.of_case(desk.store, case_id)
    _something_is_split(case, matter)
    part = splitting.next_part(desk.store, case_id)
    wanted = Wanted(intents=matter.intents, order_id=matter.order_id, channel=matter.channel)
    new = corrections.judged_as(desk, case, wanted, now)
    if new.decision.action == "ignore":
        raise Impossible("un message automatique ne se scinde pas.")
    rest = _rest(case, matter) if reply is None or reply.state != "sent" else ()
    version = reply.version if reply else 0
    plan = Split(
        case_id=case_id, new=of_part(new, part), part=part, rulebook_digest=desk.line.rulebook.digest,
        rest=of_part(corrections.judged_as(desk, case, Wanted(intents=rest), now), case.part) if rest else None,
        version=version if expected_version is None else expected_version,
    )  # fmt: skip
    return splitting.split(desk.store, plan, actor, now)


def _something_is_split(case: StoredCase, matter: Matter) -> None:
    """Another order, or part of what is asked: two equal cases would be two answers to one question."""
    other_order = matter.order_id is not None and matter.order_id != case.order_id
    if not other_order and not matter.intents:
        raise Impossible("dites ce que le nouveau ticket doit traiter : une demande ou une commande.")
    if not other_order and set(matter.intents) >= set(case.verdict.requests) != set():
        raise Impossible(
            "il ne resterait rien à ce ticket : laissez-lui une demande, ou donnez une autre commande au nouveau."
        )


def _rest(case: StoredCase, matter: Matter) -> tuple[str, ...]:
    """What the old case still has to answer; nothing when it stays as it is (the same question on two orders)."""
    rest = tuple(one for one in case.verdict.requests if one not in matter.intents)
    return () if rest == case.verdict.requests else rest

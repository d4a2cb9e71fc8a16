"""Two tickets of one matter: merging them, as far as the place of sale lets one answer serve for both."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mailbot.edges.store import Store, cases, merging, replies
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.conflicts import Impossible
from mailbot.rulebook import Rulebook
from mailbot.steps.guards import CaseFacts


def facts_of(store: Store, case: StoredCase, own: Mapping[str, Any]) -> CaseFacts:
    """What a reply to this ticket may state: of its own mail (`own`, as stored), and of the mails of the same writer
    that are merged into it."""
    facts = CaseFacts.from_json(own)
    for one in merging.inside(store, case.id):
        other = replies.of_case(store, one.case_id)
        if other is None or not other.reply.facts or _answered_apart(store, case.id, one.case_id):
            continue
        if _may_hear(case, other.case):
            facts = facts.and_of(CaseFacts.from_json(other.reply.facts))
    return facts


def _may_hear(case: StoredCase, other: StoredCase) -> bool:
    """Whether the writer of `case` may be told what the writer of `other` may: a forged sender bears the same address,
    and what is only for a recognised buyer is for nobody else."""
    recognised = case.match.identity == "verified" or other.match.identity != "verified"
    return recognised and other.customer == case.customer != ""


def _answered_apart(store: Store, case_id: int, other: int) -> bool:
    """Two people who wrote by one contact form have its address in common, but are answered each at their own."""
    addresses = [reply.reply.to.addr for one in (case_id, other) if (reply := replies.of_case(store, one))]
    return len(set(addresses)) > 1


def merge(
    store: Store,
    book: Rulebook,
    case_id: int,
    into: int,
    actor: str,
    now: datetime,
    *,
    confirmed: bool = False,
) -> None:
    """Have ticket `into` answer `case_id` as well. Raises merging.OtherCustomer unless `confirmed`, and Impossible or
    AlreadyHandled (French)."""
    one, target = cases.get(store, case_id), cases.get(store, into)
    channel = book.channel(one.channel) if one.channel else None
    if channel is not None and channel.place_de_marche and one.customer != target.customer:
        raise Impossible(
            f"le ticket {case_id} vient de {channel.nom} : seule une réponse à son adresse y compte. Fusionnez plutôt "
            f"le ticket {into} dans celui-là."
        )
    if not confirmed and one.customer == target.customer and _answered_apart(store, case_id, into):
        raise merging.OtherCustomer(
            f"les tickets {case_id} et {into} attendent leur réponse à deux adresses (un formulaire de contact ?) : "
            "confirmez que c'est la même affaire."
        )
    merging.merge(store, case_id, into, actor, now, confirmed=confirmed)

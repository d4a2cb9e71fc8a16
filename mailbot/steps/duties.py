"""What the shop has to do at the carrier, with its own clocks. Pure. A customer's rights never wait for these."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from mailbot.model import Deadline, Order
from mailbot.ruleset.carriers import Carrier, CarrierDuty
from mailbot.ruleset.counting import SituationDeadline
from mailbot.steps.order_text import fold, text
from mailbot.tracking_rules import ClaimCases
from mailbot.vocabulary import Facts

PREFIX = "transporteur_"
UNCONFIRMED = "délai non confirmé par le transporteur"


def find(
    order: Order | None,
    carriers: Sequence[Carrier],
    claims: ClaimCases,
    requests: Sequence[str],
    flags: Set[str],
    facts: Facts,
) -> tuple[CarrierDuty, ...]:
    """The duties this case calls for at the order's carrier; none when the carrier is unknown or takes no claims
    (tracked letters). A duty of a contract the order names wins over those without contract."""
    carrier = next((one for one in carriers if one.id == facts.get("transporteur")), None)
    if order is None or carrier is None or not carrier.demarches:
        return ()
    cases = _cases(claims, requests, flags, facts)
    found = [duty for duty in carrier.demarches if cases.intersection(duty.quand)]
    if not found:
        return ()
    named = fold(f"{order.carrier} {text(order, claims.colonne_contrat) or ''}")
    special = [duty for duty in found if duty.si_nomme and fold(duty.si_nomme) in named]
    covered = {case for duty in special for case in duty.quand}
    plain = [duty for duty in found if not duty.si_nomme and cases.intersection(duty.quand) - covered]
    return (*special, *plain)


def _cases(claims: ClaimCases, requests: Sequence[str], flags: Set[str], facts: Facts) -> set[str]:
    return {
        case.id
        for case in claims.cas
        if any(intent in requests for intent in case.intentions)
        and (not case.drapeaux or case.drapeaux & flags)
        and all(condition.accepts(facts.get(name)) for name, condition in case.conditions.items())
    }


def merge(
    wanted: Sequence[SituationDeadline], duties: Sequence[CarrierDuty]
) -> tuple[SituationDeadline, ...]:
    """The situations' clocks and the duties', without those a duty says better."""
    replaced = {duty.remplace for duty in duties}
    return (*(clock for clock in wanted if clock.id not in replaced), *map(_clock, duties))


@lru_cache(maxsize=512)
def _clock(duty: CarrierDuty) -> SituationDeadline:
    papers = f" ; à joindre : {', '.join(duty.pieces)}" if duty.pieces else ""
    doubt = "" if duty.confirme else f" ({UNCONFIRMED})"
    label = f"{duty.libelle} : {duty.contact}{papers}{doubt}"
    return SituationDeadline(id=PREFIX + duty.id, libelle=label, depart=duty.depart, regle=duty.regle)


def settle(
    clocks: Sequence[Deadline], duties: Sequence[CarrierDuty], asked: datetime
) -> tuple[Deadline, ...]:
    """The clocks with each duty's own basis, without duties whose time was over before the customer wrote."""
    bases = {PREFIX + duty.id: duty.fondement for duty in duties}
    return tuple(
        replace(clock, basis=bases[clock.id]) if clock.id in bases else clock
        for clock in clocks
        if clock.id not in bases or clock.due_at >= asked
    )

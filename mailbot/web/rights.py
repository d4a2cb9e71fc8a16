"""Which tickets a person may look at, for pages that name them otherwise than in their address."""

from mailbot.edges.store import cases
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.conflicts import Impossible
from mailbot.web.visit import Visit


def case_of(visit: Visit, number: int) -> StoredCase:
    """A case of a mail account this person sees. Raises Impossible (French) as if there were none otherwise."""
    case = cases.get(visit.store, number)
    if not visit.person.sees(case.account):
        raise Impossible(f"le ticket {number} n'existe pas.")
    return case

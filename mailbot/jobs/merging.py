"""Two tickets of one matter: merging them, as far as the place of sale lets one answer serve for both."""

from datetime import datetime

from mailbot.edges.store import Store, cases, merging
from mailbot.edges.store.conflicts import Impossible
from mailbot.rulebook import Rulebook


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
    merging.merge(store, case_id, into, actor, now, confirmed=confirmed)

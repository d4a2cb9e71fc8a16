"""Two tickets that are to be merged, and what becomes of them."""

from datetime import timedelta

from mailbot.edges.store import (
    Store,
    deadlines,
    outbox,
    replies,
)
from tests.edges.store.samples import (
    LEASE,
    MARIE,
    NOW,
    clock,
    draft,
    mail,
    order,
    prepare,
    reply_to,
)

SOON, LATE = timedelta(hours=5), timedelta(days=2)


def two(store: Store, *, sender: str = MARIE) -> tuple[replies.StoredReply, replies.StoredReply]:
    """A ticket, and a more urgent later one in a thread of its own."""
    first = draft(store, 1, clocks=(clock(due=LATE), clock("remboursement", due=timedelta(days=9))))
    number = prepare(
        store, mail(2, sender=sender, text="Et ma facture ?"), uid=2, reply=reply_to(2, to=sender),
        found=order("FR-2"), clocks=(clock(due=SOON), clock("enquete", due=timedelta(days=4))),
    )  # fmt: skip
    second = replies.of_case(store, number)
    assert second is not None
    return first, second


def runs_on(store: Store, case_id: int) -> list[tuple[str, int | None]]:
    """The clocks of a ticket that run, each with the ticket that brought it."""
    found = deadlines.of_cases(store, [case_id])[case_id]
    return [(one.name, one.of_case) for one in found if one.met_at is None]


def send(store: Store, reply_id: int) -> None:
    """Approve a reply and send it."""
    replies.approve(store, reply_id, "Alice", NOW, timedelta(0))
    leaving = outbox.claim_due(store, "ouvrier", NOW, LEASE)
    assert leaving is not None
    assert leaving.id == reply_id
    outbox.sent(store, reply_id, "ouvrier", NOW, code=250)

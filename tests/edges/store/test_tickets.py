"""Tickets as a list: none is hidden because nothing was drafted for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.edges.store import Store, cases, deadlines, replies
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.tickets import list_tickets, reopen
from tests.edges.store.samples import NOW, clock, draft, mail, prepare


def test_a_ticket_without_a_draft_is_listed_by_its_clock(store: Store) -> None:
    late = draft(store, 1, clocks=(clock(due=timedelta(days=5)),))
    bare = prepare(store, mail(2, sender="paul@example.org"), uid=2, action="human", clocks=(clock(),))
    found = list_tickets(store)
    assert [ticket.case.id for ticket in found] == [bare, late.case.id]
    assert [ticket.reply_state for ticket in found] == [None, "draft"]
    assert [ticket.case.id for ticket in list_tickets(store, without_draft=True)] == [bare]


def test_a_ticket_whose_draft_was_refused_has_nothing_prepared(store: Store) -> None:
    refused = draft(store, 1)
    replies.refuse(store, refused.id, "Alice", NOW)
    assert [ticket.case.id for ticket in list_tickets(store, without_draft=True)] == [refused.case.id]


def test_the_customers_own_time_does_not_sort_tickets(store: Store) -> None:
    own = replace(clock("retractation_fin", due=timedelta(days=-3)), duty=False)
    draft(store, 1, clocks=(own, clock(due=timedelta(days=2))))
    (ticket,) = list_tickets(store)
    assert ticket.due_at == NOW + timedelta(days=2)
    assert deadlines.due_alarms(store, NOW) == []


def test_a_filed_ticket_is_taken_up_again_with_its_clock(store: Store) -> None:
    filed = prepare(store, mail(1), uid=1, action="ignore")
    assert list_tickets(store) == []
    assert [ticket.case.id for ticket in list_tickets(store, state="closed")] == [filed]
    reopen(store, filed, [clock()], "Alice", NOW)
    (ticket,) = list_tickets(store)
    assert (ticket.case.id, ticket.due_at) == (filed, clock().due_at)
    assert cases.story(store, filed)[-1].actor == "Alice"
    with pytest.raises(Impossible, match="déjà ouvert"):
        reopen(store, filed, [clock()], "Alice", NOW)

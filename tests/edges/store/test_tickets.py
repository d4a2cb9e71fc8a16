"""Tickets as a list: none is hidden because nothing was drafted for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.edges.store import Store, cases, deadlines, queue, replies
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.queue import Wanted
from mailbot.edges.store.tickets import list_tickets, reopen
from tests.edges.store.samples import NOW, clock, draft, mail, overtaken, prepare


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


def test_a_ticket_that_gave_way_is_in_the_queue_again_when_it_is_taken_up(store: Store) -> None:
    older = draft(store, 1)
    newer = prepare(store, mail(2, references=("<client-1@example.org>",)), uid=2, action="human")
    assert cases.get(store, older.case.id).superseded_by == newer
    cases.close(store, older.case.id, "Alice", "réglé avec l'autre", NOW)
    reopen(store, older.case.id, [clock()], "Alice", NOW)
    assert older.case.id in [item.case_id for item in queue.page(store, Wanted(), NOW)]


def test_a_ticket_is_listed_by_the_first_clock_of_all_it_answers(store: Store) -> None:
    older, newer, other = overtaken(store)
    found = list_tickets(store)
    assert [ticket.case.id for ticket in found] == [newer, other, older]
    assert found[0].due_at == NOW + timedelta(hours=3)

"""Sending: claimed once, committed first, in doubt uncertain, never resent blindly."""

from datetime import timedelta

import pytest

from mailbot.edges.store import Store, aside, cases, mails, outbox, replies
from mailbot.edges.store.conflicts import AlreadyHandled
from tests.edges.store.samples import LEASE, MINUTE, NOW, clock, draft, running, take_in

DUE = NOW + MINUTE


def sending(store: Store, **more: object) -> replies.StoredReply:
    """A reply that worker 's' is sending."""
    draft(store, 1, action="send", **more)
    found = outbox.claim_due(store, "s", DUE, LEASE)
    assert found is not None
    return found


def test_a_reply_is_claimed_after_its_undo_window_and_only_once(store: Store) -> None:
    draft(store, 1, action="send")
    assert outbox.claim_due(store, "s", NOW, LEASE) is None
    found = outbox.claim_due(store, "s", DUE, LEASE, account="boutique")
    assert found is not None
    assert (found.state, found.attempts, found.lease_until) == ("sending", 1, DUE + LEASE)
    assert outbox.claim_due(store, "t", DUE, LEASE) is None


def test_the_replies_of_another_account_are_not_claimed(store: Store) -> None:
    draft(store, 1, action="send")
    assert outbox.claim_due(store, "s", DUE, LEASE, account="autre") is None


def test_a_reply_waits_while_a_newer_mail_of_its_customer_is_unread(store: Store) -> None:
    draft(store, 1, action="send")
    take_in(store, 2)
    assert outbox.claim_due(store, "s", DUE, LEASE) is None
    take_in(store, 3, sender="paul@example.org")
    (claimed, _) = mails.claim(store, "a", 5, NOW, LEASE)
    aside.park(store, claimed.id, "a", "illisible", NOW)
    assert outbox.claim_due(store, "s", DUE, LEASE) is not None


def test_a_sent_reply_meets_the_answer_clock_and_closes_its_ticket(store: Store) -> None:
    found = sending(store, clocks=(clock(), clock("reponse_place_de_marche")))
    assert outbox.sent(store, found.id, "s", DUE, code=250, server_text="2.0.0 Ok")
    after = replies.get(store, found.id)
    assert (after.state, after.sent_at, after.server_code, after.server_text) == (
        "sent",
        DUE,
        250,
        "2.0.0 Ok",
    )
    assert [one.met_at for one in after.deadlines] == [DUE, DUE]
    assert cases.get(store, found.case.id).state == "closed"
    assert not outbox.sent(store, found.id, "s", DUE)


def test_a_sent_answer_meets_no_other_clock_and_leaves_the_ticket_open(store: Store) -> None:
    found = sending(store, clocks=(clock(), clock("remboursement")))
    outbox.sent(store, found.id, "s", DUE)
    assert [one.name for one in running(store)] == ["remboursement"]
    assert cases.get(store, found.case.id).state == "open"


def test_a_reply_surely_not_sent_leaves_again_at_its_time(store: Store) -> None:
    found = sending(store)
    assert outbox.retry_later(store, found.id, "s", DUE, DUE + MINUTE, code=451, server_text="plus tard")
    assert outbox.claim_due(store, "t", DUE, LEASE) is None
    again = outbox.claim_due(store, "t", DUE + MINUTE, LEASE)
    assert again is not None
    assert (again.attempts, again.reply.message_id) == (2, found.reply.message_id)


def test_a_failed_reply_waits_for_a_person_who_may_approve_it_again(store: Store) -> None:
    found = sending(store)
    assert outbox.failed(store, found.id, "s", DUE, "adresse refusée", code=550, server_text="no such user")
    after = replies.get(store, found.id)
    assert (after.state, after.reason, after.server_code) == ("failed", "adresse refusée", 550)
    replies.approve(store, found.id, "Alice", DUE, timedelta())
    assert outbox.claim_due(store, "s", DUE, LEASE) is not None


@pytest.mark.parametrize("worker", ["t", "nobody"])
def test_only_the_worker_that_holds_a_reply_says_what_became_of_it(store: Store, worker: str) -> None:
    found = sending(store)
    assert not outbox.sent(store, found.id, worker, DUE)
    assert not outbox.retry_later(store, found.id, worker, DUE, DUE)
    assert not outbox.failed(store, found.id, worker, DUE, "x")
    assert not outbox.uncertain(store, found.id, worker, DUE, "x")
    assert replies.get(store, found.id).state == "sending"


def test_a_worker_that_died_while_sending_leaves_an_uncertain_reply_nobody_resends(store: Store) -> None:
    found = sending(store, clocks=(clock(),))
    assert outbox.expired_sending(store, DUE + LEASE) == []
    late = DUE + LEASE + MINUTE
    (expired,) = outbox.expired_sending(store, late)
    assert (expired.id, expired.state) == (found.id, "uncertain")
    assert outbox.expired_sending(store, late) == []
    assert outbox.claim_due(store, "t", late, LEASE) is None
    assert [one.id for one in outbox.list_uncertain(store)] == [found.id]
    assert len(running(store)) == 1
    assert outbox.sent(store, found.id, "s", late), "the worker was only slow: now we know"


def test_an_uncertain_reply_found_in_sent_counts_as_an_answer(store: Store) -> None:
    found = sending(store, clocks=(clock(),))
    assert outbox.uncertain(store, found.id, "s", DUE, "connexion perdue après DATA", server_text="timeout")
    outbox.resolve_uncertain(store, found.id, sent=True, actor="Alice", now=DUE)
    assert replies.get(store, found.id).state == "sent"
    assert running(store) == []
    with pytest.raises(AlreadyHandled, match="n'est pas \\(ou plus\\) incertain"):
        outbox.resolve_uncertain(store, found.id, sent=False, actor="Bob", now=DUE)


def test_an_uncertain_reply_a_person_did_not_find_is_sent_again_and_the_old_worker_has_no_say(
    store: Store,
) -> None:
    found = sending(store)
    outbox.uncertain(store, found.id, "s", DUE, "connexion perdue")
    outbox.resolve_uncertain(store, found.id, sent=False, actor="Alice", now=DUE)
    assert outbox.claim_due(store, "t", DUE, LEASE) is not None
    assert not outbox.sent(store, found.id, "s", DUE)
    assert [event.kind for event in cases.story(store, found.case.id)] == ["incertain", "renvoi"]


def test_a_sent_reply_is_copied_to_the_sent_folder_once(store: Store) -> None:
    found = sending(store)
    assert outbox.pending_sent_copies(store) == []
    outbox.sent(store, found.id, "s", DUE)
    assert [one.id for one in outbox.pending_sent_copies(store)] == [found.id]
    outbox.mark_sent_copy(store, found.id, DUE)
    assert outbox.pending_sent_copies(store) == []

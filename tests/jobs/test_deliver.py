"""Delivering: what cannot leave is told, whatever the reason, and never stays in between."""

from collections.abc import Callable
from datetime import datetime

import pytest

from mailbot.edges.store import Store, replies
from mailbot.edges.store.replies import StoredReply
from mailbot.jobs import deliver
from mailbot.jobs.workplace import Workplace
from mailbot.model import Receipt
from tests.edges.store.samples import NOW, UNDO, draft, mail, prepare, reply_to
from tests.jobs.places import account, server, workplace
from tests.servers.smtp import SmtpSink

LATER = NOW + UNDO


def test_a_reply_of_an_account_that_is_gone_fails_with_its_name(store: Store) -> None:
    reply = draft(store, action="send")
    deliver.run(workplace(store, account("autre")), lambda: LATER)
    after = replies.get(store, reply.id)
    assert after.state == "failed" and "« boutique » n'est plus dans la configuration" in (after.reason or "")


def test_an_unforeseen_error_leaves_the_reply_uncertain_and_the_next_one_leaves(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = draft(store, 1, action="send")
    other = "paul@example.org"
    prepare(store, mail(2, sender=other), uid=2, action="send", reply=reply_to(2, to=other))
    sane = deliver._send

    def broken(place: Workplace, reply: StoredReply, now: Callable[[], datetime]) -> Receipt:
        if reply.id == first.id:
            raise ZeroDivisionError("boum")
        return sane(place, reply, now)

    monkeypatch.setattr(deliver, "_send", broken)
    with SmtpSink() as sink:
        deliver.run(workplace(store, account(smtp=server(sink.port))), lambda: LATER)
        assert [one.rcpt_tos for one in sink.taken] == [[other]]
    after = replies.get(store, first.id)
    assert after.state == "uncertain" and "ZeroDivisionError : boum" in (after.reason or "")


def test_a_reply_is_given_up_after_the_configured_attempts(store: Store) -> None:
    reply = draft(store, action="send")
    place, now = workplace(store), LATER
    for _ in range(3):
        deliver.run(place, lambda: now)  # noqa: B023
        now = replies.get(store, reply.id).next_attempt_at or now
    after = replies.get(store, reply.id)
    assert after.state == "failed" and after.attempts == 3
    assert "connexion refusée" in (after.reason or "")


def test_nothing_leaves_while_sending_is_switched_off(store: Store) -> None:
    reply = draft(store, action="send")
    place = workplace(store)
    off = place.config.model_copy(
        update={"sending": place.config.sending.model_copy(update={"enabled": False})}
    )
    stopped = type(place)(config=off, store=store, line=place.line, owner=place.owner)
    assert deliver.run(stopped, lambda: LATER) == 0
    assert replies.get(store, reply.id).state == "approved"

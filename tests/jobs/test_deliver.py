"""Delivering: what cannot leave is told, whatever the reason, and never stays in between."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from mailbot.edges.store import Store, agents_folders, cases, replies
from mailbot.edges.store.agents_folders import AgentsFolder
from mailbot.edges.store.replies import StoredReply
from mailbot.jobs import approval, deliver
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.model import Receipt
from mailbot.ruleset.guards import Guards
from mailbot.steps.guards import CaseFacts
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


def test_a_promise_that_has_passed_while_the_reply_waited_for_a_server_does_not_leave(store: Store) -> None:
    """Two days without a server: « vous l'aurez avant le 21 » must not leave on the 22nd."""
    day = LATER + timedelta(days=1)
    promised = f"Vous recevrez votre colis avant le {day:%d/%m/%Y}, nous vous le promettons pour ce jour-là."
    facts = CaseFacts(dates=(day.date().isoformat(),), promised=(day.date().isoformat(),)).to_json()
    letter = replace(reply_to(1), text=promised, html=None, facts=facts)
    case = prepare(store, mail(1), uid=1, reply=letter)
    number = replies.of_case(store, case)
    assert number is not None
    approval.approve(store, Guards(), number.id, actor="léa", now=NOW, undo=UNDO)
    deliver.run(workplace(store), lambda: LATER)  # nobody listens
    assert replies.get(store, number.id).state == "approved"
    with SmtpSink() as sink:
        deliver.run(workplace(store, account(smtp=server(sink.port))), lambda: LATER + timedelta(days=2))
        assert sink.taken == []
    after = replies.get(store, number.id)
    assert after.state == "draft" and "elle est déjà passée" in (after.reason or "")
    assert "envoi_suspendu" in [one.kind for one in cases.story(store, case)]


@pytest.mark.parametrize("switch", ["rules", "configuration"])
def test_a_reply_that_waits_does_not_leave_alone_after_sending_alone_was_switched_off(
    store: Store, switch: str
) -> None:
    alone, approved = draft(store, 1, action="send"), draft_of(store, "paul@example.org")
    with SmtpSink() as sink:
        place = workplace(store, account(smtp=server(sink.port)))
        if switch == "rules":
            place.line = cast(
                Line, SimpleNamespace(rulebook=SimpleNamespace(guards=Guards(arret_general=True)))
            )
        else:
            sending = place.config.sending.model_copy(update={"automatic": False})
            place.config = place.config.model_copy(update={"sending": sending})
        assert deliver.run(place, lambda: LATER) == 2
        assert [one.rcpt_tos for one in sink.taken] == [["paul@example.org"]]
    assert replies.get(store, approved).state == "sent"
    after = replies.get(store, alone.id)
    assert after.state == "draft" and after.attempts == 1


def draft_of(store: Store, who: str) -> int:
    """A reply to somebody else that a person has approved."""
    case = prepare(store, mail(2, sender=who), uid=2, reply=reply_to(2, to=who))
    reply = replies.of_case(store, case)
    assert reply is not None
    replies.approve(store, reply.id, "léa", NOW, UNDO)
    return reply.id


def test_what_a_person_passed_over_stays_passed_over(store: Store) -> None:
    text = "Nous vous offrons 7,77 € pour votre patience, et nous vous souhaitons une bonne journée à vous."
    letter = replace(reply_to(1), text=text, html=None, facts=CaseFacts().to_json())
    case = prepare(store, mail(1), uid=1, reply=letter)
    reply = replies.of_case(store, case)
    assert reply is not None
    approval.approve(store, Guards(), reply.id, actor="léa", now=NOW, undo=UNDO, reason="geste de Léa")
    with SmtpSink() as sink:
        deliver.run(workplace(store, account(smtp=server(sink.port))), lambda: LATER)
        assert len(sink.taken) == 1


def test_nothing_leaves_alone_before_the_agents_answers_are_seen(store: Store) -> None:
    """The service stood still over the weekend; agents answered from their own mail programs meanwhile."""
    alone, approved = draft(store, 1, action="send"), draft_of(store, "paul@example.org")
    friday = AgentsFolder(
        account="boutique", kind="Sent", folder="Sent", uidvalidity=1, seen_at=LATER - timedelta(days=3)
    )
    with SmtpSink() as sink:
        place = workplace(store, account(smtp=server(sink.port)), watch_sent=True)
        for turn, state in enumerate((None, replace(friday, seen_at=None), friday)):
            if state is not None:
                agents_folders.save(store, state)
            deliver.run(place, lambda turn=turn: LATER + turn * deliver.WAIT)  # type: ignore[misc]
            waiting = replies.get(store, alone.id)
            assert (waiting.state, waiting.attempts) == ("approved", 0)
        assert replies.get(store, approved).state == "sent", "a person answers for what a person approved"
        agents_folders.save(store, replace(friday, seen_at=LATER))
        deliver.run(place, lambda: LATER + 3 * deliver.WAIT)
        assert replies.get(store, alone.id).state == "sent"


def test_a_mailbox_without_a_sent_folder_does_not_keep_replies_back_for_ever(store: Store) -> None:
    alone = draft(store, 1, action="send")
    agents_folders.in_trouble(store, "boutique", "Sent", "aucun dossier des mails envoyés")
    with SmtpSink() as sink:
        deliver.run(workplace(store, account(smtp=server(sink.port)), watch_sent=True), lambda: LATER)
    assert replies.get(store, alone.id).state == "sent"

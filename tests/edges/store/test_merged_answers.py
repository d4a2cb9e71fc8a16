"""What agents and customers write meets the one answer of merged cases, on both databases."""

from datetime import timedelta

import pytest

from mailbot.edges.store import (
    Store,
    agent_answers,
    cases,
    merging,
    outbox,
    replies,
    sent_mails,
)
from mailbot.edges.store.agent_answers import Answer
from mailbot.edges.store.conflicts import AlreadyHandled
from mailbot.edges.store.sent_mails import SentMail
from tests.edges.store.pairs import runs_on, send, two
from tests.edges.store.samples import (
    LEASE,
    MARIE,
    NOW,
    UNDO,
    mail,
    prepare,
    reply_to,
    take_in,
)


def _by_hand() -> SentMail:
    return SentMail(
        account="boutique", folder="Sent", uidvalidity=1, uid=1, known_by="<main@x>", sent_at=NOW, kind="new",
        recipients=(MARIE,), threads=("<client-2@example.org>",),
    )  # fmt: skip


def test_an_agent_who_answers_the_merged_mail_from_a_mail_program_has_answered_both(store: Store) -> None:
    one, other = two(store)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    sent = sent_mails.note(store, _by_hand(), NOW)
    assert sent is not None
    answer = Answer(sent_id=sent, case_id=other.case.id, how="thread", subject="Re: Mon colis", sent_at=NOW)
    assert agent_answers.answered(store, answer, NOW)
    assert runs_on(store, one.case.id) == [("enquete", other.case.id), ("remboursement", None)]
    assert replies.get(store, one.id).state == "refused"


def test_a_merge_is_not_taken_back_once_an_agent_has_answered_from_a_mail_program(store: Store) -> None:
    one, other = two(store)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    sent = sent_mails.note(store, _by_hand(), NOW)
    assert sent is not None
    answer = Answer(sent_id=sent, case_id=one.case.id, how="thread", subject="Re: Mon colis", sent_at=NOW)
    assert agent_answers.answered(store, answer, NOW)
    with pytest.raises(AlreadyHandled, match="a répondu depuis sa messagerie"):
        merging.unmerge(store, other.case.id, "Bruno", NOW)
    assert replies.get(store, other.id).state == "refused"


def test_what_an_agent_wrote_before_the_merge_does_not_keep_it(store: Store) -> None:
    one, other = two(store)
    sent = sent_mails.note(store, _by_hand(), NOW)
    assert sent is not None
    answer = Answer(sent_id=sent, case_id=other.case.id, how="thread", subject="Re: Mon colis", sent_at=NOW)
    assert agent_answers.answered(store, answer, NOW)
    later = NOW + timedelta(hours=1)
    merging.merge(store, other.case.id, one.case.id, "Alice", later)
    assert merging.unmerge(store, other.case.id, "Alice", later) == one.case.id


def test_a_reply_that_came_back_opens_the_case_that_answers_now(store: Store) -> None:
    one, other = two(store)
    send(store, one.id)
    merging.merge(store, one.case.id, other.case.id, "Alice", NOW)
    notice = mail(9, sender="mailer-daemon@example.org", bounced_ids=(one.reply.message_id,))
    prepare(store, notice, uid=9, action="human")
    answering = cases.get(store, other.case.id)
    assert (answering.state, answering.decision.action) == ("open", "human")
    assert ("reponse", one.case.id) in runs_on(store, other.case.id)


def test_a_newer_mail_of_the_customer_takes_the_merged_case_along(store: Store) -> None:
    one, other = two(store)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    newer = prepare(store, mail(3, references=("<client-1@example.org>",)), uid=3, reply=reply_to(3))
    assert cases.get(store, other.case.id).superseded_by == newer
    assert merging.unmerge(store, other.case.id, "Alice", NOW) == one.case.id
    assert cases.get(store, one.case.id).superseded_by == newer
    assert cases.get(store, other.case.id).superseded_by is None
    assert runs_on(store, other.case.id) == [("reponse", None), ("enquete", None)]


def test_a_newer_mail_from_either_address_of_a_merge_stops_the_common_answer(store: Store) -> None:
    one, other = two(store, sender="paul@example.org")
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW, confirmed=True)
    replies.approve(store, one.id, "Alice", NOW, UNDO)
    newer = prepare(store, mail(3, sender="paul@example.org"), uid=3, action="human")
    held = replies.get(store, one.id)
    assert (held.state, held.reason) == (
        "draft", f"le client a écrit de nouveau (ticket {newer}) : à relire avant envoi",
    )  # fmt: skip
    assert outbox.claim_due(store, "ouvrier", NOW + timedelta(days=1), LEASE) is None


@pytest.mark.parametrize("writer", [MARIE, "paul@example.org"])
def test_the_common_answer_waits_while_a_mail_from_either_address_is_unread(
    store: Store, writer: str
) -> None:
    one, other = two(store, sender="paul@example.org")
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW, confirmed=True)
    replies.approve(store, one.id, "Alice", NOW, UNDO)
    take_in(store, 9, sender=writer)
    assert outbox.claim_due(store, "ouvrier", NOW + UNDO, LEASE) is None


def test_an_unread_mail_of_somebody_else_does_not_keep_the_common_answer(store: Store) -> None:
    one, other = two(store, sender="paul@example.org")
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW, confirmed=True)
    replies.approve(store, one.id, "Alice", NOW, UNDO)
    take_in(store, 9, sender="luc@example.org")
    assert outbox.claim_due(store, "ouvrier", NOW + UNDO, LEASE) is not None

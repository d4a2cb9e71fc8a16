"""Saving judgements: whole or not at all, only while the mail is ours, and newer mails win."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.edges.store import Store, cases, mails, merging, outbox, replies, threads
from mailbot.edges.store.conflicts import Impossible
from mailbot.model import Address, Mail, OrderMatch, Verdict
from tests.edges.store.samples import (
    LEASE,
    MARIE,
    MINUTE,
    NOW,
    UNDO,
    clock,
    draft,
    judgement,
    mail,
    order,
    prepare,
    reply_to,
    running,
    take_in,
)


def _prepared(number: int, owner: str, action: str = "draft") -> cases.Prepared:
    judged = judgement(mail(number), action=action, reply=reply_to(number))  # type: ignore[arg-type]
    return cases.Prepared(mail_id=number, owner=owner, judgement=judged, rulebook_digest="r")


def test_a_judgement_is_read_back_as_it_was_saved(store: Store) -> None:
    number = prepare(store, mail(1), uid=1, reply=reply_to(1), found=order(), clocks=(clock(),))
    expected = judgement(mail(1), reply=reply_to(1), found=order(), clocks=(clock(),))
    case = cases.get(store, number)
    assert isinstance(case.verdict, Verdict)
    assert isinstance(case.match, OrderMatch)
    assert (case.verdict, case.match, case.decision) == (expected.verdict, expected.match, expected.decision)
    assert (case.customer, case.subject, case.text) == (MARIE, "Mon colis", "Où est mon colis ?")
    assert (case.order_id, case.channel, case.state) == ("FR-1001", "site", "open")
    stored = replies.of_case(store, number)
    assert stored is not None
    assert (stored.reply, stored.state, stored.auto) == (reply_to(1), "draft", False)
    assert [one.steps for one in stored.deadlines] == [clock().steps]
    assert mails.count_by_state(store)["prepared"] == 1


def test_text_no_database_could_hold_is_stored_all_the_same(store: Store) -> None:
    number = prepare(store, mail(1, text="avant\x00après \ud83d", message_id="<" + "é" * 3000 + ">"), uid=1)
    assert cases.get(store, number).text == "avant\ufffdaprès \ufffd"


def test_an_unknown_ticket_is_refused_in_french(store: Store) -> None:
    with pytest.raises(Impossible, match="le ticket 12 n'existe pas"):
        cases.get(store, 12)


def test_a_mail_whose_lease_went_to_another_worker_is_passed_over(store: Store) -> None:
    take_in(store, 1, 2)
    mails.claim(store, "a", 2, NOW, LEASE)
    later = NOW + LEASE + MINUTE
    mails.claim(store, "b", 1, later, LEASE)
    assert len(cases.save(store, [_prepared(1, "a"), _prepared(2, "a")], later, UNDO)) == 1
    assert len(cases.save(store, [_prepared(1, "b")], later, UNDO)) == 1
    assert cases.save(store, [_prepared(1, "b"), _prepared(2, "a")], later, UNDO) == []
    assert len(replies.list_drafts(store, states=("draft", "refused"))) == 2


def test_a_failing_item_undoes_the_whole_batch(store: Store) -> None:
    take_in(store, 1, 2)
    mails.claim(store, "a", 2, NOW, LEASE)
    naive = clock(start=NOW.replace(tzinfo=None))
    judged = judgement(mail(2), clocks=(naive,))
    bad = cases.Prepared(mail_id=2, owner="a", judgement=judged, rulebook_digest="r")
    with pytest.raises(Exception, match="naive datetime"):
        cases.save(store, [_prepared(1, "a"), bad], NOW, UNDO)
    assert mails.count_by_state(store)["received"] == 2
    assert cases.of_mails(store, [1, 2]) == {}


def test_an_ignored_mail_becomes_a_closed_case_without_reply(store: Store) -> None:
    number = prepare(store, mail(1), uid=1, action="ignore", reply=reply_to(1))
    assert cases.get(store, number).state == "closed"
    assert replies.of_case(store, number) is None
    assert mails.count_by_state(store)["ignored"] == 1


def test_a_reply_decided_send_is_approved_by_the_service_after_the_undo_window(store: Store) -> None:
    stored = draft(store, action="send")
    assert (stored.state, stored.auto, stored.approved_by) == ("approved", True, "mailbot")
    assert stored.send_after == NOW + UNDO


@pytest.mark.parametrize("flaw", ["missing", "blocked"])
def test_a_reply_with_a_flaw_is_never_approved_by_the_service(store: Store, flaw: str) -> None:
    flawed = reply_to(1, **{flaw: ("numéro de suivi",)})  # type: ignore[arg-type]
    number = prepare(store, mail(1), uid=1, action="send", reply=flawed)
    stored = replies.of_case(store, number)
    assert stored is not None
    assert stored.state == "draft"


def test_a_newer_mail_takes_the_customers_approved_reply_back(store: Store) -> None:
    first = draft(store, 1, action="send")
    ticket = prepare(store, mail(2), uid=2, reply=reply_to(2), now=NOW + timedelta(seconds=5))
    back = replies.get(store, first.id)
    assert back.state == "draft"
    assert back.reason == f"le client a écrit de nouveau (ticket {ticket}) : à relire avant envoi"
    assert [event.kind for event in cases.story(store, first.case.id)] == ["envoi_suspendu"]


def test_a_machine_mail_of_the_customer_takes_nothing_back(store: Store) -> None:
    first = draft(store, 1, action="send")
    prepare(store, mail(2), uid=2, action="ignore")
    assert replies.get(store, first.id).state == "approved"


def test_a_mail_of_somebody_else_takes_nothing_back(store: Store) -> None:
    first = draft(store, 1, action="send")
    prepare(store, mail(2, sender="paul@example.org", references=("<client-1@example.org>",)), uid=2)
    assert replies.get(store, first.id).state == "approved"


def by_form(number: int, who: str) -> Mail:
    """A mail of the shop's contact form: its own From, the writer's Reply-To."""
    return replace(mail(number, sender="formulaire@boutique.example"), reply_to=Address(name="", addr=who))


def answer_to_form(store: Store, number: int, who: str) -> int:
    """An approved reply to somebody who wrote by the form."""
    case = prepare(store, by_form(number, who), uid=number, reply=reply_to(number, to=who), action="send")
    reply = replies.of_case(store, case)
    assert reply is not None and reply.state == "approved"
    return reply.id


def test_another_person_who_writes_by_the_same_form_stops_no_reply(store: Store) -> None:
    first = answer_to_form(store, 1, "paul@example.org")
    answer_to_form(store, 2, "anne@example.org")
    assert replies.get(store, first).state == "approved"


@pytest.mark.parametrize("again", [by_form(2, "paul@example.org"), mail(2, sender="paul@example.org")])
def test_a_person_who_wrote_by_the_form_and_writes_again_stops_the_reply(store: Store, again: Mail) -> None:
    first = answer_to_form(store, 1, "paul@example.org")
    prepare(store, again, uid=2, reply=reply_to(2, to="paul@example.org"))
    assert replies.get(store, first).state == "draft"


def test_a_relay_that_gives_each_mail_its_own_reply_to_is_known_by_the_thread(store: Store) -> None:
    first = answer_to_form(store, 1, "jeton-1@relais.example")
    again = replace(by_form(2, "jeton-2@relais.example"), references=("<client-1@example.org>",))
    prepare(store, again, uid=2, reply=reply_to(2, to="jeton-2@relais.example"))
    assert replies.get(store, first).state == "draft"


def test_a_person_who_writes_and_then_uses_the_form_stops_the_reply(store: Store) -> None:
    first = prepare(
        store,
        mail(1, sender="paul@example.org"),
        uid=1,
        reply=reply_to(1, to="paul@example.org"),
        action="send",
    )
    prepare(store, by_form(2, "paul@example.org"), uid=2, reply=reply_to(2, to="paul@example.org"))
    found = replies.of_case(store, first)
    assert found is not None and found.state == "draft"


def test_a_newer_mail_of_the_thread_retires_the_untouched_draft(store: Store) -> None:
    first = draft(store, 1)
    follow_up = mail(2, references=("<client-1@example.org>",))
    ticket = prepare(store, follow_up, uid=2, reply=reply_to(2))
    retired = replies.get(store, first.id)
    assert (retired.state, retired.reason) == ("refused", f"remplacé par le ticket {ticket}")
    assert cases.get(store, first.case.id).superseded_by == ticket


def test_a_newer_mail_never_touches_an_edited_draft_nor_another_thread(store: Store) -> None:
    edited, apart = draft(store, 1), draft(store, 2)
    replies.edit(store, edited.id, "Alice", text="Bonjour Marie", subject="Re", now=NOW)
    prepare(store, mail(3, references=("<client-1@example.org>",)), uid=3, reply=reply_to(3))
    assert replies.get(store, edited.id).state == "draft"
    assert replies.get(store, apart.id).state == "draft"
    assert [event.kind for event in cases.story(store, edited.case.id)] == ["modifie", "nouveau_message"]


def test_two_mails_of_a_customer_in_one_batch_leave_only_the_newer_reply_waiting(store: Store) -> None:
    take_in(store, 1, 2)
    mails.claim(store, "a", 2, NOW, LEASE)
    numbers = cases.save(store, [_prepared(2, "a", "send"), _prepared(1, "a", "send")], NOW, UNDO)
    states = [found.state for number in numbers if (found := replies.of_case(store, number))]
    assert states == ["draft", "approved"]


def test_an_answer_meets_the_clocks_of_the_tickets_it_replaces(store: Store) -> None:
    first = prepare(store, mail(1), uid=1, reply=reply_to(1), clocks=(clock(),))
    follow_up = mail(2, references=("<client-1@example.org>",))
    second = prepare(store, follow_up, uid=2, reply=reply_to(2), clocks=(clock(),))
    third = mail(3, references=("<client-1@example.org>", "<client-2@example.org>"))
    last = prepare(store, third, uid=3, reply=reply_to(3), clocks=(clock(), clock("remboursement")))
    reply = replies.of_case(store, last)
    assert reply is not None
    replies.approve(store, reply.id, "Alice", NOW, UNDO)
    sending = outbox.claim_due(store, "s", NOW + MINUTE, LEASE)
    assert sending is not None
    assert outbox.sent(store, sending.id, "s", NOW + MINUTE)
    assert [one.name for one in running(store)] == ["remboursement"]
    assert [cases.get(store, number).state for number in (first, second, last)] == [
        "closed",
        "closed",
        "open",
    ]


def test_a_reply_that_came_back_opens_its_ticket_again(store: Store) -> None:
    ticket = prepare(store, mail(1), uid=1, action="send", reply=reply_to(1), clocks=(clock(),))
    sending = outbox.claim_due(store, "s", NOW + MINUTE, LEASE)
    assert sending is not None
    outbox.sent(store, sending.id, "s", NOW + MINUTE)
    assert running(store) == []
    bounce = mail(2, sender="mailer-daemon@example.org", bounced_ids=(reply_to(1).message_id,))
    prepare(store, bounce, uid=2, action="human")
    assert cases.get(store, ticket).state == "open"
    assert [one.case_id for one in running(store)] == [ticket]
    assert cases.story(store, ticket)[-1].kind == "non_remis"


def test_the_same_bytes_in_two_mailboxes_get_one_reply(store: Store) -> None:
    draft(store, 1)
    other = prepare(store, mail(1, sender="autre@example.org"), uid=2, reply=reply_to(1))
    assert replies.of_case(store, other) is None
    assert [event.kind for event in cases.story(store, other)] == ["reponse_double"]


def test_a_copy_of_an_answered_mail_is_answered_too(store: Store) -> None:
    prepare(store, mail(1), uid=1, action="send", reply=reply_to(1), clocks=(clock(),))
    sending = outbox.claim_due(store, "s", NOW + MINUTE, LEASE)
    assert sending is not None
    outbox.sent(store, sending.id, "s", NOW + MINUTE)
    copy = prepare(store, mail(1), uid=2, action="human", reply=reply_to(1), clocks=(clock(),))
    assert running(store) == []
    assert cases.get(store, copy).state == "closed"


def test_a_copy_of_a_merged_mail_is_answered_where_that_one_is(store: Store) -> None:
    one, other = draft(store, 1), draft(store, 2)
    merging.merge(store, one.case.id, other.case.id, "Alice", NOW)
    copy = prepare(store, mail(1), uid=3, action="human", reply=reply_to(1), clocks=(clock(),))
    assert cases.get(store, copy).superseded_by == other.case.id
    assert [one.case_id for one in running(store)] == [copy]
    replies.approve(store, other.id, "Alice", NOW, timedelta(0))
    assert outbox.claim_due(store, "s", NOW, LEASE) is not None
    outbox.sent(store, other.id, "s", NOW)
    assert running(store) == []


def test_a_closed_ticket_is_written_down_and_cannot_be_closed_twice(store: Store) -> None:
    number = prepare(store, mail(1), uid=1, clocks=(clock(),))
    cases.close(store, number, "Alice", "répondu par téléphone", NOW)
    assert running(store) == []
    assert cases.story(store, number) == [cases.Event(NOW, "Alice", "clos", "répondu par téléphone")]
    with pytest.raises(Impossible, match="déjà clos"):
        cases.close(store, number, "Bob", "encore", NOW)


def test_history_counts_automatic_replies_by_sender_thread_and_hour(store: Store) -> None:
    draft(store, 1, action="send")
    follow_up = mail(2, references=("<reponse-1@boutique.example>",))
    stranger = mail(3, sender="paul@example.org")
    mine, other = threads.histories(store, [follow_up, stranger], NOW + timedelta(minutes=30))
    assert (mine.earlier_cases, mine.automatic_replies_to_sender, mine.automatic_replies_in_thread) == (
        1,
        1,
        1,
    )
    assert (other.earlier_cases, other.automatic_replies_to_sender, other.automatic_replies_in_thread) == (
        0,
        0,
        0,
    )
    assert mine.automatic_replies_last_hour == other.automatic_replies_last_hour == 1
    (later,) = threads.histories(store, [follow_up], NOW + timedelta(hours=25))
    assert (later.automatic_replies_to_sender, later.automatic_replies_last_hour) == (0, 0)
    assert later.automatic_replies_in_thread == 1


def test_history_knows_the_same_mail_and_the_orders_already_complained_about(store: Store) -> None:
    number = prepare(store, mail(1), uid=1, found=order())
    same, changed = threads.histories(
        store, [mail(1), mail(1, text="autre texte"), ], NOW
    )  # fmt: skip
    assert same.same_message_id_case == number
    assert changed.same_message_id_case is None
    assert same.same_complaint_order_ids == {"FR-1001"}


def test_a_mail_without_sender_or_id_has_no_history(store: Store) -> None:
    import dataclasses

    bare = dataclasses.replace(mail(1, message_id=None), sender=None, reply_to=None)
    number = prepare(store, bare, uid=1)
    prepare(store, dataclasses.replace(bare, digest="autre"), uid=2)
    (found,) = threads.histories(store, [bare], NOW)
    assert found.earlier_cases == 0
    assert cases.get(store, number).thread == "digest:digest-1"


def test_a_thread_leads_to_its_order_by_our_ids_and_by_the_customers(store: Store) -> None:
    prepare(store, mail(1), uid=1, reply=reply_to(1), found=order())
    prepare(store, mail(2), uid=2)
    ids = ["<client-1@example.org>", "<reponse-1@boutique.example>", "<client-2@example.org>", "<x@y>"]
    expected = threads.ThreadOrder("site", "FR-1001", MARIE, verified=True)
    assert threads.thread_orders(store, ids) == dict.fromkeys(ids[:2], expected)


def test_a_ticket_whose_approved_reply_is_about_to_leave_is_not_closed(store: Store) -> None:
    reply = draft(store, clocks=(clock(),))
    replies.approve(store, reply.id, "Alice", NOW, UNDO)
    with pytest.raises(Impossible, match=f"la réponse {reply.id} .* va partir"):
        cases.close(store, reply.case.id, "Alice", "réglé par téléphone", NOW)
    assert len(running(store)) == 1
    replies.take_back(store, reply.id, "Alice", NOW)
    cases.close(store, reply.case.id, "Alice", "réglé par téléphone", NOW)
    assert running(store) == []

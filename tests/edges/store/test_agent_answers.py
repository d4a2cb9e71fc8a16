"""What an agent sends from an ordinary mail program: noted once, tied to its ticket, which is then answered."""

from dataclasses import replace
from datetime import timedelta

from mailbot.edges.store import Store, agent_answers, cases, outbox, replies, sent_mails
from mailbot.edges.store.agent_answers import AGENT, Answer
from mailbot.edges.store.sent_mails import SentKind, SentMail
from mailbot.edges.store.threads import thread_orders
from tests.edges.store.samples import (
    LEASE,
    MARIE,
    MINUTE,
    NOW,
    clock,
    draft,
    mail,
    order,
    prepare,
    reply_to,
    running,
)

LATER = NOW + 5 * MINUTE
MINE = "Bonjour Marie, je m'en occupe aujourd'hui."


def in_sent(
    uid: int = 1,
    *,
    answers: tuple[str, ...] = ("<client-1@example.org>",),
    to: str = MARIE,
    kind: SentKind = "new",
    uidvalidity: int = 3,
) -> SentMail:
    return SentMail(
        account="boutique",
        folder="Sent",
        uidvalidity=uidvalidity,
        uid=uid,
        known_by=f"<poste-{uid}@boutique.example>",
        sent_at=LATER,
        kind=kind,
        recipients=(to,),
        threads=answers,
    )


def entered(store: Store, mail: SentMail) -> int:
    number = sent_mails.note(store, mail, LATER)
    assert number is not None
    return number


def answer(
    store: Store, case_id: int, uid: int = 1, *, from_ours: bool = False, text: str | None = None
) -> bool:
    found = Answer(
        sent_id=entered(store, in_sent(uid)),
        case_id=case_id,
        how="thread",
        subject="Re: Mon colis",
        sent_at=LATER,
        from_ours=from_ours,
        before="Bonjour, votre colis est en route.",
        text=text,
        changed=from_ours and text is not None,
    )
    return agent_answers.answered(store, found, LATER + MINUTE)


def test_a_mail_in_sent_is_noted_once_and_again_only_while_its_ticket_was_not_told(store: Store) -> None:
    first = entered(store, in_sent())
    assert sent_mails.note(store, in_sent(), LATER) == first, "whoever noted it may have died"
    assert sent_mails.unfinished(store, "boutique", "Sent", 3) == [1]
    sent_mails.told(store, first)
    assert sent_mails.note(store, in_sent(), LATER) is None
    assert sent_mails.unfinished(store, "boutique", "Sent", 3) == []
    assert sent_mails.high_water(store, "boutique", "Sent", 3) == 1
    assert sent_mails.high_water(store, "boutique", "Sent", 4) == 0


def test_a_rebuilt_folder_shows_mails_that_are_known(store: Store) -> None:
    entered(store, in_sent())
    assert not sent_mails.is_known(store, in_sent())
    assert sent_mails.is_known(store, in_sent(uidvalidity=4))


def test_our_draft_sent_by_an_agent_is_sent_with_the_text_as_it_left(store: Store) -> None:
    found = draft(store, clocks=(clock(),))
    assert answer(store, found.case.id, from_ours=True, text=MINE)
    after = replies.get(store, found.id)
    assert (after.state, after.reply.text, after.edited, after.version) == ("sent", MINE, True, 2)
    assert (after.approved_by, after.sent_at, after.sent_copy_at) == (AGENT, LATER, LATER + MINUTE)
    assert after.deadlines[0].met_at == LATER
    assert cases.get(store, found.case.id).state == "closed"
    assert cases.story(store, found.case.id)[-1].detail.endswith("depuis sa messagerie, modifié")


def test_an_answer_of_the_agents_own_refuses_what_waits_even_approved(store: Store) -> None:
    found = draft(store, clocks=(clock(),))
    replies.approve(store, found.id, "Alice", NOW, timedelta())
    assert answer(store, found.case.id, text=MINE)
    after = replies.get(store, found.id)
    assert (after.state, after.reason) == ("refused", "un agent a répondu lui-même depuis sa messagerie")
    assert outbox.claim_due(store, "s", LATER + MINUTE, LEASE) is None
    assert running(store) == []


def test_the_same_answer_is_written_down_once_and_does_not_close_a_ticket_that_was_reopened(
    store: Store,
) -> None:
    found = draft(store, clocks=(clock(),))
    assert answer(store, found.case.id)
    replies.redraft(store, found.id, "Alice", LATER)
    assert not answer(store, found.case.id)
    assert replies.get(store, found.id).state == "draft"


def test_earlier_tickets_of_the_thread_are_answered_too_and_later_ones_are_not(store: Store) -> None:
    first = draft(store, 1, clocks=(clock(),))
    replies.edit(store, first.id, "Alice", text="à moi", subject="x", now=NOW)
    refs = ("<client-1@example.org>",)
    second = prepare(store, mail(2, references=refs), uid=2, reply=reply_to(2), clocks=(clock(),))
    third = prepare(store, mail(3, references=refs), uid=3, reply=None, clocks=(clock(),))
    assert answer(store, second)
    states = [one.state for one in replies.list_drafts(store, states=("draft", "refused"))]
    assert states == ["refused", "refused"]
    assert [one.case_id for one in running(store)] == [third]


def test_a_reply_that_had_left_already_is_told_as_a_double(store: Store) -> None:
    found = draft(store, action="send")
    sending = outbox.claim_due(store, "s", NOW + MINUTE, LEASE)
    assert sending is not None and outbox.sent(store, sending.id, "s", NOW + MINUTE)
    assert answer(store, found.case.id)
    assert cases.story(store, found.case.id)[-1].kind == "reponse_en_double"


def test_a_reply_does_not_leave_while_an_answer_in_sent_has_not_been_told(store: Store) -> None:
    number = entered(store, in_sent())
    found = draft(store, action="send", clocks=(clock(),))
    assert outbox.claim_due(store, "s", LATER, LEASE) is None
    assert sent_mails.unsettled(store) == [], "its mail is being worked on"
    sent_mails.told(store, number)
    ((sent_id, sent, target),) = sent_mails.unsettled(store)
    assert (sent_id, sent.recipients, target.case_id) == (number, (MARIE,), found.case.id)
    beside = Answer(sent_id=number, case_id=found.case.id, how="thread", subject="", sent_at=LATER)
    assert agent_answers.beside(store, beside, "pas au client", LATER)
    assert not agent_answers.beside(store, beside, "pas au client", LATER)
    assert sent_mails.unsettled(store) == []
    assert outbox.claim_due(store, "s", LATER, LEASE) is not None


def test_an_answer_from_another_mailbox_is_told_to_a_ticket_of_the_same_mail(store: Store) -> None:
    """The customer wrote to two of our addresses; an agent answered from the one, the other must not wait for ever."""
    number = entered(store, replace(in_sent(), account="contact"))
    sent_mails.told(store, number)
    found = draft(store, clocks=(clock(),))
    ((sent_id, _, target),) = sent_mails.unsettled(store)
    assert (sent_id, target.case_id) == (number, found.case.id)


def test_a_copy_of_ours_in_sent_says_that_it_left(store: Store) -> None:
    found = draft(store, clocks=(clock(),))
    replies.approve(store, found.id, "Alice", NOW, timedelta())
    assert sent_mails.our_reply(store, reply_to(1).message_id) == found.id
    assert agent_answers.was_ours(store, found.id, LATER, LATER)
    assert not agent_answers.was_ours(store, found.id, LATER, LATER)
    assert replies.get(store, found.id).state == "sent" and running(store) == []


def test_tickets_are_found_by_thread_the_nearest_first_and_by_writer_while_they_are_open(
    store: Store,
) -> None:
    first, second = draft(store, 1).case.id, prepare(store, mail(2), uid=2)
    refs = ("<client-2@example.org>", reply_to(1).message_id, "<inconnu@example.org>")
    assert [one.case_id for one in sent_mails.by_thread(store, "boutique", refs)] == [second, first]
    assert sent_mails.by_thread(store, "autre", refs) == []
    assert [one.case_id for one in sent_mails.by_ticket(store, "boutique", first)] == [first]
    assert [one.case_id for one in sent_mails.by_writer(store, "boutique", [MARIE], LATER)] == [second, first]
    cases.close(store, second, "Alice", "vu au téléphone", NOW)
    assert [one.case_id for one in sent_mails.by_writer(store, "boutique", [MARIE], LATER)] == [first]
    assert sent_mails.by_writer(store, "boutique", [MARIE], NOW - timedelta(days=9)) == []


def test_the_customer_who_answers_an_agents_mail_is_in_the_same_thread_and_order(store: Store) -> None:
    ticket = prepare(store, mail(1), uid=1, found=order())
    answer(store, ticket)
    (found,) = thread_orders(store, ["<poste-1@boutique.example>"]).values()
    assert found.order_id == "FR-1001"
    next_one = prepare(store, mail(7, references=("<poste-1@boutique.example>",)), uid=7)
    assert cases.get(store, next_one).thread == cases.get(store, ticket).thread

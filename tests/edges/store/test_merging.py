"""Two cases merged into one, and taken apart again, on both databases; never while somebody answers one of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from mailbot.edges.store import (
    Store,
    cases,
    deadlines,
    mailbox_drafts,
    merging,
    outbox,
    queue,
    redraw,
    reopen,
    replies,
    retention,
    schema,
    search,
    thread_view,
    tickets,
)
from mailbot.edges.store.conflicts import AlreadyHandled, ChangedSince, Impossible
from mailbot.edges.store.merging import OtherCustomer
from mailbot.edges.store.queue import Wanted
from mailbot.errors import StoreError
from mailbot.model import Mail
from tests.edges.store.at_once import together
from tests.edges.store.pairs import SOON, runs_on, send, two
from tests.edges.store.samples import (
    LEASE,
    MARIE,
    NOW,
    UNDO,
    clock,
    mail,
    prepare,
    reply_to,
)


def test_a_merged_case_leaves_the_queue_and_its_clocks_run_on_where_it_is_answered(store: Store) -> None:
    one, other = two(store)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    assert runs_on(store, one.case.id) == [
        ("reponse", other.case.id), ("reponse", None), ("enquete", other.case.id), ("remboursement", None),
    ]  # fmt: skip
    (item,) = queue.page(store, Wanted(), NOW)
    assert (item.case_id, item.due_at) == (one.case.id, NOW + SOON)
    assert {alarm.deadline.case_id for alarm in deadlines.due_alarms(store, NOW + timedelta(hours=2))} == {
        one.case.id
    }
    gone = replies.get(store, other.id)
    assert (gone.state, gone.reason) == ("refused", f"fusionné dans le ticket {one.case.id}")
    assert gone.case.state == "closed"
    assert gone.actor == "mailbot"
    assert [event.kind for event in cases.story(store, one.case.id)] == ["fusion"]
    assert cases.story(store, other.case.id)[-1].actor == "Alice"


def test_one_answer_meets_the_answer_clocks_of_both_and_no_other(store: Store) -> None:
    one, other = two(store)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    send(store, one.id)
    assert runs_on(store, one.case.id) == [("enquete", other.case.id), ("remboursement", None)]
    assert outbox.claim_due(store, "ouvrier", NOW + timedelta(days=1), LEASE) is None
    assert cases.get(store, one.case.id).state == "open"


def test_the_merged_mail_stands_in_the_thread_and_is_found(store: Store) -> None:
    one, other = two(store)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    (beside,) = thread_view.others(store, cases.get(store, one.case.id), None)
    assert (beside.case_id, beside.same_thread) == (other.case.id, True)
    assert search.find_cases(store, "facture") == [other.case.id]
    assert [found.case_id for found in merging.inside(store, one.case.id)] == [other.case.id]
    answer = prepare(store, mail(3, references=("<client-2@example.org>",)), uid=3, reply=reply_to(3))
    assert cases.get(store, answer).thread == cases.get(store, one.case.id).thread


def test_taking_a_merge_back_restores_clocks_draft_place_and_thread(store: Store) -> None:
    one, other = two(store)
    before = cases.get(store, other.case.id)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    assert merging.unmerge(store, other.case.id, "Bruno", NOW) == one.case.id
    assert cases.get(store, other.case.id) == before
    assert replies.get(store, other.id).state == "draft"
    assert runs_on(store, other.case.id) == [("reponse", None), ("enquete", None)]
    assert runs_on(store, one.case.id) == [("reponse", None), ("remboursement", None)]
    assert [item.case_id for item in queue.page(store, Wanted(), NOW)] == [other.case.id, one.case.id]
    assert [event.kind for event in cases.story(store, other.case.id)] == ["fusionne", "separe"]
    with pytest.raises(Impossible, match="n'est pas fusionné"):
        merging.unmerge(store, other.case.id, "Bruno", NOW)


def test_a_merge_is_not_taken_back_once_the_common_answer_leaves(store: Store) -> None:
    one, other = two(store)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    replies.approve(store, one.id, "Alice", NOW, UNDO)
    with pytest.raises(AlreadyHandled, match="réponse commune"):
        merging.unmerge(store, other.case.id, "Bruno", NOW)
    assert merging.of_case(store, other.case.id) is not None


def test_three_cases_merged_in_a_row_come_apart_in_any_order(store: Store) -> None:
    one, other = two(store)
    third = prepare(store, mail(3), uid=3, reply=reply_to(3), clocks=(clock("relance"),))
    merging.merge(store, third, other.case.id, "Alice", NOW)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    assert len(runs_on(store, one.case.id)) == 5
    assert [found.case_id for found in merging.inside(store, one.case.id)] == [other.case.id, third]
    merging.unmerge(store, other.case.id, "Alice", NOW)
    assert runs_on(store, other.case.id) == [("reponse", None), ("relance", third), ("enquete", None)]
    assert cases.get(store, third).superseded_by == other.case.id
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    merging.unmerge(store, third, "Alice", NOW)
    assert runs_on(store, third) == [("relance", None)]
    assert cases.get(store, third).superseded_by is None


def test_another_customers_case_is_merged_only_when_somebody_says_so(store: Store) -> None:
    one, other = two(store, sender="paul@example.org")
    thread = cases.get(store, other.case.id).thread
    with pytest.raises(OtherCustomer, match="ne sont pas du même client"):
        merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW, confirmed=True)
    found = merging.of_case(store, other.case.id)
    assert found is not None
    assert found.confirmed
    assert cases.get(store, other.case.id).thread == thread
    assert "paul@example.org" in cases.story(store, one.case.id)[-1].detail
    assert replies.get(store, one.id).reply.to.addr == MARIE


@pytest.mark.parametrize("state", ["approved", "sending", "uncertain"])
def test_nothing_is_merged_while_one_of_the_answers_leaves(store: Store, state: str) -> None:
    one, other = two(store, sender="paul@example.org")
    replies.approve(store, one.id, "Alice", NOW, timedelta(0))
    if state != "approved":
        outbox.claim_due(store, "ouvrier", NOW, LEASE)
    if state == "uncertain":
        outbox.uncertain(store, one.id, "ouvrier", NOW, "coupé")
    for case_id, into in ((one.case.id, other.case.id), (other.case.id, one.case.id)):
        with pytest.raises(AlreadyHandled, match="peut-être partie"):
            merging.merge(store, case_id, into, "Bruno", NOW, confirmed=True)


def test_an_answered_case_joins_the_open_one_and_not_the_other_way_round(store: Store) -> None:
    one, other = two(store)
    merging_now = NOW + timedelta(minutes=1)
    send(store, one.id)
    with pytest.raises(Impossible, match=f"dans le ticket {other.case.id}"):
        merging.merge(store, other.case.id, one.case.id, "Alice", merging_now)
    merging.merge(store, one.case.id, other.case.id, "Alice", merging_now)
    assert replies.get(store, one.id).state == "sent"
    assert runs_on(store, other.case.id) == [
        ("reponse", None),
        ("enquete", None),
        ("remboursement", one.case.id),
    ]


def test_what_cannot_be_merged_is_said(store: Store) -> None:
    one, other = two(store)
    third = prepare(store, mail(3), uid=3, reply=reply_to(3))
    with pytest.raises(Impossible, match="avec lui-même"):
        merging.merge(store, third, third, "Alice", NOW)
    with pytest.raises(Impossible, match="le ticket 99 n'existe pas"):
        merging.merge(store, third, 99, "Alice", NOW)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    with pytest.raises(AlreadyHandled, match="déjà laissé la place"):
        merging.merge(store, other.case.id, third, "Alice", NOW)
    with pytest.raises(Impossible, match="fusionnez dans celui-là"):
        merging.merge(store, third, other.case.id, "Alice", NOW)
    cases.close(store, one.case.id, "Alice", "par téléphone", NOW)
    with pytest.raises(Impossible, match="est clos"):
        merging.merge(store, third, one.case.id, "Alice", NOW)


def test_a_merged_case_gets_no_answer_of_its_own_again(store: Store) -> None:
    one, other = two(store)
    bare = prepare(store, mail(4), uid=4, action="human")
    for number in (other.case.id, bare):
        merging.merge(store, number, one.case.id, "Alice", NOW)
    tries: tuple[Callable[[], object], ...] = (
        lambda: replies.approve(store, other.id, "Bruno", NOW, UNDO),
        lambda: replies.redraft(store, other.id, "Bruno", NOW),
        lambda: redraw.put(store, other.case.id, reply_to(2), "Bruno", NOW, expected_version=1),
        lambda: redraw.put(store, bare, reply_to(4), "Bruno", NOW, expected_version=0),
        lambda: tickets.reopen(store, other.case.id, [clock()], "Bruno", NOW),
    )
    for attempt in tries:
        with pytest.raises(StoreError):
            attempt()
    assert replies.get(store, other.id).state == "refused"
    assert replies.of_case(store, bare) is None


def test_whoever_read_the_draft_before_the_merge_must_read_again(store: Store) -> None:
    one, other = two(store)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    with pytest.raises(ChangedSince, match="Alice l'a modifiée"):
        replies.approve(store, one.id, "Bruno", NOW, UNDO, expected_version=one.version)


def test_the_merged_draft_is_taken_out_of_the_agents_mailbox(store: Store) -> None:
    one, other = two(store)
    for reply in (one, other):
        mailbox_drafts.plan(
            store, reply, token=f"t{reply.id}", message_id=f"<b{reply.id}@x>", folder="Drafts", uidvalidity=1,
            floor=1, now=NOW,
        )  # fmt: skip
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    states = {copy.case_id: copy.reply_state for copy in mailbox_drafts.live(store, "boutique")}
    assert states == {one.case.id: "draft", other.case.id: "refused"}


def test_a_filed_mail_is_not_judged_again_while_it_is_merged(store: Store) -> None:
    one, _other = two(store)
    filed, elsewhere = (prepare(store, mail(uid), uid=uid, action="ignore") for uid in (5, 6))
    tickets.reopen(store, filed, [clock()], "Alice", NOW)
    merging.merge(store, elsewhere, one.case.id, "Alice", NOW)
    with pytest.raises(Impossible, match=f"fusionné dans le ticket {one.case.id}"):
        reopen.reopen(store, cases.get(store, elsewhere).mail_id)
    merging.unmerge(store, elsewhere, "Alice", NOW)
    merging.merge(store, one.case.id, filed, "Alice", NOW)
    with pytest.raises(Impossible, match="répond aussi pour d'autres"):
        reopen.reopen(store, cases.get(store, filed).mail_id)
    assert ("reponse", one.case.id) in runs_on(store, filed)


def test_what_was_merged_into_a_forgotten_case_may_be_taken_up_again(store: Store) -> None:
    one, other = two(store)
    merging.merge(store, other.case.id, one.case.id, "Alice", NOW)
    cases.close(store, one.case.id, "Alice", "par téléphone", NOW)
    with store.write() as conn:  # made later than the one that answered for it
        later = {"created_at": NOW + timedelta(days=2)}
        conn.execute(schema.cases.update().where(schema.cases.c.id == other.case.id).values(later))
    assert retention.purge(store, raw_before=NOW, cases_before=NOW + timedelta(days=1)).cases == 1
    tickets.reopen(store, other.case.id, [clock()], "Alice", NOW)
    assert [item.case_id for item in queue.page(store, Wanted(), NOW)] == [other.case.id]


@pytest.mark.parametrize("whose", ["one", "other"])
def test_a_merge_and_an_approval_at_the_same_time_never_both_happen(store: Store, whose: str) -> None:
    for turn in range(6):
        sender = f"client{turn}@example.org"
        pair = [_of(store, mail(10 * turn + number, sender=sender), sender) for number in (1, 2)]
        approved = pair[0] if whose == "one" else pair[1]
        said = together(
            lambda: merging.merge(store, pair[1].case.id, pair[0].case.id, "Alice", NOW),  # noqa: B023
            lambda: replies.approve(store, approved.id, "Bruno", NOW, UNDO, expected_version=1),  # noqa: B023
        )
        assert sorted(map(bool, said)) == [False, True], said
        merged = merging.of_case(store, pair[1].case.id) is not None
        assert (replies.get(store, approved.id).state == "approved") is not merged


def _of(store: Store, one: Mail, sender: str) -> replies.StoredReply:
    number = int(one.digest.rpartition("-")[2])
    case_id = prepare(store, one, uid=number, reply=reply_to(number, to=sender), clocks=(clock(),))
    found = replies.of_case(store, case_id)
    assert found is not None
    return found


def test_two_agents_who_merge_two_cases_into_each_other_do_it_once(store: Store) -> None:
    for turn in range(6):
        sender = f"client{turn}@example.org"
        one, other = (
            _of(store, mail(10 * turn + number, sender=sender), sender).case.id for number in (1, 2)
        )
        said = together(
            lambda: merging.merge(store, one, other, "Alice", NOW),  # noqa: B023
            lambda: merging.merge(store, other, one, "Bruno", NOW),  # noqa: B023
        )
        assert sorted(map(bool, said)) == [False, True], said
        assert len([number for number in (one, other) if merging.of_case(store, number)]) == 1

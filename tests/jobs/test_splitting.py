"""One mail with two matters becomes two cases, each answered once, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.edges.store import (
    Store,
    agent_answers,
    cases,
    deadlines,
    desk,
    mails,
    merging,
    outbox,
    past,
    replies,
    retention,
    sent_mails,
    splitting,
    status,
)
from mailbot.edges.store.agent_answers import Answer
from mailbot.edges.store.conflicts import AlreadyHandled, Impossible
from mailbot.edges.store.schema import deadlines as clocks
from mailbot.edges.store.sent_mails import SentMail
from mailbot.jobs import corrections, rewrite, sent_watch
from mailbot.jobs.prepare import Desk
from mailbot.jobs.splitting import Matter, split
from mailbot.jobs.workplace import Workplace
from mailbot.steps.trained import Model
from tests.edges.store.at_once import together
from tests.edges.store.samples import LEASE, MARIE, NOW, UNDO
from tests.jobs.places import marie_judged
from tests.steps.classifier import model

__all__ = ["model"]
LATER = NOW + timedelta(hours=1)
ORDERS = f"""order_id,channel,placed_at,customer_email,status
FR-1001,site,2026-11-02T10:00:00+01:00,{MARIE},shipped
FR-1002,site,2026-11-03T10:00:00+01:00,{MARIE},shipped
FR-1003,site,2026-11-03T10:00:00+01:00,paul@example.org,shipped
"""


@pytest.fixture
def place(store: Store, model: Model, tmp_path: Path) -> Workplace:
    """One mail of Marie, judged: two requests in one mail."""
    body = (
        "Bonjour, je n'ai toujours pas recu mon colis, commande FR-1001. "
        "Il me faut aussi la facture de la commande FR-1002."
    )
    found = marie_judged(store, model, tmp_path, ORDERS, body)
    number = replies.list_drafts(store)[0].case.id
    both = corrections.Wanted(intents=("colis_non_recu", "facture"), order_id="FR-1001")
    corrections.correct(Desk.of(found.line, store), number, both, "Léa", NOW)
    return found


def _first(place: Workplace) -> replies.StoredReply:
    return min(replies.list_drafts(place.store, states=("draft", "sent", "refused")), key=lambda one: one.id)


def _split(place: Workplace, matter: Matter | None = None) -> splitting.Done:
    wanted = matter or Matter(intents=("facture",), order_id="FR-1002")
    return split(Desk.of(place.line, place.store), _first(place).case.id, wanted, "Léa", LATER)


def _draft(place: Workplace, case_id: int) -> replies.StoredReply:
    found = replies.of_case(place.store, case_id)
    assert found is not None
    return found


def test_each_matter_has_its_situation_order_draft_and_key(place: Workplace) -> None:
    before = _first(place)
    done = _split(place)
    old, new = _draft(place, before.case.id), _draft(place, done.case_id)
    assert (old.case.verdict.requests, old.case.order_id) == (("colis_non_recu",), "FR-1001")
    assert (new.case.verdict.requests, new.case.order_id) == (("facture",), "FR-1002")
    assert old.case.decision.situation != new.case.decision.situation
    assert new.reply.text != old.reply.text
    assert new.reply.message_id == old.reply.message_id.replace("@", ".2@")
    assert (new.reply.in_reply_to, new.reply.references) == (old.reply.in_reply_to, old.reply.references)
    assert (new.case.split_from, new.case.part, new.case.thread) == (old.case.id, 2, old.case.thread)
    assert (new.case.text, new.case.received_at) == (old.case.text, old.case.received_at)
    assert done.rest is not None
    assert done.rest.draft == "replaced"


def test_both_answers_leave_each_once(place: Workplace) -> None:
    store, done = place.store, _split(place)
    old = _first(place)
    for number in (old.id, _draft(place, done.case_id).id):
        replies.approve(store, number, "Léa", LATER, timedelta(0))
    left = [outbox.claim_due(store, "ouvrier", LATER, LEASE) for _ in range(3)]
    assert sorted(one.id for one in left if one) == [old.id, _draft(place, done.case_id).id]
    assert left[2] is None
    assert outbox.sent(store, old.id, "ouvrier", LATER)
    assert not [one for one in _clocks(place, old.case.id) if one.name == "reponse" and one.met_at is None]
    assert [one for one in _clocks(place, done.case_id) if one.name == "reponse" and one.met_at is None]


def _clocks(place: Workplace, case_id: int) -> tuple[deadlines.StoredDeadline, ...]:
    return deadlines.of_cases(place.store, [case_id])[case_id]


def test_no_clock_ends_by_a_split(place: Workplace) -> None:
    number = _first(place).case.id
    before = {(one.name, one.due_at) for one in _clocks(place, number)}
    with place.store.write() as conn:
        conn.execute(clocks.update().values(name="promesse", warned_24_at=NOW).where(
            clocks.c.id == _clocks(place, number)[-1].id))  # fmt: skip
    done = _split(place)
    after = {one.name for case in (number, done.case_id) for one in _clocks(place, case)}
    assert after >= {"promesse", "reponse"}
    assert {one.due_at for one in _clocks(place, number)} >= {max(due for _, due in before)}


def test_where_it_came_from_is_noted_on_both(place: Workplace) -> None:
    done = _split(place)
    number = _first(place).case.id
    assert [note.text for note in desk.notes_of(place.store, done.case_id)] == [
        f"Ticket issu du ticket {number}, dont le mail porte deux demandes."
    ]
    assert (
        cases.story(place.store, number)[-1].detail
        == f"scindé : l'autre demande est le ticket {done.case_id}"
    )
    assert splitting.parts(place.store, number) == [done.case_id]
    assert splitting.parts(place.store, done.case_id) == [number]


def test_a_third_matter_is_part_three(place: Workplace) -> None:
    first = _split(place)
    again = split(Desk.of(place.line, place.store), first.case_id, Matter(order_id="FR-1001"), "Léa", LATER)
    third = _draft(place, again.case_id)
    assert (third.case.part, third.case.split_from) == (3, _first(place).case.id)
    assert third.reply.message_id.count(".3@") == 1
    assert again.rest is None
    assert splitting.parts(place.store, first.case_id) == [_first(place).case.id, again.case_id]


def test_the_number_of_a_part_is_not_given_again_when_its_case_is_forgotten(place: Workplace) -> None:
    first = _split(place)
    second = split(Desk.of(place.line, place.store), first.case_id, Matter(order_id="FR-1001"), "Léa", LATER)
    cases.close(place.store, second.case_id, "Léa", "réglé au téléphone", LATER)
    report = retention.purge(
        place.store, raw_before=NOW - timedelta(days=1), cases_before=LATER + timedelta(days=1)
    )
    assert report.cases == 1
    for one in (_first(place).case.id, first.case_id):
        assert splitting.next_part(place.store, one) == 4
    again = split(Desk.of(place.line, place.store), first.case_id, Matter(order_id="FR-1001"), "Léa", LATER)
    assert cases.get(place.store, again.case_id).part == 4


def test_a_mail_that_was_split_is_counted_once(place: Workplace) -> None:
    _split(place)
    assert mails.count_by_state(place.store)["prepared"] == 1
    assert status.status(place.store, LATER).mails["prepared"] == 1


def test_the_key_stays_when_the_part_is_corrected_or_gets_another_letter(place: Workplace) -> None:
    done = _split(place)
    new = _draft(place, done.case_id)
    corrections.correct(
        Desk.of(place.line, place.store),
        done.case_id,
        corrections.Wanted(intents=("question",)),
        "Léa",
        LATER,
    )
    assert rewrite.letter(place, done.case_id, rewrite.FREE, LATER).message_id == new.reply.message_id
    assert _draft(place, done.case_id).reply.message_id == new.reply.message_id


def test_what_was_rewritten_by_hand_is_kept(place: Workplace) -> None:
    before = _first(place)
    replies.edit(place.store, before.id, "Léa", text="Bonjour, à nous deux.", subject="Re: x", now=NOW)
    done = _split(place)
    assert done.rest is not None
    assert done.rest.draft == "kept_edited"
    assert _first(place).reply.text == "Bonjour, à nous deux."


def test_what_was_forgotten_in_an_answer_gets_its_own_case(place: Workplace) -> None:
    store, before = place.store, _first(place)
    replies.approve(store, before.id, "Léa", NOW, timedelta(0))
    outbox.claim_due(store, "ouvrier", NOW, LEASE)
    outbox.sent(store, before.id, "ouvrier", NOW)
    done = _split(place)
    assert done.rest is None
    assert _draft(place, done.case_id).state == "draft"
    assert replies.get(store, before.id).state == "sent"


@pytest.mark.parametrize(
    ("matter", "why"),
    [
        (Matter(), "dites ce que"),
        (Matter(intents=("colis_non_recu", "facture")), "il ne resterait rien"),
        (Matter(order_id="FR-9"), "n'est pas parmi"),
        (Matter(intents=("inconnue",)), "« inconnue » inconnue"),
    ],
)
def test_a_split_that_parts_nothing_is_refused(place: Workplace, matter: Matter, why: str) -> None:
    with pytest.raises(Impossible, match=why):
        _split(place, matter)
    assert splitting.parts(place.store, _first(place).case.id) == []


def test_nothing_is_split_while_its_answer_leaves_or_has_changed(place: Workplace) -> None:
    store, before = place.store, _first(place)
    with pytest.raises(AlreadyHandled, match="changer la réponse"):
        split(Desk.of(place.line, store), before.case.id, Matter(intents=("facture",)), "Léa", LATER,
              expected_version=before.version - 1)  # fmt: skip
    replies.approve(store, before.id, "Léa", NOW, UNDO)
    with pytest.raises(AlreadyHandled, match="Annulez-la"):
        split(Desk.of(place.line, store), before.case.id, Matter(intents=("facture",)), "Léa", LATER)


def test_another_customers_order_is_not_told_in_the_new_letter(place: Workplace) -> None:
    done = _split(place, Matter(intents=("facture",), order_id="FR-1003"))
    new = _draft(place, done.case_id)
    assert new.case.match.identity == "unverified"
    assert "paul" not in new.reply.text


def test_parts_merged_again_are_answered_once(place: Workplace) -> None:
    done = _split(place)
    number = _first(place).case.id
    merging.merge(place.store, done.case_id, number, "Léa", LATER)
    assert _draft(place, done.case_id).state == "refused"
    assert [one.case_id for one in merging.inside(place.store, number)] == [done.case_id]


def test_mails_are_replayed_and_exported_once(place: Workplace) -> None:
    _split(place)
    assert past.count(place.store, None) == 1
    assert len(list(mails.export(place.store))) == 1


def test_an_agents_own_answer_to_the_mail_settles_neither_part_by_guess(place: Workplace) -> None:
    store, done = place.store, _split(place)
    number = _first(place).case.id
    sent = SentMail(
        account="boutique", folder="Sent", uidvalidity=1, uid=1, known_by="<main@x>", sent_at=LATER, kind="new",
        recipients=(MARIE,), threads=("<a@example.org>",),
    )  # fmt: skip
    entered = sent_mails.note(store, sent, LATER)
    assert entered is not None
    sent_mails.told(store, entered)
    sent_watch.settle(place, lambda: LATER)
    for case_id in (number, done.case_id):
        assert cases.get(store, case_id).state == "open"
        assert "dites lequel est réglé" in cases.story(store, case_id)[-1].detail


def test_an_answer_made_from_the_draft_of_one_part_leaves_the_other_open(place: Workplace) -> None:
    store, done = place.store, _split(place)
    number = _first(place).case.id
    sent = SentMail(
        account="boutique", folder="Sent", uidvalidity=1, uid=1, known_by="<main@x>", sent_at=LATER, kind="new",
        recipients=(MARIE,),
    )  # fmt: skip
    entered = sent_mails.note(store, sent, LATER)
    assert entered is not None
    answer = Answer(
        sent_id=entered, case_id=done.case_id, how="draft", subject="Re: x", sent_at=LATER, from_ours=True
    )
    agent_answers.answered(store, answer, LATER)
    assert _draft(place, done.case_id).state == "sent"
    assert _draft(place, number).state == "draft"
    assert [one for one in _clocks(place, number) if one.name == "reponse" and one.met_at is None]


def test_a_matter_split_off_an_answered_mail_is_not_answered_by_the_past(place: Workplace) -> None:
    store, number = place.store, _first(place).case.id
    sent = SentMail(
        account="boutique", folder="Sent", uidvalidity=1, uid=1, known_by="<main@x>", sent_at=NOW, kind="new",
        recipients=(MARIE,), threads=("<a@example.org>",),
    )  # fmt: skip
    entered = sent_mails.note(store, sent, NOW)
    assert entered is not None
    sent_mails.told(store, entered)
    sent_watch.settle(place, lambda: NOW)
    assert _draft(place, number).state == "refused"
    done = _split(place)
    sent_watch.settle(place, lambda: LATER)
    assert _draft(place, done.case_id).state == "draft"
    replies.approve(store, _draft(place, done.case_id).id, "Léa", LATER, timedelta(0))
    assert outbox.claim_due(store, "ouvrier", LATER, LEASE) is not None


def test_two_agents_who_split_one_mail_at_the_same_time_make_one_case(place: Workplace) -> None:
    number, desk_now = _first(place).case.id, Desk.of(place.line, place.store)
    invoice = Matter(intents=("facture",))
    said = together(
        lambda: split(desk_now, number, invoice, "Léa", LATER),
        lambda: split(desk_now, number, invoice, "Paul", LATER),
    )
    assert sorted(map(bool, said)) == [False, True], said
    assert len(splitting.parts(place.store, number)) == 1

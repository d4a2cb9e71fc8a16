"""An agent corrects what was understood: the draft follows, what left does not, and the correction is kept."""

from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.edges.store import Store, cases, deadlines, learning, replies
from mailbot.edges.store.conflicts import Impossible
from mailbot.jobs.corrections import Wanted, correct
from mailbot.jobs.prepare import Desk
from mailbot.steps.trained import Model
from tests.edges.store.samples import MARIE, NOW, UNDO
from tests.jobs.places import marie_judged
from tests.steps.classifier import model

__all__ = ["model"]
LATER = NOW + timedelta(hours=1)
ORDERS = f"""order_id,channel,placed_at,customer_email,status
FR-1001,site,2026-11-02T10:00:00+01:00,{MARIE},shipped
FR-1002,site,2026-11-03T10:00:00+01:00,paul@example.org,shipped
"""


@pytest.fixture
def desk(store: Store, model: Model, tmp_path: Path) -> Desk:
    """One mail of Marie, judged: a late parcel with a draft."""
    body = "Bonjour, je n'ai toujours pas recu mon colis, commande FR-1001."
    place = marie_judged(store, model, tmp_path, ORDERS, body)
    return Desk.of(place.line, store)


def first(desk: Desk) -> replies.StoredReply:
    (reply,) = replies.list_drafts(desk.store, states=("draft", "approved", "sent", "refused"))
    return reply


def test_the_draft_follows_the_corrected_intent(desk: Desk) -> None:
    before = first(desk)
    assert before.case.verdict.requests[0] == "colis_non_recu"
    done = correct(desk, before.case.id, Wanted(intents=("facture",)), "Léa", LATER)
    after = first(desk)
    assert (done.draft, done.reply_id) == ("replaced", before.id)
    assert (
        after.case.verdict.requests == ("facture",)
        and after.case.decision.situation != before.case.decision.situation
    )
    assert after.reply.text != before.reply.text and after.reply.message_id == before.reply.message_id
    assert (after.state, after.version, after.edited) == ("draft", before.version + 1, False)
    assert cases.story(desk.store, before.case.id)[-1].detail.startswith("compris comme colis_non_recu")


def test_the_correction_is_kept_for_learning_until_it_is_used(desk: Desk) -> None:
    number = first(desk).case.id
    correct(desk, number, Wanted(intents=("facture", "question"), remedy="facture"), "Léa", LATER)
    (kept,) = learning.list_corrections(desk.store, unused=True)
    assert (kept.intents_before, kept.intents) == (("colis_non_recu",), ("facture", "question"))
    assert (kept.remedy, kept.actor, "FR-1001" in kept.text) == ("facture", "Léa", True)
    learning.mark_used(desk.store, [kept.id])
    assert learning.list_corrections(desk.store, unused=True) == []
    correct(desk, number, Wanted(intents=("remboursement",)), "Paul", LATER)
    (last,) = learning.list_corrections(desk.store)
    assert (last.intents_before, last.intents, last.used) == (
        ("facture", "question"),
        ("remboursement",),
        False,
    )
    assert len(learning.of_case(desk.store, number)) == 2


def test_only_the_remedy_is_corrected_and_the_rest_stays(desk: Desk) -> None:
    number = first(desk).case.id
    correct(desk, number, Wanted(remedy="annulation"), "Léa", LATER)
    verdict = cases.get(desk.store, number).verdict
    assert (verdict.requests, verdict.remedy, verdict.remedy_score) == (
        ("colis_non_recu",),
        "annulation",
        1.0,
    )


def test_an_order_an_agent_names_is_taken_but_does_not_make_the_writer_its_customer(desk: Desk) -> None:
    number = first(desk).case.id
    correct(desk, number, Wanted(order_id="FR-1002"), "Léa", LATER)
    case = cases.get(desk.store, number)
    assert (case.order_id, case.match.method, case.match.identity) == ("FR-1002", "agent", "unverified")
    correct(desk, number, Wanted(intents=("facture",)), "Léa", LATER)
    assert cases.get(desk.store, number).order_id == "FR-1002"
    correct(desk, number, Wanted(order_id="FR-1001"), "Léa", LATER)
    assert cases.get(desk.store, number).match.identity == "verified"


def test_a_rewritten_draft_and_a_reply_that_left_are_never_replaced(desk: Desk) -> None:
    reply = first(desk)
    replies.edit(desk.store, reply.id, "Paul", text="À la main", subject="Objet", now=LATER)
    assert correct(desk, reply.case.id, Wanted(intents=("facture",)), "Léa", LATER).draft == "kept_edited"
    assert first(desk).reply.text == "À la main"


def test_an_approved_reply_becomes_a_draft_again(desk: Desk) -> None:
    reply = first(desk)
    if reply.reply.missing or reply.reply.blocked:
        replies.edit(
            desk.store, reply.id, "Paul", text="Bonjour", subject="Objet", now=NOW, missing=(), blocked=()
        )
    replies.approve(desk.store, reply.id, "Paul", NOW, UNDO)
    correct(desk, reply.case.id, Wanted(intents=("facture",)), "Léa", LATER)
    assert first(desk).state == "draft"


def test_clocks_that_stay_keep_their_row_and_the_others_are_replaced(desk: Desk) -> None:
    number = first(desk).case.id
    before = {clock.id: clock for clock in deadlines.of_cases(desk.store, [number])[number]}
    correct(desk, number, Wanted(remedy="annulation"), "Léa", NOW)
    after = {clock.id: clock for clock in deadlines.of_cases(desk.store, [number])[number]}
    assert set(before) & set(after)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(), "rien à corriger"),
        (Wanted(intents=("colis",)), "intention « colis » inconnue"),
        (Wanted(remedy="rien"), "demande « rien » inconnue"),
        (Wanted(order_id="FR-9999"), "FR-9999"),
    ],
)
def test_what_does_not_exist_is_refused(desk: Desk, wanted: Wanted, message: str) -> None:
    with pytest.raises(Impossible, match=message):
        correct(desk, first(desk).case.id, wanted, "Léa", LATER)
    assert learning.list_corrections(desk.store) == []

"""What people do to replies: every move is checked, counted, written down, and explained when refused."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mailbot.edges.store import Store, cases, replies
from mailbot.edges.store.conflicts import AlreadyHandled, ChangedSince, Impossible, NotSendable
from mailbot.edges.store.moves import move
from mailbot.edges.store.schema import replies as table
from mailbot.model import REPLY_MOVES, ReplyState
from tests.edges.store.samples import MINUTE, NOW, UNDO, clock, draft, mail, prepare, reply_to

STATES: tuple[ReplyState, ...] = tuple(REPLY_MOVES)


def put(store: Store, reply_id: int, state: ReplyState) -> None:
    """Set a state without asking the table of moves."""
    with store.write() as conn:
        conn.execute(table.update().where(table.c.id == reply_id).values(state=state))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actual=st.sampled_from(STATES),
    sources=st.lists(st.sampled_from(STATES), min_size=1, max_size=3, unique=True),
    target=st.sampled_from(STATES),
)
def test_only_moves_of_the_table_happen_and_only_from_the_state_given(
    store: Store, actual: ReplyState, sources: list[ReplyState], target: ReplyState
) -> None:
    with store.read() as conn:
        number = conn.execute(select(table.c.id)).scalar() or 0
    number = number or draft(store).id
    put(store, number, actual)
    allowed = all(target in REPLY_MOVES[source] for source in sources)
    with store.write() as conn:
        if allowed:
            assert move(conn, number, sources, target, actor="x", now=NOW) == (actual in sources)
        else:
            with pytest.raises(ValueError, match="no move from"):
                move(conn, number, sources, target, actor="x", now=NOW)
    expected = target if allowed and actual in sources else actual
    assert replies.get(store, number).state == expected


def test_drafts_are_listed_by_their_soonest_clock_and_filtered(store: Store) -> None:
    late = draft(store, 1, clocks=(clock(due=timedelta(days=5)),))
    soon = draft(store, 2, clocks=(clock("a", due=timedelta(days=9)), clock(due=timedelta(days=1))))
    never = draft(store, 3)
    assert [one.id for one in replies.list_drafts(store)] == [soon.id, late.id, never.id]
    assert [one.id for one in replies.list_drafts(store, limit=1)] == [soon.id]
    assert [one.name for one in soon.deadlines] == ["reponse", "a"]
    assert replies.list_drafts(store, customer="paul@example.org") == []
    assert replies.list_drafts(store, states=("sent",)) == []


def test_an_approved_reply_waits_for_the_undo_window_and_says_who_approved(store: Store) -> None:
    number = draft(store).id
    replies.approve(store, number, "Alice", NOW, UNDO, expected_version=1)
    found = replies.get(store, number)
    assert (found.state, found.approved_by, found.approved_at) == ("approved", "Alice", NOW)
    assert (found.auto, found.send_after) == (False, NOW + UNDO)
    assert [event.detail for event in cases.story(store, found.case.id)] == ["réponse approuvée (version 1)"]


def test_a_second_approval_names_the_first_one(store: Store) -> None:
    number = draft(store).id
    replies.approve(store, number, "Alice", NOW, UNDO)
    with pytest.raises(AlreadyHandled, match="déjà approuvée \\(par Alice, le 20/11/2026 à 10:00\\)"):
        replies.approve(store, number, "Bob", NOW + MINUTE, UNDO)
    with pytest.raises(AlreadyHandled, match="déjà approuvée"):
        replies.edit(store, number, "Bob", text="x", subject="y", now=NOW)


@pytest.mark.parametrize(
    ("flaw", "words"), [("missing", "il manque : suivi"), ("blocked", "envoi impossible. suivi")]
)
def test_a_reply_with_a_flaw_cannot_be_approved_until_it_is_mended(
    store: Store, flaw: str, words: str
) -> None:
    prepare(store, mail(1), uid=1, reply=reply_to(1, **{flaw: ("suivi",)}))  # type: ignore[arg-type]
    (found,) = replies.list_drafts(store)
    with pytest.raises(NotSendable, match=words):
        replies.approve(store, found.id, "Alice", NOW, UNDO)
    replies.edit(store, found.id, "Alice", text="Bonjour", subject="Re", now=NOW, missing=(), blocked=())
    replies.approve(store, found.id, "Alice", NOW, UNDO)
    assert replies.get(store, found.id).state == "approved"


def test_an_edit_gives_a_new_version_and_drops_the_html_that_would_contradict_it(store: Store) -> None:
    number = draft(store).id
    assert replies.edit(store, number, "Alice", text="Bonjour Marie", subject="Re : colis", now=NOW) == 2
    found = replies.get(store, number)
    assert (found.reply.text, found.reply.subject, found.reply.html) == ("Bonjour Marie", "Re : colis", None)
    assert (found.version, found.edited, found.state) == (2, True, "draft")
    with pytest.raises(ChangedSince, match="Alice l'a modifiée depuis"):
        replies.approve(store, number, "Bob", NOW, UNDO, expected_version=1)
    with pytest.raises(ChangedSince, match="Relisez-la"):
        replies.edit(store, number, "Bob", text="", subject="", now=NOW, expected_version=1)


def test_an_approved_reply_can_be_taken_back_and_refused_and_drafted_again(store: Store) -> None:
    number = draft(store).id
    replies.approve(store, number, "Alice", NOW, UNDO)
    replies.take_back(store, number, "Alice", NOW)
    with pytest.raises(AlreadyHandled, match="encore à l'état de brouillon"):
        replies.take_back(store, number, "Alice", NOW)
    replies.refuse(store, number, "Alice", NOW, reason="hors sujet")
    refused = replies.get(store, number)
    assert (refused.state, refused.reason) == ("refused", "hors sujet")
    with pytest.raises(AlreadyHandled, match="déjà refusée"):
        replies.refuse(store, number, "Bob", NOW)
    replies.redraft(store, number, "Bob", NOW)
    assert replies.get(store, number).state == "draft"
    kinds = [event.kind for event in cases.story(store, refused.case.id)]
    assert kinds == ["approuve", "envoi_annule", "refuse", "repris"]


def test_what_a_reply_did_not_allow_leaves_no_trace(store: Store) -> None:
    found = draft(store)
    put(store, found.id, "sent")
    for act in (replies.refuse, replies.take_back, replies.redraft):
        with pytest.raises(AlreadyHandled, match="déjà envoyée"):
            act(store, found.id, "Bob", NOW)
    assert cases.story(store, found.case.id) == []


def test_an_unknown_reply_is_refused_in_french(store: Store) -> None:
    with pytest.raises(Impossible, match="la réponse 7 n'existe pas"):
        replies.get(store, 7)
    with pytest.raises(Impossible, match="la réponse 7 n'existe pas"):
        replies.approve(store, 7, "Alice", NOW, UNDO)
    assert replies.of_case(store, 7) is None

"""Approving despite a guard: only what is named, with who and why."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailbot.edges.store import Store, cases, outbox, overrides, replies, retention, shadow
from mailbot.edges.store.conflicts import NotSendable
from mailbot.edges.store.overrides import Despite
from mailbot.edges.store.versions_tables import reply_originals, reply_overrides, shadow_sends
from tests.edges.store.samples import LEASE, NOW, UNDO, draft, judgement, mail, prepare, reply_to

DATE = "Date « 3 mai 2031 » : elle n'est pas dans ce dossier."
LINK = "Amazon interdit un lien."


def blocked(store: Store, *told: str, missing: tuple[str, ...] = ()) -> int:
    case = prepare(store, mail(1), uid=1, reply=reply_to(1, blocked=told, missing=missing))
    found = replies.of_case(store, case)
    assert found is not None
    return found.id


def test_a_guard_is_passed_over_with_reason_and_that_is_kept(store: Store) -> None:
    number = blocked(store, DATE)
    despite = Despite(blocked=(DATE,), reason="vu avec le client", allowed={DATE: "dates"})
    replies.approve(store, number, "léa", NOW, UNDO, despite=despite)
    (one,) = overrides.of_reply(store, number)
    assert (one.actor, one.guard, one.told, one.reason, one.version, one.at) == (
        "léa", "dates", DATE, "vu avec le client", 1, NOW,
    )  # fmt: skip
    found = replies.get(store, number)
    assert found.state == "approved"
    assert "malgré 1 garde-fou : vu avec le client" in cases.story(store, found.case.id)[-1].detail


@pytest.mark.parametrize(
    "despite",
    [
        Despite(blocked=(DATE, LINK), reason="vu", allowed={DATE: "dates"}),
        Despite(blocked=(DATE,), reason="", allowed={DATE: "dates"}),
        None,
    ],
)
def test_what_may_not_be_passed_over_or_has_no_reason_stops_it_and_nothing_is_kept(
    store: Store, despite: Despite | None
) -> None:
    number = blocked(store, DATE, LINK)
    with pytest.raises(NotSendable, match="envoi impossible"):
        replies.approve(store, number, "léa", NOW, UNDO, despite=despite)
    assert overrides.of_reply(store, number) == [] and replies.get(store, number).state == "draft"


def test_a_missing_fact_is_never_passed_over(store: Store) -> None:
    number = blocked(store, DATE, missing=("ville de livraison",))
    despite = Despite(blocked=(DATE,), reason="vu", allowed={DATE: "dates"})
    with pytest.raises(NotSendable, match=r"il manque : ville de livraison\."):
        replies.approve(store, number, "léa", NOW, UNDO, despite=despite)


def test_what_the_guards_say_today_counts(store: Store) -> None:
    number = draft(store).id
    with pytest.raises(NotSendable, match="3 mai 2031"):
        replies.approve(store, number, "léa", NOW, UNDO, despite=Despite(blocked=(DATE,)))


def test_what_is_forgotten_takes_its_first_text_and_overrides_along(store: Store) -> None:
    number = blocked(store, DATE)
    replies.edit(store, number, "léa", text="Autre.", subject="Re", now=NOW, missing=(), blocked=(DATE,))
    despite = Despite(blocked=(DATE,), reason="vu", allowed={DATE: "dates"})
    replies.approve(store, number, "léa", NOW, UNDO, despite=despite)
    with store.write() as conn:
        shadow.keep(conn, [(1, replace(judgement(mail(1), reply=reply_to(1)), alone=True))], NOW)
    outbox.claim_due(store, "o", NOW + UNDO, LEASE)
    outbox.sent(store, number, "o", NOW + UNDO)
    later = NOW + timedelta(days=9)
    assert retention.purge(store, raw_before=later, cases_before=later).cases == 1
    with store.read() as conn:
        for table in (reply_originals, reply_overrides, shadow_sends):
            assert conn.execute(select(table)).all() == []

"""Scores of templates, from replies that people sent, rewrote and threw away."""

from datetime import timedelta

from mailbot.edges.store import Store, outbox, replies, versions
from mailbot.jobs.scores import Score, scores
from tests.edges.store.samples import LEASE, MINUTE, NOW, UNDO, draft, mail, prepare, reply_to

DAY = timedelta(days=1)


def drafted(store: Store, number: int, sender: str) -> int:
    case = prepare(store, mail(number, sender=sender), uid=number, reply=reply_to(number, to=sender))
    found = replies.of_case(store, case)
    assert found is not None
    return found.id


def approve_and_send(store: Store, number: int, *, after: timedelta) -> None:
    replies.approve(store, number, "léa", NOW + after, UNDO)
    claimed = outbox.claim_due(store, "ouvrier", NOW + after + UNDO, LEASE)
    assert claimed is not None and claimed.id == number
    outbox.sent(store, number, "ouvrier", NOW + after + UNDO)


def edit(store: Store, number: int, text: str) -> None:
    replies.edit(store, number, "léa", text=text, subject="Re: Mon colis", now=NOW, missing=(), blocked=())


def only(store: Store, *, days: float = 30) -> Score:
    (score,) = scores(store, NOW + days * DAY)
    return score


def test_replies_sent_as_they_were_rewritten_and_thrown_away_are_counted(store: Store) -> None:
    ids = [drafted(store, number, f"c{number}@example.org") for number in range(1, 5)]
    approve_and_send(store, ids[0], after=MINUTE)
    edit(store, ids[1], "Bonjour, votre colis est en route. Merci de votre patience.")
    edit(store, ids[1], "Bonjour, votre colis est en route. Merci de votre grande patience.")
    approve_and_send(store, ids[1], after=3 * MINUTE)
    replies.refuse(store, ids[2], "léa", NOW, reason="hors sujet")
    found = only(store)
    assert (found.template, found.version) == ("colis_non_recu/en_route", None)
    assert (found.drafts, found.as_is, found.edited, found.thrown_away, found.retired) == (4, 1, 1, 1, 0)
    assert found.added == (("Merci de votre grande patience.", 1),)
    assert found.distance is not None and 0.3 < found.distance < 0.7, "measured from the first draft"
    assert found.approval == 2 * MINUTE


def test_a_draft_that_a_newer_mail_retired_was_not_thrown_away(store: Store) -> None:
    draft(store, 1)
    prepare(store, mail(2, references=("<client-1@example.org>",)), uid=2, now=NOW + MINUTE)
    assert (only(store).thrown_away, only(store).retired) == (0, 1)


def test_a_customer_who_asks_again_within_seven_days_came_back(store: Store) -> None:
    first = drafted(store, 1, "a@example.org")
    second = drafted(store, 2, "b@example.org")
    approve_and_send(store, first, after=MINUTE)
    approve_and_send(store, second, after=2 * MINUTE)
    assert only(store, days=1).followed == 0, "too early to know"
    prepare(store, mail(4000, sender="a@example.org"), uid=4000, now=NOW + 2 * DAY)
    assert (only(store, days=2).followed, only(store, days=2).recontacted) == (1, 1)
    assert (only(store).followed, only(store).recontacted) == (2, 1)


def test_thanks_are_no_second_contact(store: Store) -> None:
    approve_and_send(store, draft(store, 1).id, after=MINUTE)
    prepare(store, mail(4000), uid=4000, action="ignore", now=NOW + 2 * DAY)
    assert only(store).recontacted == 0


def test_each_published_version_has_its_own_score(store: Store) -> None:
    draft(store, 1)
    versions.publish(store, "regles-1", {"rules/a.toml": b""}, author="léa", note="un", now=NOW)
    assert only(store).version == 1
    assert scores(store, NOW, since=NOW + MINUTE) == []

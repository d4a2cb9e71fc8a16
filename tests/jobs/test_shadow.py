"""The dry run: what would have left alone, and what agents did with it."""

from dataclasses import replace
from datetime import datetime, timedelta

from mailbot.edges.store import Store, cases, learning, mails, outbox, replies
from mailbot.edges.store.learning import Correction
from mailbot.jobs.shadow import report
from mailbot.ruleset.guards import Guards
from tests.edges.store.samples import LEASE, MINUTE, NOW, UNDO, judgement, mail, reply_to, take_in

STEM = "colis_non_recu/en_route"
GUARDS = Guards(plafond_correspondant=1, plafond_fil=1, plafond_heure=20)
DAY = timedelta(days=1)


def judged(
    store: Store, number: int, *, alone: bool = True, sender: str = "", at: datetime = NOW, note: bool = True
) -> int:
    """A stored draft; returns its ticket, which is also the number of its reply here."""
    writer = sender or f"c{number}@example.org"
    take_in(store, number, sender=writer, now=at)
    (claimed,) = mails.claim(store, "o", 1, at, LEASE)
    found = replace(judgement(mail(number, sender=writer), reply=reply_to(number, to=writer)), alone=alone)
    item = cases.Prepared(mail_id=claimed.id, owner="o", judgement=found, rulebook_digest="r")
    (ticket,) = cases.save(store, [item], at, UNDO, note_shadow=note)
    return ticket


def send(store: Store, number: int, text: str | None = None) -> None:
    if text is not None:
        replies.edit(store, number, "léa", text=text, subject="Re", now=NOW, missing=(), blocked=())
    replies.approve(store, number, "léa", NOW + MINUTE, UNDO)
    assert outbox.claim_due(store, "o", NOW + 2 * MINUTE, LEASE) is not None
    outbox.sent(store, number, "o", NOW + 2 * MINUTE)


def test_what_agents_did_with_drafts_that_would_have_left_alone_is_counted(store: Store) -> None:
    for number in range(1, 7):
        judged(store, number, at=NOW + number * MINUTE)
    judged(store, 7, alone=False, at=NOW + DAY)
    send(store, 1)
    send(store, 2, "Bonjour, votre colis est en route depuis hier.")
    replies.refuse(store, 3, "léa", NOW)
    with store.write() as conn:
        learning.record(conn, _correction(4))
    cases.close(store, 5, "léa", "par téléphone", NOW)
    found = report(store, GUARDS)
    assert (found.mails, found.days, found.would) == (7, 2, 6)
    (line,) = found.lines
    assert line.situation == STEM and (line.mails, line.days) == (7, 2)
    assert (line.as_is, line.edited, line.refused, line.corrected, line.elsewhere, line.waiting) == (
        1, 1, 1, 1, 1, 1,
    )  # fmt: skip
    assert line.settled == 4 and line.wrong == (2, 3, 4)
    assert line.distance is not None and 0 < line.distance < 0.5


def _correction(ticket: int) -> Correction:
    return Correction(
        case_id=ticket, at=NOW, actor="léa", intents_before=("colis_non_recu",), intents=("facture",),
        remedy_before=None, remedy=None, order_before=None, order_id=None, customer_name="", subject="", text="",
    )  # fmt: skip


def test_the_caps_hold_as_if_the_earlier_ones_had_left(store: Store) -> None:
    for number in range(1, 4):
        judged(store, number, sender="marie@example.org", at=NOW + number * MINUTE)
    judged(store, 4, sender="marie@example.org", at=NOW + 2 * DAY)
    (line,) = report(store, GUARDS).lines
    assert (line.would, line.capped) == (2, 2)
    (line,) = report(store, Guards(plafond_correspondant=9, plafond_heure=2)).lines
    assert (line.would, line.capped) == (3, 1)


def test_a_draft_sent_with_other_line_ends_only_was_sent_as_it_was(store: Store) -> None:
    judged(store, 1)
    send(store, 1, "Bonjour, votre\ncolis est  en route.\n")
    (line,) = report(store, GUARDS).lines
    assert (line.as_is, line.edited, line.wrong) == (1, 0, ())


def test_nothing_is_noted_when_the_dry_run_is_off_or_nothing_would_leave(store: Store) -> None:
    judged(store, 1, note=False)
    judged(store, 2, alone=False)
    found = report(store, GUARDS)
    assert (found.mails, found.would, found.lines) == (2, 0, ())


def test_only_mails_since_then_count(store: Store) -> None:
    judged(store, 1)
    judged(store, 2, at=NOW + DAY)
    assert report(store, GUARDS, since=NOW + MINUTE).would == 1

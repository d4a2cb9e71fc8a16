"""What is watched: clocks and their alarms, folders, the status figures, and forgetting with time."""

from datetime import timedelta

import pytest

from mailbot.edges.store import Store, cases, deadlines, folders, mails, outbox, replies, retention
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.status import status
from tests.edges.store.samples import (
    LEASE,
    MINUTE,
    NOW,
    clock,
    draft,
    mail,
    prepare,
    raw_mail,
    reply_to,
    running,
    take_in,
)

HOUR = timedelta(hours=1)


def alarm_kinds(store: Store, after: timedelta) -> list[str]:
    """The alarms at NOW + after, told to people at once."""
    alarms = deadlines.due_alarms(store, NOW + after)
    deadlines.mark_alarmed(store, alarms, NOW + after)
    return [alarm.kind for alarm in alarms]


def test_a_clock_is_announced_at_24_h_at_4_h_and_when_missed_each_once(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=48 * HOUR),))
    assert alarm_kinds(store, 23 * HOUR) == []
    assert alarm_kinds(store, 24 * HOUR) == ["24h"]
    assert alarm_kinds(store, 30 * HOUR) == []
    assert alarm_kinds(store, 44 * HOUR) == ["4h"]
    assert alarm_kinds(store, 47 * HOUR) == []
    assert alarm_kinds(store, 48 * HOUR) == ["breach"]
    assert alarm_kinds(store, 90 * HOUR) == []


def test_after_a_long_night_only_the_gravest_alarm_is_told(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=48 * HOUR),))
    assert alarm_kinds(store, 60 * HOUR) == ["breach"]
    assert alarm_kinds(store, 61 * HOUR) == []


def test_a_short_clock_is_not_announced_the_moment_it_starts(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=24 * HOUR), clock("express", due=2 * HOUR)))
    assert alarm_kinds(store, MINUTE) == []
    assert alarm_kinds(store, 2 * HOUR) == ["breach"]
    assert alarm_kinds(store, 20 * HOUR) == ["4h"]


def test_an_alarm_that_was_not_told_comes_again_and_names_its_ticket(store: Store) -> None:
    ticket = prepare(store, mail(1), uid=1, clocks=(clock(due=48 * HOUR),))
    for _ in range(2):
        (alarm,) = deadlines.due_alarms(store, NOW + 50 * HOUR)
        assert (alarm.deadline.case_id, alarm.subject, alarm.account) == (ticket, "Mon colis", "boutique")


def test_refusing_a_reply_does_not_stop_its_clock(store: Store) -> None:
    found = draft(store, 1, clocks=(clock(),))
    replies.refuse(store, found.id, "Alice", NOW)
    assert len(running(store)) == 1


def test_open_clocks_are_listed_soonest_first(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock("b", due=9 * HOUR), clock("a", due=3 * HOUR)))
    assert [one.name for one in running(store)] == ["a", "b"]
    assert running(store)[0].steps == clock().steps


def test_a_folder_is_remembered_and_its_trouble_keeps_its_beginning(store: Store) -> None:
    assert folders.get(store, "boutique", "INBOX") is None
    assert not folders.record_error(store, "boutique", "INBOX", "panne", NOW)
    state = folders.FolderState(
        account="boutique", folder="INBOX", uidvalidity=2**32 - 1, first_uid=41, cutoff=NOW, server_count=3
    )
    folders.save(store, state)
    assert folders.get(store, "boutique", "INBOX") == state
    assert folders.record_error(store, "boutique", "INBOX", "mot de passe refusé", NOW)
    assert folders.record_error(store, "boutique", "INBOX", "serveur muet", NOW + MINUTE)
    troubled = folders.get(store, "boutique", "INBOX")
    assert troubled is not None
    assert (troubled.last_error, troubled.error_since) == ("serveur muet", NOW)
    folders.save(store, state)
    assert folders.get(store, "boutique", "INBOX") == state


def test_the_ledger_tells_its_highest_uid_and_what_it_knows(store: Store) -> None:
    take_in(store, 3, 5, 9)
    assert folders.high_water(store, "boutique", "INBOX", 7) == 9
    assert folders.high_water(store, "boutique", "INBOX", 8) == 0
    assert folders.known_uids(store, "boutique", "INBOX", 7, 4, 9) == {5, 9}
    assert folders.known_uids(store, "boutique", "INBOX", 8, 1, 99) == set()


def test_status_shows_what_waits_and_how_long(store: Store) -> None:
    folders.save(
        store,
        folders.FolderState(
            account="boutique", folder="INBOX", uidvalidity=7, server_count=4, ledger_count=3
        ),
    )
    draft(store, 1, action="send", clocks=(clock(due=HOUR),))
    draft(store, 2)
    replies.approve(store, 2, "Alice", NOW + HOUR, timedelta())
    take_in(store, 3, sender="paul@example.org", now=NOW + MINUTE)
    found = status(store, NOW + 3 * HOUR)
    (folder,) = found.folders
    assert (folder.server_count, folder.ledger_count) == (4, 3)
    assert folder.lag == NOW + MINUTE - raw_mail(3).received
    assert found.mails == {"received": 1, "prepared": 2, "ignored": 0, "parked": 0}
    assert found.replies["approved"] == 1
    assert (found.parked, found.uncertain, found.open_cases, found.missed_deadlines) == (0, 0, 2, 1)
    assert (found.oldest_unsent, found.oldest_received) == (2 * HOUR, 3 * HOUR - MINUTE)


def test_status_of_an_empty_store_is_quiet(store: Store) -> None:
    found = status(store, NOW)
    assert (found.folders, found.oldest_unsent, found.oldest_received, found.pending_copies) == (
        (),
        None,
        None,
        0,
    )


def test_old_bytes_go_first_then_closed_tickets_and_what_waits_is_kept(store: Store) -> None:
    ignored = prepare(store, mail(1), uid=1, action="ignore")
    open_ticket = prepare(store, mail(2), uid=2, reply=reply_to(2), clocks=(clock(),))
    take_in(store, 3)
    soon, late = NOW + MINUTE, NOW - MINUTE
    assert retention.purge(store, raw_before=late, cases_before=late) == retention.PurgeReport(0, 0)
    assert retention.purge(store, raw_before=soon, cases_before=late) == retention.PurgeReport(1, 0)
    with pytest.raises(Impossible):
        mails.raw(store, 1)
    assert [mails.raw(store, number) for number in (2, 3)] == [raw_mail(2), raw_mail(3)]
    assert retention.purge(store, raw_before=soon, cases_before=soon) == retention.PurgeReport(0, 1)
    with pytest.raises(Impossible):
        cases.get(store, ignored)
    assert cases.get(store, open_ticket).state == "open"
    assert folders.high_water(store, "boutique", "INBOX", 7) == 3
    assert mails.ingest(store, [(raw_mail(1), "x")], NOW) == mails.IngestReport(0, 0)


def test_a_purged_ticket_leaves_neither_reply_nor_address(store: Store) -> None:
    found = draft(store, 1, action="send", clocks=(clock(),))
    assert outbox.claim_due(store, "s", NOW + MINUTE, LEASE)
    outbox.sent(store, found.id, "s", NOW + MINUTE)
    soon = NOW + HOUR
    assert retention.purge(store, raw_before=soon, cases_before=soon) == retention.PurgeReport(1, 1)
    assert replies.list_drafts(store, states=("sent",)) == []
    assert cases.story(store, found.case.id) == []
    with store.read() as conn:
        assert conn.exec_driver_sql("SELECT sender FROM mails").scalar_one() == ""

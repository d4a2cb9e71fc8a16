"""The ingest ledger: nothing comes in twice, nothing is worked on twice, nothing is lost."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from mailbot.edges.store import Store, aside, cases, mails
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.reopen import reopen
from mailbot.edges.store.schema import mails as table
from tests.edges.store.samples import LEASE, MARIE, NOW, draft, judgement, mail, prepare, raw_mail, take_in


def test_a_mail_comes_back_byte_for_byte(store: Store) -> None:
    original = raw_mail(1, data=bytes(range(256)) * 40)
    assert mails.ingest(store, [(original, MARIE)], NOW) == mails.IngestReport(new=1, copies=0)
    (claimed,) = mails.claim(store, "a", 10, NOW, LEASE)
    assert claimed.raw == original
    assert mails.raw(store, claimed.id) == original


def test_the_same_ledger_key_is_taken_in_once(store: Store) -> None:
    take_in(store, 1, 2)
    assert mails.ingest(store, [(raw_mail(2), MARIE), (raw_mail(3), MARIE)], NOW) == mails.IngestReport(1, 0)
    assert mails.count_by_state(store)["received"] == 3


def test_the_same_bytes_elsewhere_are_a_copy_that_names_the_original(store: Store) -> None:
    take_in(store, 1)
    moved = raw_mail(90, data=raw_mail(1).data, uidvalidity=8)
    assert mails.ingest(store, [(moved, MARIE)], NOW) == mails.IngestReport(new=0, copies=1)
    assert mails.ingest(store, [(moved, MARIE)], NOW) == mails.IngestReport(new=0, copies=0)
    with store.read() as conn:
        row = conn.execute(select(table).where(table.c.uid == 90)).one()
    assert (row.state, row.note) == ("ignored", "copie identique du mail 1")
    with pytest.raises(Impossible, match="n'est plus conservé"):
        mails.raw(store, row.id)


def test_two_copies_in_one_batch_give_one_mail(store: Store) -> None:
    twin = raw_mail(5, data=raw_mail(1).data)
    assert mails.ingest(store, [(raw_mail(1), MARIE), (twin, MARIE)], NOW) == mails.IngestReport(1, 1)


def test_the_same_bytes_in_two_accounts_are_two_mails(store: Store) -> None:
    import dataclasses

    other = dataclasses.replace(raw_mail(1), account="autre")
    assert mails.ingest(store, [(raw_mail(1), MARIE), (other, MARIE)], NOW) == mails.IngestReport(2, 0)


def test_a_broken_batch_leaves_nothing_behind(store: Store) -> None:
    import dataclasses

    naive = dataclasses.replace(raw_mail(2), received=NOW.replace(tzinfo=None))
    with pytest.raises(Exception, match="naive datetime refused"):
        mails.ingest(store, [(raw_mail(1), MARIE), (naive, MARIE)], NOW)
    assert mails.count_by_state(store)["received"] == 0


def test_a_sender_no_database_could_hold_is_made_harmless(store: Store) -> None:
    mails.ingest(store, [(raw_mail(1), "a\x00\ud800" + "x" * 5000)], NOW)
    with store.read() as conn:
        sender = conn.execute(select(table.c.sender)).scalar_one()
    assert sender.startswith("a\ufffd\ufffdxxx")
    assert len(sender) == 400


def test_a_claimed_mail_is_nobody_elses_until_its_lease_ends(store: Store) -> None:
    take_in(store, 1)
    (first,) = mails.claim(store, "a", 10, NOW, LEASE)
    assert first.attempts == 1
    assert mails.claim(store, "b", 10, NOW + LEASE, LEASE) == []
    (again,) = mails.claim(store, "b", 10, NOW + LEASE + timedelta(seconds=1), LEASE)
    assert (again.id, again.attempts) == (first.id, 2)
    assert not aside.park(store, first.id, "a", "trop tard", NOW)


def test_claims_are_bounded_by_number_and_bytes_but_never_empty(store: Store) -> None:
    big = [raw_mail(uid, data=hashlib.sha256(bytes([uid])).digest() * 100) for uid in (1, 2, 3, 4)]
    mails.ingest(store, [(one, MARIE) for one in big], NOW)
    assert len(mails.claim(store, "a", 10, NOW, LEASE, max_bytes=10)) == 1
    assert len(mails.claim(store, "a", 10, NOW, LEASE, max_bytes=6400)) == 2
    assert len(mails.claim(store, "a", 0, NOW, LEASE)) == 0
    assert len(mails.claim(store, "a", 1, NOW, LEASE)) == 1


def test_a_parked_mail_is_listed_with_its_error_and_can_be_retried(store: Store) -> None:
    take_in(store, 1, 2)
    first, second = mails.claim(store, "a", 2, NOW, LEASE)
    assert aside.park(store, first.id, "a", "gabarit introuvable", NOW)
    assert not aside.park(store, first.id, "a", "encore", NOW)
    (parked,) = aside.list_parked(store)
    assert (parked.id, parked.attempts, parked.sender) == (first.id, 1, MARIE)
    assert parked.error.startswith("gabarit introuvable")
    assert aside.retry(store, [second.id]) == 0
    assert aside.retry(store) == 1
    assert [one.id for one in mails.claim(store, "b", 5, NOW, LEASE)] == [first.id]


def test_a_released_mail_is_free_at_once_or_at_the_given_time(store: Store) -> None:
    take_in(store, 1, 2)
    first, second = mails.claim(store, "a", 2, NOW, LEASE)
    assert mails.release(store, [first.id], "a") == 1
    assert mails.release(store, [second.id], "a", retry_at=NOW + timedelta(minutes=1)) == 1
    assert mails.release(store, [second.id], "b") == 0
    assert [one.id for one in mails.claim(store, "b", 5, NOW, LEASE)] == [first.id]
    later = NOW + timedelta(minutes=2)
    assert [one.id for one in mails.claim(store, "c", 5, later, LEASE)] == [second.id]


def test_an_ignored_mail_can_be_judged_again_but_not_an_answered_one(store: Store) -> None:
    prepare(store, mail(1), uid=1, action="ignore")
    reopen(store, 1)
    assert [one.id for one in mails.claim(store, "a", 5, NOW, LEASE)] == [1]
    with pytest.raises(Impossible, match="seul un mail classé"):
        reopen(store, 1)
    with pytest.raises(Impossible, match="n'est pas conservé"):
        reopen(store, 99)
    answered = draft(store, 2)
    with pytest.raises(Impossible, match=f"le ticket {answered.case.id} a déjà une réponse"):
        reopen(store, answered.case.mail_id)


def test_a_mail_that_is_judged_again_gets_a_new_ticket(store: Store) -> None:
    first = prepare(store, mail(1), uid=1, action="ignore")
    reopen(store, 1)
    mails.claim(store, "a", 1, NOW, LEASE)
    item = cases.Prepared(mail_id=1, owner="a", judgement=judgement(mail(1)), rulebook_digest="r")
    (second,) = cases.save(store, [item], NOW, LEASE)
    assert second != first, "a ticket number is never given twice"
    assert cases.of_mails(store, [1, 2])[1].decision.action == "draft"


def test_the_export_gives_every_kept_mail_once_in_order(store: Store) -> None:
    take_in(store, *range(1, 8))
    assert [raw.uid for _, raw in mails.export(store, page=3)] == list(range(1, 8))
    assert [number for number, _ in mails.export(store, after=5, page=3)] == [6, 7]


def test_a_move_the_table_does_not_know_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no move from prepared to received"):
        mails.move_to("prepared", "received")

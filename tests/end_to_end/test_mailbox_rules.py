"""What is taken from a mailbox and what is done to it: everything once, nothing touched unless asked."""

import os
from pathlib import Path

import pytest

from tests.end_to_end.letters import letter
from tests.end_to_end.mailroom import client, flags, folder
from tests.end_to_end.shop import Shop, cases_by_mail

pytestmark = pytest.mark.server


def test_mails_without_id_or_date_or_with_the_same_id_all_become_cases(shop: Shop) -> None:
    bare = letter(1, message_id=None)
    dateless = b"\r\n".join(line for line in bare.split(b"\r\n") if not line.startswith(b"Date:"))
    same = [
        letter(2, f"Bonjour, question {number} sur ma commande.", message_id="<x@y.example>")
        for number in "ab"
    ]
    strange = [b"", b"\r\n\r\n", b"rien que du texte", b"From: \r\nSubject:\r\n\r\n"]
    mails = [bare, dateless, *same, *strange]
    shop.dovecot.drop(mails, shop.user)
    shop.ok("once")
    assert cases_by_mail(shop) == [1] * len(mails)
    assert "parked" not in shop.states("mails")


def test_the_same_bytes_delivered_twice_are_one_case(shop: Shop) -> None:
    shop.dovecot.drop([letter(1), letter(1)], shop.user)
    shop.ok("once")
    assert shop.states("mails") == {"prepared": 1, "ignored": 1}
    assert cases_by_mail(shop) == [1]


def test_a_changed_uidvalidity_reads_everything_again_without_duplicates(shop: Shop) -> None:
    shop.deliver(letter(1), letter(2))
    shop.ok("once")
    before = shop.rows("SELECT id, case_id, text FROM replies")
    with client(shop) as session:
        old = session.select_folder("INBOX")[b"UIDVALIDITY"]
    rebuild(shop, shop.dovecot.maildir(shop.user))
    shop.deliver(letter(3))
    shop.ok("once")
    with client(shop) as session:
        assert session.select_folder("INBOX")[b"UIDVALIDITY"] != old
    assert cases_by_mail(shop) == [1] * 3
    assert shop.rows("SELECT id, case_id, text FROM replies")[:2] == before
    assert shop.one("SELECT count(*) FROM mails") == 5


def rebuild(shop: Shop, maildir: Path) -> None:
    """Lose the server's index of a folder, as a restored backup does; mails stay, under other UIDs."""
    for path in maildir.glob("dovecot*"):
        path.unlink()
    for index, path in enumerate(sorted(maildir.glob("cur/*"))):
        renamed = maildir / "new" / f"{1_800_000_000 + index}.M{index}.rebuilt"
        path.rename(renamed)
    (maildir / "dovecot-uidlist").write_text(f"3 V{1_900_000_000} N1\n")
    os.chown(maildir / "dovecot-uidlist", maildir.stat().st_uid, maildir.stat().st_gid)


def test_the_first_connection_takes_only_mail_after_the_cut_off(shop: Shop) -> None:
    shop.configure(shop.account(start_from="now"))
    shop.deliver(letter(1), letter(2))
    shop.ok("once")
    assert cases_by_mail(shop) == []
    shop.deliver(letter(3))
    shop.ok("once")
    assert [row[0] for row in shop.rows("SELECT customer FROM cases")] == ["client3@mail.example"]


def test_a_dated_cut_off_goes_by_the_day_of_arrival(shop: Shop) -> None:
    shop.dovecot.drop([letter(1), letter(2)], shop.user)
    old, new = sorted(shop.dovecot.maildir(shop.user).glob("new/*"))
    os.utime(old, (1_772_000_000, 1_772_000_000))  # 25 February 2026
    os.utime(new, (1_773_000_000, 1_773_000_000))  # 8 March 2026
    text = shop.config.read_text("utf-8").replace(
        'start_from = "all"', "start_from = 2026-03-01T00:00:00+01:00"
    )
    shop.config.write_text(text, "utf-8")
    shop.ok("once")
    assert [row[0] for row in shop.rows("SELECT customer FROM cases")] == ["client2@mail.example"]


def test_reading_changes_nothing_in_the_mailbox(shop: Shop) -> None:
    shop.deliver(letter(1), letter(2))
    shop.ok("once")
    assert flags(shop) == [set(), set()]


def test_done_mail_is_marked_and_moved_only_if_configured(shop: Shop) -> None:
    with client(shop) as session:
        session.create_folder("Traités")
    shop.configure(shop.account(after_processing={"keyword": "mailbot", "move_to": "Traités"}))
    shop.deliver(letter(1), letter(2))
    shop.ok("once")
    assert folder(shop, "INBOX") == []
    assert flags(shop, "Traités") == [{b"mailbot"}] * 2
    shop.deliver(letter(3))
    shop.ok("once")
    assert cases_by_mail(shop) == [1] * 3
    assert len(folder(shop, "Traités")) == 3


def test_a_mail_over_the_limit_is_recorded_from_its_headers_and_given_to_a_human(shop: Shop) -> None:
    shop.configure(shop.account(max_message_mb=0.1))
    shop.deliver(
        letter(1, "Bonjour, voici une photo.\n" + "x" * 70 + "\n" * 200_000, subject="Photo"), letter(2)
    )
    shop.ok("once")
    assert cases_by_mail(shop) == [1, 1]
    subject, action, reasons = shop.rows("SELECT subject, action, reasons FROM cases ORDER BY id")[1]
    assert (subject, action) == ("Photo", "human") and "trop volumineux" in reasons
    assert shop.one("SELECT max(stored_size) < 2000 AND max(size) > 200000 FROM mails")

"""Reading a folder of a real Dovecot over a real socket, also when the server goes away."""

import time
import tracemalloc
from datetime import UTC, datetime, timedelta

import imapclient
import pytest

from mailbot.config import Account, Security
from mailbot.edges.mailbox import FetchFailure, connect
from mailbot.errors import NeedsHuman, TryAgain
from tests.edges.boxes import MEGABYTES, Make, fetched, flags, listed
from tests.servers.dovecot import PASSWORD, Dovecot

pytestmark = pytest.mark.server


def test_new_mail_is_listed_and_downloaded_byte_for_byte(
    dovecot: Dovecot, account: Account, mail: Make
) -> None:
    dovecot.drop([mail(number) for number in (1, 2, 3)], account.name)
    with connect(account, PASSWORD) as box:
        view = box.examine("INBOX")
        assert (view.exists, view.uidnext) == (3, 4)
        assert listed(box) == [1, 2, 3]
        mails = fetched(box, [1, 2, 3])
    assert [item.data for item in mails] == [mail(number) for number in (1, 2, 3)]
    assert {(item.account, item.folder, item.uidvalidity) for item in mails} == {
        (account.name, "INBOX", view.uidvalidity)
    }
    assert mails[0].received.utcoffset() == timedelta(0)
    assert mails[0].size == len(mail(1)) and mails[0].complete


def test_reading_leaves_seen_untouched(dovecot: Dovecot, account: Account, mail: Make) -> None:
    dovecot.drop([mail(1), mail(2, body=b"x" * 5000)], account.name)
    with connect(account, PASSWORD) as box:
        box.examine("INBOX")
        fetched(box, listed(box), max_bytes=1000)
        box.find_message_id("INBOX", "<m1@exemple.fr>")
    assert set().union(*flags(dovecot, account.name).values()) == set()


def test_a_range_with_a_star_does_not_bring_the_last_mail_again(
    dovecot: Dovecot, account: Account, mail: Make
) -> None:
    dovecot.drop([mail(1), mail(2)], account.name)
    with connect(account, PASSWORD) as box:
        box.examine("INBOX")
        assert list(box.new_uids(2)) == []
        assert box.count_from(2) == 1
        assert box.count_from(1) == 2
        assert box.count_from(9) == 0


def test_ten_thousand_mails_are_listed_in_portions_with_bounded_memory(
    dovecot: Dovecot, account: Account
) -> None:
    dovecot.drop([b"Subject: %d\r\n\r\n.\r\n" % number for number in range(10_000)], account.name)
    with connect(account, PASSWORD) as box:
        box.examine("INBOX")
        tracemalloc.start()
        seen = 0
        for portion in box.new_uids(0):
            assert len(portion) <= 1000
            assert portion == list(range(seen + 1, seen + len(portion) + 1))
            seen += len(portion)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert [uid for portion in box.new_uids(9_990) for uid in portion] == list(range(9_991, 10_001))
        assert box.count_from(7_001) == 3_000
    assert seen == 10_000
    assert peak < 2_000_000


def test_expunging_meanwhile_hides_no_mail(dovecot: Dovecot, account: Account, mail: Make) -> None:
    dovecot.drop([mail(number) for number in range(2_500)], account.name)
    with (
        connect(account, PASSWORD) as box,
        imapclient.IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False) as other,
    ):
        box.examine("INBOX")
        portions = box.new_uids(0)
        first = next(portions)
        other.login(account.name, PASSWORD)
        other.select_folder("INBOX")
        other.delete_messages(range(1, 501))
        other.expunge()
        list(box.fetch([600, 601], MEGABYTES))
        rest = [uid for portion in portions for uid in portion]
        assert first + rest == list(range(1, 2_501))
        assert [item.uid for item in fetched(box, [499, 500, 501])] == [501]


def test_a_first_connection_can_start_at_an_instant(dovecot: Dovecot, account: Account, mail: Make) -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    with connect(account, PASSWORD) as box:
        for hours in (-72, -1, 0, 1):
            box.append("INBOX", mail(hours + 100), when=noon + timedelta(hours=hours))
        box.examine("INBOX")
        paris = noon.astimezone(datetime.fromisoformat("2026-11-20T00:00:00+01:00").tzinfo)
        assert box.first_since(paris) == 3
        assert box.first_since(noon + timedelta(minutes=1)) == 4
        assert box.first_since(noon + timedelta(hours=2)) == 5, "the next one to come"
        assert box.first_since(None) == 1


def test_odd_bytes_survive(dovecot: Dovecot, account: Account) -> None:
    odd = [
        b"Subject: sans identifiant\r\n\r\nOu est mon colis ?\r\n",
        b"Subject: caf\xe9 \xff\xfe\r\n\r\n8 bits \xe9\xe8\x00 et un nul\r\n",
        b"\r\n",
        b"pas d'en-tete du tout",
        b"Subject: {12}\r\n\r\n* 5 FETCH (FLAGS ())\r\n)\r\nA001 OK\r\n",
    ]
    dovecot.drop(odd, account.name)
    with connect(account, PASSWORD) as box:
        box.examine("INBOX")
        mails = fetched(box, listed(box))
    assert [item.uid for item in mails] == [1, 2, 3, 4, 5]
    # Dovecot itself turns NUL, which IMAP cannot carry, into 0x80
    assert mails[1].data == odd[1].replace(b"\x00", b"\x80")
    assert [mails[index].data.strip() for index in (0, 3, 4)] == [odd[index].strip() for index in (0, 3, 4)]


def test_a_forty_megabyte_mail_comes_as_its_header(dovecot: Dovecot, account: Account, mail: Make) -> None:
    dovecot.drop([mail(1), mail(2, body=b"0123456789abcdef" * 2_500_000), mail(3)], account.name)
    with connect(account, PASSWORD) as box:
        box.examine("INBOX")
        tracemalloc.start()
        mails = {item.uid: item for item in fetched(box, listed(box))}
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (mails[2].complete, mails[1].complete, mails[3].complete) == (False, True, True)
    assert b"Message-ID: <m2@exemple.fr>" in mails[2].data and len(mails[2].data) < 1000
    assert mails[2].size > 40_000_000
    assert peak < 5_000_000


def test_uidvalidity_tells_a_rebuilt_folder(dovecot: Dovecot, account: Account, mail: Make) -> None:
    with (
        connect(account, PASSWORD) as box,
        imapclient.IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False) as other,
    ):
        other.login(account.name, PASSWORD)
        other.create_folder("Boîte à café")
        box.append("Boîte à café", mail(1))
        before = box.examine("Boîte à café")
        other.delete_folder("Boîte à café")
        time.sleep(1.1)  # UIDVALIDITY is made of seconds
        other.create_folder("Boîte à café")
        with pytest.raises(TryAgain, match="reconstruit"):
            list(box.new_uids(0))
        assert box.examine("Boîte à café").uidvalidity != before.uidvalidity


def test_a_missing_folder_names_the_nearest(account: Account) -> None:
    with connect(account, PASSWORD) as box:
        with pytest.raises(NeedsHuman, match=r"« Snet » n'existe pas.+Vouliez-vous dire « Sent »"):
            box.examine("Snet")
        with pytest.raises(NeedsHuman, match="Zzz"):
            box.append("Zzz", b"Subject: a\r\n\r\n")
        assert box.examine("INBOX").exists == 0


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_server_killed_in_mid_download_is_tried_again_and_nothing_is_lost(
    user: str, mail: Make, security: Security
) -> None:
    with Dovecot() as server:
        server.drop([mail(number) for number in range(1, 121)], user)
        got = []
        box = connect(server.account(user, security=security), PASSWORD)
        box.examine("INBOX")
        with pytest.raises(TryAgain):
            for item in box.fetch(listed(box), MEGABYTES):
                got.append(item.uid)
                if len(got) == 10:
                    server.kill()
        box.close()
        assert got == list(range(1, 51))
        with pytest.raises(TryAgain):
            connect(server.account(user, security=security), PASSWORD)
        server.start()
        with connect(server.account(user, security=security), PASSWORD) as again:
            again.examine("INBOX")
            got += [item.uid for portion in again.new_uids(50) for item in fetched(again, portion)]
        assert got == list(range(1, 121))


def test_a_server_restarted_in_mid_download_goes_unnoticed(user: str, mail: Make) -> None:
    with Dovecot() as server:
        server.drop([mail(number) for number in range(1, 121)], user)
        with connect(server.account(user), PASSWORD) as box:
            box.examine("INBOX")
            got = []
            for item in box.fetch(listed(box), MEGABYTES):
                assert not isinstance(item, FetchFailure) and item.complete
                got.append(item.uid)
                if len(got) == 10:
                    server.kill()
                    server.start()
        assert got == list(range(1, 121))

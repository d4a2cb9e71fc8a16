"""mailbot.edges.mailbox against a real Dovecot over a real socket."""

import threading
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import imapclient
import pytest

from mailbot.config import Account, AfterProcessing, Security
from mailbot.edges.mailbox import FetchFailure, Mailbox, connect
from mailbot.errors import NeedsHuman, TryAgain
from mailbot.model import RawMail
from tests.servers.dovecot import PASSWORD, Dovecot

pytestmark = pytest.mark.server
Make = Callable[..., bytes]
MEGABYTES = 25_000_000


def fetched(box: Mailbox, uids: list[int], max_bytes: int = MEGABYTES) -> list[RawMail]:
    found = list(box.fetch(uids, max_bytes))
    assert all(isinstance(item, RawMail) for item in found), found
    return [item for item in found if isinstance(item, RawMail)]


def listed(box: Mailbox) -> list[int]:
    return [uid for portion in box.new_uids(0) for uid in portion]


def flags(dovecot: Dovecot, user: str, folder: str = "INBOX") -> dict[int, set[bytes]]:
    with imapclient.IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False) as client:
        client.login(user, PASSWORD)
        client.select_folder(folder, readonly=True)
        return {uid: set(found) - {b"\\Recent"} for uid, found in client.get_flags(client.search()).items()}


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


# --- connecting


def test_tls_with_a_known_authority_works(dovecot: Dovecot, user: str) -> None:
    with connect(dovecot.account(user, security="tls"), PASSWORD) as box:
        assert box.examine("INBOX").exists == 0


def test_starttls_with_a_known_authority_works(dovecot: Dovecot, user: str) -> None:
    with connect(dovecot.account(user, security="starttls"), PASSWORD) as box:
        assert box.examine("INBOX").exists == 0


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_authority_is_refused(dovecot: Dovecot, user: str, security: Security) -> None:
    settings = dovecot.account(user, security=security, ca_file=None)
    with pytest.raises(NeedsHuman, match=r"127\.0\.0\.1.*autorité est inconnue"):
        connect(settings, PASSWORD)


@pytest.mark.parametrize(("certificate", "words"), [("other", "autre"), ("expired", "expiré")])
def test_a_wrong_certificate_is_refused(user: str, certificate: str, words: str) -> None:
    with Dovecot(certificate=certificate) as server:
        with pytest.raises(NeedsHuman, match=words):
            connect(server.account(user, security="tls"), PASSWORD)
        with pytest.raises(NeedsHuman, match=words):
            connect(server.account(user, security="starttls"), PASSWORD)


def test_a_server_without_starttls_never_gets_the_password(plain_dovecot: Dovecot, user: str) -> None:
    with pytest.raises(NeedsHuman, match="n'offre pas STARTTLS, le mot de passe n'a pas été envoyé"):
        connect(plain_dovecot.account(user, security="starttls"), PASSWORD)


def test_tls_on_a_plain_port_is_explained(dovecot: Dovecot, user: str) -> None:
    with pytest.raises(NeedsHuman, match="993"):
        connect(dovecot.account(user, security="tls", port=dovecot.imap_port), PASSWORD)


def test_a_wrong_password_is_a_human_matter(account: Account) -> None:
    with pytest.raises(NeedsHuman, match="mot de passe refusé"):
        connect(account, "faux")
    with pytest.raises(NeedsHuman, match="mot de passe refusé"):
        connect(account, "mot de passé")


def test_a_user_name_with_accents_logs_in(dovecot: Dovecot) -> None:
    with connect(dovecot.account("hélène"), PASSWORD) as box:
        assert box.examine("INBOX").exists == 0


def test_an_unknown_host_and_a_closed_port_are_told_apart(dovecot: Dovecot, user: str) -> None:
    with pytest.raises((NeedsHuman, TryAgain), match=r"imap\.inexistant\.invalid"):
        connect(dovecot.account(user, host="imap.inexistant.invalid", allow_plain_text=True), PASSWORD)
    with pytest.raises(TryAgain, match="connexion refusée"):
        connect(dovecot.account(user, port=1), PASSWORD)


# --- trouble on the way


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


# --- waiting


def waiting(box: Mailbox, stop: threading.Event, seconds: float) -> tuple[threading.Thread, list[object]]:
    result: list[object] = []

    def run() -> None:
        try:
            result.append(box.idle(stop, seconds))
        except (TryAgain, NeedsHuman) as error:
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, result


@pytest.mark.parametrize("security", ["none", "tls"])
def test_idle_wakes_within_two_seconds_of_a_delivery(
    dovecot: Dovecot, user: str, mail: Make, security: Security
) -> None:
    with connect(dovecot.account(user, security=security), PASSWORD) as box:
        assert box.supports_idle
        box.examine("INBOX")
        thread, result = waiting(box, threading.Event(), 30)
        time.sleep(0.5)
        dovecot.deliver(mail(1), user)
        thread.join(2)
        assert result == [True]
        box.examine("INBOX")
        assert listed(box) == [1]


def test_idle_sees_mail_that_came_before_it_began(dovecot: Dovecot, account: Account, mail: Make) -> None:
    with connect(account, PASSWORD) as box:
        box.examine("INBOX")
        list(box.new_uids(0))
        dovecot.deliver(mail(1), account.name)
        box.count_from(1)  # the server tells us here, and will not tell again
        assert box.idle(threading.Event(), 2)


def test_idle_ends_when_told_to_and_when_time_is_up(account: Account) -> None:
    with connect(account, PASSWORD) as box:
        box.examine("INBOX")
        assert box.idle(threading.Event(), 0.6) is False
        stop = threading.Event()
        thread, result = waiting(box, stop, 30)
        time.sleep(0.2)
        stop.set()
        thread.join(1.2)
        assert result == [False]
        assert box.examine("INBOX").exists == 0  # the connection is fit for use again


def test_idle_on_a_server_that_dies_says_try_again(user: str) -> None:
    with Dovecot() as server:
        box = connect(server.account(user), PASSWORD)
        box.examine("INBOX")
        thread, result = waiting(box, threading.Event(), 30)
        time.sleep(0.3)
        server.kill()
        thread.join(3)
        assert isinstance(result[0], TryAgain)
        box.close()


def test_a_server_without_idle_says_so_and_can_be_polled(
    plain_dovecot: Dovecot, user: str, mail: Make
) -> None:
    with connect(plain_dovecot.account(user), PASSWORD) as box:
        assert not box.supports_idle
        box.examine("INBOX")
        assert list(box.new_uids(0)) == []
        plain_dovecot.deliver(mail(1), user)
        assert list(box.new_uids(0)) == [[1]]


# --- filing


def test_special_folders_are_found_by_flag_or_by_name(
    dovecot: Dovecot, plain_dovecot: Dovecot, user: str
) -> None:
    with connect(dovecot.account(user), PASSWORD) as box:
        assert (box.special_folder("Sent"), box.special_folder("Drafts")) == ("Sent", "Drafts")
    with connect(plain_dovecot.account(user), PASSWORD) as box:
        assert (box.special_folder("Sent"), box.special_folder("Drafts")) == (
            "Éléments envoyés",
            "Brouillons",
        )
        assert box.special_folder("Junk") is None


def test_a_sent_copy_is_filed_and_found_again_by_its_exact_message_id(
    dovecot: Dovecot, account: Account, mail: Make
) -> None:
    when = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    with connect(account, PASSWORD) as box:
        uid = box.append("Sent", mail(7), when=when)
        box.append("Sent", mail(77, headers=b"References: <m7@exemple.fr>\r\n"))
        assert box.find_message_id("Sent", "<m7@exemple.fr>") == [uid]
        assert box.find_message_id("Sent", "m7@exemple.fr") == []
        assert box.find_message_id("Sent", "<é@exemple.fr>") == []
        copy = fetched(box, [uid or 0])[0]
    assert copy.data == mail(7) and copy.received == when
    assert flags(dovecot, account.name, "Sent")[uid or 0] == {b"\\Seen"}


def test_processed_mail_is_marked_and_only_that(dovecot: Dovecot, account: Account, mail: Make) -> None:
    dovecot.drop([mail(number) for number in range(120)], account.name)
    with connect(account, PASSWORD) as box:
        wish = AfterProcessing(keyword="$MailbotTraite", flag_seen=True)
        assert box.after_processing("INBOX", list(range(1, 111)), wish) == []
        assert box.after_processing("INBOX", [111], AfterProcessing()) == []
    found = flags(dovecot, account.name)
    assert {uid for uid, names in found.items() if names} == set(range(1, 111))
    assert found[1] == {b"\\Seen", b"$MailbotTraite"}


@pytest.mark.parametrize("capability", [None, "IMAP4rev1 UIDPLUS"])
def test_processed_mail_is_moved_with_or_without_move(
    dovecot: Dovecot, user: str, mail: Make, capability: str | None
) -> None:
    with Dovecot(capability=capability, special={"Traités": ""}) as server:
        server.drop([mail(number) for number in range(1, 5)], user)
        with imapclient.IMAPClient("127.0.0.1", server.imap_port, ssl=False) as other:
            other.login(user, PASSWORD)
            other.select_folder("INBOX")
            other.delete_messages([4])  # somebody else's business
        with connect(server.account(user), PASSWORD) as box:
            assert box.after_processing("INBOX", [1, 2], AfterProcessing(move_to="Traités")) == []
            assert box.examine("Traités").exists == 2
            box.examine("INBOX")
            assert listed(box) == [3, 4]


def test_what_the_server_cannot_do_is_noted_or_refused_in_french(
    plain_dovecot: Dovecot, user: str, mail: Make
) -> None:
    plain_dovecot.drop([mail(1), mail(2)], user)
    with connect(plain_dovecot.account(user), PASSWORD) as box:
        notes = box.after_processing("INBOX", [1], AfterProcessing(keyword="traité"))
        assert "mot-clé « traité »" in notes[0]
        with pytest.raises(NeedsHuman, match=r"« Brouillon » n'existe pas.+Vouliez-vous dire « Brouillons »"):
            box.after_processing("INBOX", [1], AfterProcessing(move_to="Brouillon"))
        notes = box.after_processing("INBOX", [1], AfterProcessing(move_to="Brouillons"))
        assert "sans UIDPLUS" in notes[0]
        box.examine("INBOX")
        assert listed(box) == [1, 2]

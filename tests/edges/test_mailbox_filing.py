"""What is written to a real Dovecot: copies in Sent, marks and moves of processed mail."""

from datetime import UTC, datetime

import imapclient
import pytest

from mailbot.config import Account, AfterProcessing
from mailbot.edges.mailbox import connect
from mailbot.errors import NeedsHuman
from tests.edges.boxes import Make, fetched, flags, listed
from tests.servers.dovecot import PASSWORD, Dovecot

pytestmark = pytest.mark.server


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

"""Replies on their way out, through the real commands, a real Dovecot and real SMTP conversations."""

import sqlite3
import time

import pytest

from tests.end_to_end.letters import customer, letter, orders_csv
from tests.end_to_end.mailroom import HookedSmtp, file, folder, parsed
from tests.end_to_end.shop import Running, Shop, until
from tests.servers.smtp import HANG_UP, SmtpSink

pytestmark = pytest.mark.server


def open_shop(shop: Shop, port: int, *mails: bytes) -> list[int]:
    """Known customers, these mails prepared; the numbers of the drafts by ticket."""
    (shop.directory / "o.csv").write_text(orders_csv(range(10)), "utf-8")
    shop.configure(shop.account(smtp={"port": port}))
    shop.ok("orders", "import", "o.csv")
    shop.deliver(*mails)
    shop.ok("once")
    return [row[0] for row in shop.rows("SELECT id FROM replies ORDER BY case_id")]


def test_an_approved_reply_leaves_once_with_its_headers_and_a_copy_in_sent(
    shop: Shop, sink: SmtpSink
) -> None:
    question = letter(1, extra=["References: <a@mail.example>\r\n <b@mail.example>"])
    (number,) = open_shop(shop, sink.port, question)
    assert sink.taken == []
    shop.ok("drafts", "approve", str(number), "--as", "Léa")
    shop.ok("once")
    shop.ok("once")
    (taken,) = sink.taken
    assert taken.rcpt_tos == [customer(1)] and taken.mail_from == shop.address
    assert isinstance(taken.content, bytes)
    sent, asked = parsed(taken.content), parsed(question)
    assert sent["In-Reply-To"] == asked["Message-ID"]
    assert sent["References"].split() == ["<a@mail.example>", "<b@mail.example>", asked["Message-ID"]]
    assert sent["X-Mailbot-Ticket"] == "1" and sent["From"] == shop.address
    assert sent["Auto-Submitted"] is None
    assert sent["Message-ID"] == shop.one("SELECT message_id FROM replies")
    plain = sent.get_body(("plain",))
    assert plain is not None and "LIL-48201" in plain.get_content()
    (copy,) = folder(shop, "Sent")
    assert copy.splitlines() == taken.content.splitlines()
    assert shop.states("replies") == {"sent": 1}


def test_a_reply_nobody_approved_says_so(shop: Shop, sink: SmtpSink) -> None:
    shop.answer_alone(sink.port)
    (shop.directory / "o.csv").write_text(orders_csv([1]), "utf-8")
    shop.ok("orders", "import", "o.csv")
    shop.deliver(letter(1))
    shop.ok("once")
    (taken,) = sink.taken
    assert isinstance(taken.content, bytes)
    assert parsed(taken.content)["Auto-Submitted"] == "auto-replied"


def test_the_copy_in_sent_is_filed_once_when_we_died_after_filing_it(shop: Shop, sink: SmtpSink) -> None:
    (number,) = open_shop(shop, sink.port, letter(1))
    shop.ok("drafts", "approve", str(number))
    shop.ok("once")
    with sqlite3.connect(shop.data / "mailbot.sqlite3") as db:
        db.execute("UPDATE replies SET sent_copy_at = NULL")
    db.close()
    shop.ok("once")
    assert len(folder(shop, "Sent")) == 1 and len(sink.taken) == 1
    assert shop.one("SELECT count(*) FROM replies WHERE sent_copy_at IS NOT NULL") == 1


def test_an_approved_reply_waits_for_the_end_of_the_undo_window(shop: Shop, sink: SmtpSink) -> None:
    (number,) = open_shop(shop, sink.port, letter(1))
    shop.configure(shop.account(smtp={"port": sink.port}), sending={"undo_seconds": 3600})
    shop.ok("drafts", "approve", str(number))
    shop.ok("once")
    assert sink.taken == [] and shop.states("replies") == {"approved": 1}
    shop.ok("drafts", "cancel", str(number))
    assert shop.states("replies") == {"draft": 1}


def test_a_newer_mail_of_the_customer_stops_an_approved_reply(shop: Shop, sink: SmtpSink) -> None:
    (number,) = open_shop(shop, sink.port, letter(1))
    shop.ok("drafts", "approve", str(number))
    shop.deliver(letter(1, "Bonjour,\n\nTrop tard, annulez ma commande LIL-48201.\n", subject="Annulation"))
    shop.ok("once")
    assert sink.taken == []
    assert shop.states("replies") == {"draft": 2}
    story = shop.ok("drafts", "show", str(number), "--json").json[0]["story"]
    assert any("le client a écrit de nouveau" in what for _, _, what in story)


@pytest.mark.parametrize("stage", ["CONNECT", "DATA"])
def test_a_server_that_dies_before_data_gets_the_reply_later(shop: Shop, stage: str) -> None:
    with HookedSmtp({stage: HANG_UP}) as dying:
        (number,) = open_shop(shop, dying.port, letter(1))
        shop.ok("drafts", "approve", str(number))
        shop.ok("once")
        assert dying.bodies == [] and shop.states("replies") == {"approved": 1}
    with HookedSmtp() as healthy:
        shop.configure(shop.account(smtp={"port": healthy.port}))
        in_an_hour(shop)
        shop.ok("once")
        assert len(healthy.bodies) == 1 and shop.states("replies") == {"sent": 1}


def in_an_hour(shop: Shop) -> None:
    """Let the waiting time after a failed attempt have gone by."""
    with sqlite3.connect(shop.data / "mailbot.sqlite3") as db:
        db.execute("UPDATE replies SET next_attempt_at = next_attempt_at - 3600000000")
    db.close()


def test_a_server_that_dies_after_data_leaves_an_uncertain_reply_that_is_never_repeated(shop: Shop) -> None:
    with HookedSmtp({"DOT": HANG_UP}) as smtp:
        (number,) = open_shop(shop, smtp.port, letter(1))
        shop.ok("drafts", "approve", str(number))
        shop.ok("once")
        assert shop.states("replies") == {"uncertain": 1}
        in_an_hour(shop)
        shop.ok("once")
        assert len(smtp.bodies) == 1
        status = shop.run("status", "--check")
        assert status.code == 1 and "1 envoi incertain" in status.said
        assert [reply["state"] for reply in shop.ok("drafts", "list", "--json").json] == ["uncertain"]
        file(shop, "Sent", smtp.bodies[0])
        shop.ok("once")
        assert shop.states("replies") == {"sent": 1}
        assert len(smtp.bodies) == 1 and len(folder(shop, "Sent")) == 1


def test_a_person_may_have_an_uncertain_reply_sent_again(shop: Shop) -> None:
    with HookedSmtp({"DOT": HANG_UP}) as smtp:
        (number,) = open_shop(shop, smtp.port, letter(1))
        shop.ok("drafts", "approve", str(number))
        shop.ok("once")
    with HookedSmtp() as healthy:
        shop.configure(shop.account(smtp={"port": healthy.port}))
        shop.ok("drafts", "resolve", str(number), "--resend")
        shop.ok("once")
        assert healthy.letters[0]["Message-ID"] == shop.one("SELECT message_id FROM replies")
    assert shop.states("replies") == {"sent": 1}


@pytest.mark.parametrize("stage", ["RCPT", "DOT", "ANSWERED"])
def test_a_service_killed_while_sending_never_sends_twice(shop: Shop, stage: str) -> None:
    """ANSWERED is the gap between the server's yes and our commit: the database is held, so that it cannot commit."""
    with HookedSmtp() as smtp:
        (number,) = open_shop(shop, smtp.port, letter(1))
        shop.ok("drafts", "approve", str(number))
        killed: list[Running] = []
        held = sqlite3.connect(shop.data / "mailbot.sqlite3", check_same_thread=False)
        held.isolation_level = None

        def kill(reached: str) -> None:
            if reached == "DOT" and stage == "ANSWERED":
                held.execute("BEGIN IMMEDIATE")
            if reached == stage and killed:
                smtp.hook = None
                time.sleep(0.2 if stage == "ANSWERED" else 0)
                killed[0].shoot()

        smtp.hook = kill
        killed.append(shop.start("once"))
        assert killed[0].wait(30).code == -9
        held.close()
        assert shop.states("replies") == {"sending": 1}
        in_an_hour(shop)
        assert "1 envoi à vérifier" in shop.ok("once").err
        assert shop.states("replies") == {"uncertain": 1}
        until(lambda: len(smtp.bodies) == (stage in ("DOT", "ANSWERED")), 2)


def test_a_refused_recipient_is_told_to_a_person(shop: Shop) -> None:
    with HookedSmtp({"RCPT": "550 5.1.1 no such user"}) as smtp:
        (number,) = open_shop(shop, smtp.port, letter(1))
        shop.ok("drafts", "approve", str(number))
        shop.ok("once")
        assert shop.states("replies") == {"failed": 1}
        status = shop.run("status", "--check")
        assert status.code == 1 and "1 réponse refusée" in status.said
        (reply,) = shop.ok("drafts", "list", "--json").json
        assert "destinataire" in reply["reason"] and "refusé" in reply["reason"]


def test_a_silent_server_of_one_account_does_not_delay_the_replies_of_another(
    shop: Shop, sink: SmtpSink
) -> None:
    with HookedSmtp({"CONNECT": "(silent)"}) as silent:
        bad = shop.account(
            name="muet", smtp={"port": silent.port, "timeout_seconds": 30}, imap={"username": "autre"}
        )
        good = shop.account(smtp={"port": sink.port})
        shop.configure(bad, good)
        (shop.directory / "o.csv").write_text(orders_csv(range(4)), "utf-8")
        shop.ok("orders", "import", "o.csv")
        shop.dovecot.deliver(letter(1), "autre")
        shop.deliver(letter(2), letter(3))
        shop.ok("once")
        for (number,) in shop.rows("SELECT id FROM replies ORDER BY id"):
            shop.ok("drafts", "approve", str(number))
        service = shop.start("run")
        until(lambda: len(sink.taken) == 2, 8, service.log)
        until(lambda: shop.states("replies").get("sent") == 2, 2)
        service.kill()
        assert shop.states("replies") == {"sent": 2, "sending": 1}

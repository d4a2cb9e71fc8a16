"""mailbot.edges.smtp against real and deliberately failing servers on real sockets."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mailbot.config import Server
from mailbot.edges import message, smtp
from mailbot.errors import NeedsHuman, TryAgain
from mailbot.model import Address, Receipt
from tests.servers.dovecot import CERTS, PASSWORD, free_port
from tests.servers.smtp import HANG_UP, SILENT, ScriptedSmtp, SmtpSink, server_settings

pytestmark = pytest.mark.server
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def reply(text: str = "Bonjour,\n.\n..deux\nfin", to: str = "client@exemple.fr") -> bytes:
    return message.build(
        to=Address(name="Zoé", addr=to),
        sender=Address(name="Boutique", addr="sav@boutique.exemple"),
        subject="Votre colis",
        text=text,
        html=None,
        message_id="<r1@boutique.exemple>",
        in_reply_to=None,
        references=(),
        ticket=1,
        automatic=False,
        date=NOW,
    )


def send(server: Server, password: str | None = None, **changes: Any) -> Receipt:
    to = changes.pop("to", "client@exemple.fr")
    mail = changes.pop("mail", None) or reply(to=to)
    settings = {"ehlo": "boutique.exemple", "answer_seconds": 1.0, **changes}
    return asyncio.run(smtp.send(server, password, mail, "retours@boutique.exemple", to, **settings))


def test_a_mail_arrives_byte_for_byte_with_its_envelope() -> None:
    with SmtpSink() as sink:
        receipt = send(sink.server())
    assert receipt.outcome == "sent" and receipt.code == 250
    assert "queued as 4711" in receipt.server_text
    assert sink.taken[0].content == reply()
    assert sink.taken[0].mail_from == "retours@boutique.exemple"
    assert sink.taken[0].rcpt_tos == ["client@exemple.fr"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_and_starttls_with_log_in_work(security: str) -> None:
    with SmtpSink(security) as sink:
        assert send(sink.server(username="sav"), PASSWORD).outcome == "sent"
        refused = send(sink.server(username="sav"), "faux")
        unknown = send(sink.server(username="sav", ca_file=None), PASSWORD)
    assert refused.outcome == "failed" and refused.code == 535
    assert "mot de passe refusé" in refused.server_text
    assert unknown.outcome == "failed" and "autorité est inconnue" in unknown.server_text
    assert len(sink.taken) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_another_host_stops_everything(security: str) -> None:
    with SmtpSink(security, stem="other") as sink:
        receipt = send(sink.server(username="sav"), PASSWORD)
    assert receipt.outcome == "failed"
    assert "autre" in receipt.server_text and "pas même le mot de passe" in receipt.server_text


def test_without_starttls_the_password_stays_here() -> None:
    with ScriptedSmtp() as server:
        receipt = send(server.server(security="starttls", username="sav"), PASSWORD)
        assert receipt.outcome == "failed" and "n'offre pas STARTTLS" in receipt.server_text
        assert not [command for command in server.heard if command.startswith("AUTH")]


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY"])
def test_a_server_that_hangs_up_before_the_final_dot_does_not_have_the_mail(stage: str) -> None:
    with ScriptedSmtp({stage: HANG_UP}) as server:
        receipt = send(server.server(username="sav"), PASSWORD, mail=reply("x" * 20_000_000))
        assert (receipt.outcome, receipt.code) == ("retry", None), receipt
        assert server.bodies == []


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_server_that_falls_silent_before_the_final_dot_does_not_have_the_mail(stage: str) -> None:
    with ScriptedSmtp({stage: SILENT}) as server:
        receipt = send(server.server(username="sav", timeout_seconds=0.3), PASSWORD)
        assert receipt.outcome == "retry" and "n'est pas parti" in receipt.server_text


@pytest.mark.parametrize("answer", [HANG_UP, SILENT, "gibberish", "354 again"])
def test_no_clear_answer_after_the_final_dot_is_uncertain(answer: str) -> None:
    with ScriptedSmtp({"DOT": answer}) as server:
        receipt = send(server.server())
        assert receipt.outcome == "uncertain", receipt
        assert len(server.bodies) == 1


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("code", "outcome"), [(421, "retry"), (451, "retry"), (552, "failed"), (554, "failed")]
)
def test_refusals_are_passing_or_lasting_by_their_code_at_every_stage(
    stage: str, code: int, outcome: str
) -> None:
    with ScriptedSmtp({stage: f"{code} 4.7.1 non merci", "HELO": f"{code} 4.7.1 non merci"}) as server:
        receipt = send(server.server(username="sav"), PASSWORD)
        assert (receipt.outcome, receipt.code) == (outcome, code), receipt
        assert "non merci" in receipt.server_text


def test_a_refused_recipient_is_named() -> None:
    with ScriptedSmtp({"RCPT": "550 5.1.1 no such user"}) as server:
        assert "destinataire « client@exemple.fr » refusé" in send(server.server()).server_text


def test_a_refused_sender_is_told_with_the_keys_to_change() -> None:
    with ScriptedSmtp({"MAIL": "553 5.7.1 not yours"}) as server:
        said = send(server.server()).server_text
    assert "refusé" in said and "mettez dans address (ou envelope_from)" in said


def test_a_refused_log_in_says_what_the_provider_wants() -> None:
    with ScriptedSmtp({"AUTH": "535 5.7.8 bad credentials"}) as server:
        said = send(server.server(username="sav"), PASSWORD).server_text
    assert "identifiant ou mot de passe refusé" in said and "adresse entière" in said
    assert PASSWORD not in said.replace("mot de passe", "")


def test_a_yes_counts_even_when_the_server_then_hangs_up() -> None:
    with ScriptedSmtp({"QUIT": HANG_UP}) as server:
        assert send(server.server()).outcome == "sent"


def test_dots_are_stuffed_and_bare_line_ends_mended() -> None:
    with ScriptedSmtp() as server:
        send(server.server(), mail=b"Subject: a\n\n.\r.\n\r\n.suite")
        assert server.bodies == [b"Subject: a\r\n\r\n..\r\n..\r\n\r\n..suite\r\n"]


def test_a_closed_port_and_an_unknown_host_are_tried_again() -> None:
    assert "connexion refusée" in send(server_settings(free_port())).server_text
    receipt = send(server_settings(25, host="smtp.inexistant.invalid", allow_plain_text=True))
    assert receipt.outcome == "retry" and "serveur introuvable. Vérifiez" in receipt.server_text


def test_addresses_with_accents_go_out_or_are_refused_clearly() -> None:
    with SmtpSink(utf8=True) as sink:
        assert send(sink.server(), to="zoé@élan.fr").outcome == "sent"
        assert sink.taken[0].rcpt_tos == ["zoé@xn--lan-9la.fr"]
    with SmtpSink() as sink:
        receipt = send(sink.server(), to="zoé@exemple.fr")
        assert receipt.outcome == "failed" and "SMTPUTF8" in receipt.server_text
        assert send(sink.server(), to="client@élan.fr").outcome == "sent"
        assert sink.taken[0].rcpt_tos == ["client@xn--lan-9la.fr"]


def test_a_recipient_cannot_inject_commands() -> None:
    with ScriptedSmtp() as server:
        receipt = send(server.server(), mail=reply(), to="a@b.fr>\r\nRCPT TO:<x@y.z")
        assert receipt.outcome == "failed"
        assert not [command for command in server.heard if "x@y.z" in command]


def test_checking_logs_in_and_sends_nothing() -> None:
    with SmtpSink("tls") as sink:
        asyncio.run(smtp.check(sink.server(username="sav"), PASSWORD))
        with pytest.raises(NeedsHuman, match="mot de passe refusé"):
            asyncio.run(smtp.check(sink.server(username="sav"), "faux"))
    with pytest.raises(TryAgain, match=r"connexion refusée.*port n'est pas le bon\.$"):
        asyncio.run(smtp.check(sink.server(), None))
    with pytest.raises(NeedsHuman, match="ca_file"):
        asyncio.run(smtp.check(sink.server(ca_file=CERTS / "absent.pem"), None))
    assert sink.taken == []


def test_a_missing_ca_file_fails_the_mail_with_words() -> None:
    receipt = send(server_settings(465, security="tls", ca_file=CERTS / "absent.pem"))
    assert receipt.outcome == "failed" and "ca_file" in receipt.server_text


def test_the_ladder_climbs_and_respects_the_codes() -> None:
    minutes = [(smtp.retry_at(attempt, None, NOW) - NOW) / timedelta(minutes=1) for attempt in range(1, 14)]
    assert minutes == [1, 5, 15, 30, 60, 120, 240, 240, 480, 480, 720, 720, 720]
    assert smtp.retry_at(1, 450, NOW) == NOW + timedelta(minutes=5)
    assert smtp.retry_at(1, 421, NOW) == NOW + timedelta(minutes=5)
    assert smtp.retry_at(2, 452, NOW) == NOW + timedelta(minutes=15)
    assert smtp.retry_at(6, 451, NOW) == NOW + timedelta(minutes=120)


def test_a_large_mail_to_a_slow_reader_is_not_taken_for_a_dead_one() -> None:
    with ScriptedSmtp() as server:
        began = time.monotonic()
        assert send(server.server(timeout_seconds=5), mail=reply("é" * 2_000_000)).outcome == "sent"
        assert time.monotonic() - began < 30
        assert len(server.bodies[0]) > 4_000_000

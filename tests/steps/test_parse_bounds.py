"""No bytes make the parse fail, and none make it slow."""

import time
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.steps.parse import header_sender
from tests.steps.mails import read

HEAD = b"From: a@b.example\r\nContent-Type: "
HOSTILE = {
    "10 000 parties": HEAD
    + b"multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\nmot\r\n" * 10_000
    + b"--b--",
    "2 000 liens": HEAD + b"text/html\r\n\r\n" + b'<a href="https://x.example/">lien</a> ' * 2_000,
    "5 Mo de HTML": HEAD + b"text/html\r\n\r\n" + b"<p>Bonjour <b>le</b> monde</p>\n" * 170_000,
    "balises imbriquées": HEAD + b"text/html\r\n\r\n" + b"<div>" * 200_000,
    "balises jamais fermées": HEAD + b"text/html\r\n\r\n" + b"<div " * 1_000_000,
    "1 000 citations": HEAD + b"text/plain\r\n\r\n" + b"".join(b">" * i + b" mot\r\n" for i in range(1_000)),
    "annonces sans fin": HEAD + b"text/plain\r\n\r\n" + b"Le 12 mars a\r\n" * 200_000,
    "en-têtes cités": HEAD + b"text/plain\r\n\r\n" + b"De : a\r\n" * 300_000,
    "traits": HEAD + b"text/plain\r\n\r\n" + (b"_" * 60 + b"\r\n") * 49_000,
    "réponses d'iPhone": HEAD + b"text/plain\r\n\r\n" + "Envoyé de mon mobile a b\r\n".encode() * 100_000,
    "ligne d'appareil sans fin": HEAD + b"text/plain\r\n\r\nEnvoy\xe9 de mon iPhone" + b" " * 390_000 + b"x",
    "espaces": HEAD + b"text/plain\r\n\r\n" + b" " * 3_000_000 + b"x",
    "texte replié": HEAD + b"text/plain; format=flowed\r\n\r\n" + b"mot \r\n" * 300_000,
    "mots encodés": b"From: a@b.example\r\nSubject: " + b"=?utf-8?q?=C3=A9?= " * 100_000 + b"\r\n\r\nx",
    "guillemets": b"From: " + b'"\\' * 200_000 + b"\r\nTo: " + b"<(" * 200_000 + b"\r\n\r\nx",
    "en-têtes cassés": b"Subject: x\r\n" + b"casse\r\n" * 300_000 + b"To: a@b.example\r\n\r\nx",
    "multiparts imbriqués": HEAD + b"multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: " * 1_000,
    "40 Mo": HEAD
    + b"multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nBonjour\r\n--b\r\nContent-Type: image/png\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + (b"QUJD" * 19 + b"\r\n") * 510_000 + b"--b--",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_mail_takes_less_than_two_seconds(data: bytes) -> None:
    start = time.process_time()
    mail = read(data)
    assert timedelta(seconds=time.process_time() - start) < timedelta(seconds=2)
    assert mail.digest


_FRAGMENTS = st.sampled_from(
    [
        b"From: ", b"Subject: ", b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: text/html",
        b"\r\n", b"\n",
        b"\r\n\r\n", b"--b", b"--b--", b"=?utf-8?q?=C3", b"?=", b"Content-Transfer-Encoding: base64", b"charset=utf-7",
        b"Le 12 mars 2026 \xc3\xa0 10:00, X <x@y.fr> a \xc3\xa9crit :", b"> ", b"<div>", b"<blockquote type=cite>",
        b"\x00", b"\xff",
        b"Date: ", b"Content-Disposition: attachment; filename*0*=", b"message/rfc822", b"format=flowed",
        b"a@b.fr", b"<", b'"',
        b"Content-Type: multipart/report; boundary=b", b"Message-ID: <", b"\x02", b"\x06", b"&#2;&#6;",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_the_parse_fail(data: bytes) -> None:
    mail = read(data)
    assert mail.sent is None or mail.sent.tzinfo is not None
    header_sender(data)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(_FRAGMENTS, st.binary(max_size=12)), max_size=40).map(b"".join))
def test_no_broken_mail_makes_the_parse_fail_or_carries_a_line_break_in_a_header(data: bytes) -> None:
    mail = read(data)
    header_sender(data)
    people = [person for person in (mail.sender, mail.reply_to, *mail.to) if person]
    values = [
        mail.subject,
        *(p.name for p in people),
        *(p.addr for p in people),
        *(a.filename for a in mail.attachments),
    ]
    values += [mail.message_id or "", *mail.in_reply_to, *mail.references, *mail.bounced_ids]
    assert not any(char in value for value in values for char in "\r\n\0")
    assert "\0" not in mail.text + mail.quoted
    assert "\r" not in mail.text

"""Any bytes become a Mail: headers, charsets, parts, and bounds on hostile mails."""

import base64
from datetime import UTC, datetime

import pytest

from mailbot.model import Address, Authentication
from mailbot.steps.parse import header_sender, parse
from tests.steps.mails import CHANNELS, READING, html, multipart, plain, raw, read


def test_the_usual_headers_are_read() -> None:
    headers = (
        "In-Reply-To: <r1@boutique.example>\nReferences: <r0@boutique.example>\n <r1@boutique.example>\n"
        "Reply-To: Jeanne <autre@fai.example>\n"
        "Authentication-Results: mx.boutique.example; dkim=fail; dkim=pass header.d=fai.example; spf=pass; dmarc=fail\n"
        "Authentication-Results: mx.pirate.example; dmarc=pass"
    )
    mail = read(plain("Bonjour", headers=headers))
    assert mail.sender == Address(name="Jeanne Petit", addr="jeanne.petit@fai.example")
    assert mail.reply_to == Address(name="Jeanne", addr="autre@fai.example")
    assert mail.to == (Address(name="Boutique", addr="contact@boutique.example"),)
    assert mail.message_id == "<abc@fai.example>"
    assert mail.in_reply_to == ("<r1@boutique.example>",)
    assert mail.references == ("<r0@boutique.example>", "<r1@boutique.example>")
    assert mail.sent == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert (mail.authentication.spf, mail.authentication.dkim, mail.authentication.dmarc) == (
        "pass",
        "pass",
        "fail",
    )
    assert mail.defects == ()


@pytest.mark.parametrize(
    "stated",
    [
        "mx.boutique.example; spf=pass smtp.mailfrom=dmarc=pass@pirate.example; dmarc=fail",
        'mx.boutique.example; dmarc=fail; spf=pass smtp.mailfrom="; dmarc=pass"@pirate.example',
        "mx.boutique.example; spf=pass (; dmarc=pass) smtp.mailfrom=x@pirate.example; dmarc=fail",
        "mx.boutique.example; dmarc=fail; dmarc=pass",
    ],
)
def test_a_strangers_words_inside_the_authentication_results_prove_nothing(stated: str) -> None:
    assert read(plain("Bonjour", headers=f"Authentication-Results: {stated}")).authentication.dmarc == "fail"


def test_no_authentication_results_state_nothing() -> None:
    assert read(plain("Bonjour")).authentication == Authentication()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("=?utf-8?q?Colis_ab=C3=AEm=C3=A9?=", "Colis abîmé"),
        ("=?UTF-8?B?Q29saXMgYWLDrm3DqQ==?=", "Colis abîmé"),
        ("=?UTF-8?B?Q29saXMgYWLDrm3DqQ?=", "Colis abîmé"),
        ("=?iso-8859-1?Q?Colis_ab=EEm=E9?=", "Colis abîmé"),
        ("=?utf-8?q?Colis_ab=C3=AEm=C3?= =?utf-8?q?=A9?=", "Colis abîmé"),
        ("=?utf-8?q?Colis?=\r\n =?utf-8?q?_ab=C3=AEm=C3=A9?=", "Colis abîmé"),
        ("=?utf-8?q?Colis ab=C3=AEm=C3=A9?=", "Colis abîmé"),
        ("=?inconnu?q?Colis_ab=C3=AEm=C3=A9?=", "Colis abîmé"),
        ("=?utf-8?q?Colis_ab=C3=AEm=C3=A9", "Colis abîmé"),
        ("Colis abîmé", "Colis abîmé"),
        ("=?utf-8?q?Colis=0D=0ABcc:_x@y.example?=", "Colis Bcc: x@y.example"),
        ("Prix 3 =? 4", "Prix 3 =? 4"),
    ],
)
def test_a_subject_is_decoded_however_it_is_written(field: str, text: str) -> None:
    assert read(plain("x", subject=field)).subject == text


def test_an_eight_bit_windows_subject_is_read() -> None:
    assert (
        read("Subject: Colis abîmé\r\nFrom: a@b.example\r\n\r\nx".encode("cp1252")).subject == "Colis abîmé"
    )


@pytest.mark.parametrize(
    ("field", "name", "addr"),
    [
        ("jeanne@fai.example", "", "jeanne@fai.example"),
        ("<Jeanne@FAI.example>", "", "jeanne@fai.example"),
        ('"Petit, Jeanne" <jeanne@fai.example>', "Petit, Jeanne", "jeanne@fai.example"),
        ("=?utf-8?q?H=C3=A9l=C3=A8ne?= <h@fai.example>", "Hélène", "h@fai.example"),
        ('"=?utf-8?q?Petit=2C_Zo=C3=A9?=" <z@fai.example>', "Petit, Zoé", "z@fai.example"),
        ("jeanne@fai.example (Jeanne)", "", "jeanne@fai.example"),
        ('"contact@boutique.example" <pirate@x.example>', "contact@boutique.example", "pirate@x.example"),
        ("Jeanne <jeanne@fai.example", "Jeanne", "jeanne@fai.example"),
        ("=?utf-8?q?x=0D=0ATo:_b=40c.d?= <a@b.example>", "x To: b@c.d", "a@b.example"),
    ],
)
def test_a_sender_is_read_however_it_is_written(field: str, name: str, addr: str) -> None:
    data = plain("x", sender=field)
    assert read(data).sender == Address(name=name, addr=addr)
    assert header_sender(data) == addr


def test_a_mail_without_any_header_keeps_its_text_and_says_so() -> None:
    mail = read(b"Bonjour, ma lampe est cass\xe9e.\n\nJeanne")
    assert mail.text == "Bonjour, ma lampe est cassée.\n\nJeanne"
    assert mail.sender is None
    assert mail.reply_to is None
    assert "Expéditeur absent ou illisible." in mail.defects


def test_an_empty_mail_is_a_mail() -> None:
    assert read(b"").text == ""
    assert header_sender(b"") == ""


def test_text_that_begins_without_a_blank_line_is_kept() -> None:
    mail = read(b"From: a@b.example\r\nSubject: x\r\nBonjour, rien recu.\r\nJeanne\r\n\r\nMerci")
    assert "Bonjour, rien recu." in mail.text
    assert "Merci" in mail.text
    assert mail.defects


@pytest.mark.parametrize(
    "field", ["14/07/2026 23:23", "Tue, 14 Jul 2026 23:23:00 +0200", "14 Jul 26 23:23:00 +0200"]
)
def test_a_date_is_read_and_aware(field: str) -> None:
    data = b"From: a@b.example\r\nDate: " + field.encode() + b"\r\n\r\nx"
    assert read(data).sent == datetime(2026, 7, 14, 21, 23, tzinfo=UTC)


def test_an_impossible_date_is_no_date() -> None:
    assert read(b"From: a@b.example\r\nDate: 31 Feb 2026 99:99:99 +9999\r\n\r\nx").sent is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Bonjour,</p><p>Merci</p>", "Bonjour,\n\nMerci"),
        ("<div>Un</div><div><br></div><div>Deux</div>", "Un\n\nDeux"),
        ("Un<br>Deux<br><br>Trois", "Un\nDeux\n\nTrois"),
        (
            "<p class=MsoNormal>Un</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Deux</p>",
            "Un\n\nDeux",
        ),
        ("<p class=MsoNormal>Un</p><p class=MsoNormal>Deux</p>", "Un\nDeux"),
        ("Liste :<ul><li>lampe</li><li>vis</li></ul>", "Liste :\n- lampe\n- vis"),
        ("Étapes<ol><li>ouvrir</li><li>fermer</li></ol>", "Étapes\n1. ouvrir\n2. fermer"),
        (
            "<table><tr><td>Réf</td><td>AB12</td></tr><tr><td>Prix</td><td>3 €</td></tr></table>",
            "Réf AB12\nPrix 3 €",
        ),
        ('Voir <a href="https://x.example/y">ma photo</a> ici', "Voir ma photo ici"),
        ("<style>p{color:red}</style><script>alert(1)</script>Bonjour<!-- caché -->", "Bonjour"),
        ("Un\n   <b>mot</b>\n suivi", "Un mot suivi"),
        ("&lt;b&gt; &amp; &eacute;&#233;&#x1F600;", "<b> & éé😀"),
        ('<div style="display:none">aperçu</div>Bonjour', "Bonjour"),
        ("<pre>a\nb</pre>", "a\nb"),
        ("", ""),
    ],
)
def test_html_becomes_the_text_a_person_sees(source: str, expected: str) -> None:
    assert read(html(source)).text == expected


def test_attachments_are_listed_with_their_decoded_size_and_never_read_as_text() -> None:
    photo = base64.encodebytes(b"\xff\xd8" + bytes(5000)).decode()
    data = multipart(
        "mixed",
        "Content-Type: text/plain; charset=utf-8\n\nVoir la photo.",
        "Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n"
        f"Content-Disposition: attachment; filename*=utf-8''lampe%20cass%C3%A9e.jpg\n\n{photo}",
        "Content-Type: text/plain; name=notes.txt\nContent-Disposition: attachment\n\nnotes",
        'Content-Type: application/ms-tnef; name="winmail.dat"\n\nx',
        'Content-Type: application/pdf; name="=?utf-8?q?facture_=C3=A9t=C3=A9.pdf?="\n\n%PDF',
        'Content-Type: image/png; name="../../etc/passwd"\n\nx',
    )
    mail = read(data)
    assert mail.text == "Voir la photo."
    assert [a.filename for a in mail.attachments] == [
        "lampe cassée.jpg",
        "notes.txt",
        "winmail.dat",
        "facture été.pdf",
        "passwd",
    ]
    assert mail.attachments[0].size == 5002
    assert mail.attachments[0].content_type == "image/jpeg"


def test_a_named_text_in_line_is_a_file_once_the_message_is_there() -> None:
    first = "Content-Type: text/plain; name=message.txt\n\nVoir le journal."
    data = multipart("mixed", first, 'Content-Type: text/plain; name="journal.txt"\n\nerreur 12')
    mail = read(data)
    assert mail.text == "Voir le journal."
    assert [a.filename for a in mail.attachments] == ["journal.txt"]


def test_an_encrypted_mail_says_that_it_could_not_be_read() -> None:
    part = "Content-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN PGP MESSAGE-----"
    mail = read(multipart("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1", part))
    assert mail.text == ""
    assert mail.defects == ("Message chiffré ou signé en bloc : son texte n'a pas pu être lu.",)


def test_a_forwarded_message_is_listed_and_its_text_kept_as_quoted() -> None:
    inner = (
        "From: DPD <avis@dpd.example>\nSubject: Colis livré\nContent-Type: text/plain; charset=utf-8\n\n"
        "Votre colis est livré à la voisine."
    )
    data = multipart(
        "mixed",
        "Content-Type: text/plain; charset=utf-8\n\nC'est faux !",
        "Content-Type: message/rfc822\n\n" + inner,
    )
    mail = read(data)
    assert mail.text == "C'est faux !"
    assert "Votre colis est livré à la voisine." in mail.quoted
    assert mail.attachments[0].filename == "Colis livré.eml"
    bare = read(multipart("mixed", "Content-Type: message/rfc822\n\n" + inner))
    assert "Votre colis est livré à la voisine." in bare.text


def test_an_eight_bit_forward_inside_a_mail_does_not_stop_anything() -> None:
    inner = "From: Hélène <h@b.example>\r\nSubject: Déjà\r\n\r\nDéjà reçu".encode("cp1252")
    part = b"Content-Type: message/rfc822\r\n\r\n" + inner
    assert "Déjà reçu" in read(multipart("mixed", "Content-Type: text/plain\n\nVoir", part)).quoted


@pytest.mark.parametrize(
    "data",
    [
        b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n\r\nBonjour\r\n--x--\r\n",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=autre\r\n\r\n--x\r\n\r\nBonjour\r\n--x--\r\n",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nBonjour\r\n",
        b"From: a@b.example\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\nBonjour\r\n",
        b"From: a@b.example\r\nContent-Type: text\r\n\r\nBonjour\r\n",
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\nQm9uam91cg\r\n",
        b'From: a@b.example\nContent-Type: multipart/mixed; boundary="x"\n\n--xy\n\nnon\n--x\n\nBonjour\n--x--\n',
    ],
)
def test_readable_text_survives_broken_structure(data: bytes) -> None:
    assert "Bonjour" in read(data).text


def test_a_mail_known_by_its_headers_only_says_so_in_french() -> None:
    data = (
        plain("jamais lu", headers="Content-Type: multipart/mixed; boundary=x").split(b"\r\n\r\n")[0]
        + b"\r\n\r\n"
    )
    mail = parse(raw(data, complete=False, size=41_300_000), CHANNELS, READING)
    assert mail.text == mail.quoted == ""
    assert mail.attachments == ()
    assert mail.complete is False
    assert mail.defects == ("Message trop volumineux (41,3 Mo) : seul l'en-tête a été lu, pas le texte.",)
    assert mail.sender is not None

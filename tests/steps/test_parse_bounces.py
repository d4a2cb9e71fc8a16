"""Delivery reports name the message of ours that came back, in every way mail systems write them."""

from tests.steps.mails import multipart, plain, read

DSN = (
    "Content-Type: text/plain\n\nThis is the mail system at host mx.fai.example.",
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.fai.example\n\n"
    "Final-Recipient: rfc822; paul@fai.example\nAction: failed\nStatus: 5.1.1\n",
    "Content-Type: message/rfc822\n\nFrom: contact@boutique.example\nMessage-ID: <reponse-7@boutique.example>\n"
    "Subject: Votre commande\n\nBonjour Paul,",
)
DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.fai.example>"


def test_a_delivery_report_names_the_message_that_came_back() -> None:
    mail = read(
        multipart("report; report-type=delivery-status", *DSN, sender=DAEMON, headers="Return-Path: <>")
    )
    assert mail.machine is not None
    assert mail.machine.kind == "bounce"
    assert mail.bounced_ids == ("<reponse-7@boutique.example>",)
    assert mail.text == "This is the mail system at host mx.fai.example."


def test_a_delivery_report_says_who_could_not_be_reached_and_why() -> None:
    said = DSN[1] + "Diagnostic-Code: smtp; 550 5.1.1 <paul@fai.example>\n    unknown user\n"
    mail = read(multipart("report; report-type=delivery-status", DSN[0], said, DSN[2], sender=DAEMON))
    assert mail.bounce is not None
    assert mail.bounce.recipient == "paul@fai.example"
    assert mail.bounce.reason == (
        "cette adresse n'existe pas (5.1.1 : 550 5.1.1 <paul@fai.example> unknown user)"
    )


def test_an_unknown_status_is_told_by_its_class_and_none_at_all_by_saying_so() -> None:
    odd = DSN[1].replace("5.1.1", "5.3.9")
    mail = read(multipart("report; report-type=delivery-status", DSN[0], odd, DSN[2], sender=DAEMON))
    assert mail.bounce is not None
    assert mail.bounce.reason == "refus définitif du serveur du destinataire (5.3.9)"
    text = "Failed.\n\nMessage-ID: <reponse-9@boutique.example>\n"
    mail = read(plain(text, sender=DAEMON, subject="failure notice"))
    assert mail.bounce is not None and mail.bounce.reason == "sans raison donnée"


def test_a_report_of_mere_delay_bounces_nothing() -> None:
    delayed = (DSN[0], DSN[1].replace("Action: failed", "Action: delayed"), DSN[2])
    mail = read(multipart("report; report-type=delivery-status", *delayed, sender=DAEMON))
    assert mail.machine is not None
    assert mail.bounced_ids == ()


def test_headers_alone_are_enough_to_find_what_bounced() -> None:
    part = "Content-Type: text/rfc822-headers\n\nMessage-ID: <reponse-8@boutique.example>\n"
    mail = read(multipart("report; report-type=delivery-status", DSN[0], DSN[1], part, sender=DAEMON))
    assert mail.bounced_ids == ("<reponse-8@boutique.example>",)


def test_an_old_mail_system_returns_the_message_inside_the_text() -> None:
    text = "Failed.\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <reponse-9@boutique.example>\n"
    mail = read(plain(text, sender=DAEMON, subject="failure notice"))
    assert mail.machine is not None
    assert mail.machine.kind == "bounce"
    assert mail.bounced_ids == ("<reponse-9@boutique.example>",)


def test_the_words_returned_with_a_report_are_kept_with_what_is_quoted() -> None:
    returned = "Content-Type: text/plain\n\nBonjour Paul, votre commande est partie."
    mail = read(multipart("report; report-type=delivery-status", DSN[0], DSN[1], returned, sender=DAEMON))
    assert mail.text == "This is the mail system at host mx.fai.example."
    assert "Final-Recipient: rfc822; paul@fai.example" in mail.quoted
    assert "votre commande est partie." in mail.quoted


def test_a_spam_complaint_is_a_machines() -> None:
    mail = read(
        multipart(
            "report; report-type=feedback-report",
            DSN[0],
            "Content-Type: message/feedback-report\n\nFeedback-Type: abuse",
            DSN[2],
        )
    )
    assert mail.machine is not None
    assert mail.bounced_ids == ("<reponse-7@boutique.example>",)

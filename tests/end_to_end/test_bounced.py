"""A reply of ours that comes back: told with its reason, and its clock runs again."""

import pytest

from tests.end_to_end.agents import open_shop, unmet
from tests.end_to_end.letters import customer, letter
from tests.end_to_end.shop import Shop
from tests.servers.smtp import SmtpSink

pytestmark = pytest.mark.server


def test_a_bounce_is_told_with_its_reason_and_the_address_is_flagged(shop: Shop, sink: SmtpSink) -> None:
    open_shop(shop, letter(1), smtp_port=sink.port)
    shop.ok("drafts", "approve", "1")
    shop.ok("once")
    assert unmet(shop) == 0
    shop.deliver(delivery_report(shop.one("SELECT message_id FROM replies"), customer(1)))
    shop.ok("once")
    again = "SELECT count(*) FROM deadlines WHERE case_id = 1 AND met_at IS NULL AND name LIKE 'reponse%'"
    assert shop.one(again) == 1 and shop.one("SELECT state FROM cases WHERE id = 1") == "open"
    said = shop.ok("tickets", "list").said
    assert f"⚠ {customer(1)} : un envoi est revenu" in said and "cette adresse n'existe pas" in said
    assert "La réponse est revenue : cette adresse n'existe pas" in shop.ok("tickets", "show", "1").said
    flagged = [
        one["address_flagged"] for one in shop.ok("tickets", "list", "--json").json if one["ticket"] == 1
    ]
    assert flagged and "5.1.1" in flagged[0]
    shop.ok("tickets", "unflag", customer(1))
    assert "⚠" not in shop.ok("tickets", "list").said


def delivery_report(message_id: str, recipient: str) -> bytes:
    lines = [
        "From: Mail Delivery System <MAILER-DAEMON@mx.mail.example>",
        "To: sav@localhost",
        "Subject: Undelivered Mail Returned to Sender",
        "Message-ID: <avis@mx.mail.example>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.mail.example",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        "Action: failed",
        "Status: 5.1.1",
        f"Diagnostic-Code: smtp; 550 5.1.1 <{recipient}>: user unknown",
        "",
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {message_id}",
        "--b--",
        "",
    ]
    return "\r\n".join(lines).encode()

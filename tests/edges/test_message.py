"""mailbot.edges.message: what leaves is correct, harmless and always the same."""

import email
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.edges import message
from mailbot.errors import NeedsHuman
from mailbot.model import Address

WHEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
REPLY: dict[str, Any] = {
    "to": Address(name="Hélène Dupont, née Šimić", addr="helene@exemple.fr"),
    "sender": Address(name="Boutique Café & Thé", addr="sav@boutique.exemple"),
    "subject": "Re: Où est mon colis n° 42 ?",
    "text": "Bonjour,\n\nVotre colis est là…\n.\nÀ bientôt\n",
    "html": None,
    "message_id": "<r42@boutique.exemple>",
    "in_reply_to": "<c2@exemple.fr>",
    "references": ("<c1@exemple.fr>", "<c2@exemple.fr>"),
    "ticket": 42,
    "automatic": False,
    "date": WHEN,
}


def built(**changes: object) -> bytes:
    return message.build(**{**REPLY, **changes})


def parsed(data: bytes) -> EmailMessage:
    mail = email.message_from_bytes(data, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def content(mail: object) -> str:
    assert isinstance(mail, EmailMessage)
    return str(mail.get_content()).replace("\r\n", "\n")


def well_formed(data: bytes) -> bool:
    return not re.search(rb"(?<!\r)\n|\r(?!\n)", data) and max(map(len, data.split(b"\r\n"))) <= 998


def test_a_reply_carries_everything_the_contract_asks_for() -> None:
    mail = parsed(built())
    assert mail["Message-ID"] == "<r42@boutique.exemple>"
    assert mail["In-Reply-To"] == "<c2@exemple.fr>"
    assert mail["References"].split() == ["<c1@exemple.fr>", "<c2@exemple.fr>"]
    assert mail["X-Mailbot-Ticket"] == "42"
    assert mail["Subject"] == "Re: Où est mon colis n° 42 ?"
    assert mail["Date"].datetime == WHEN
    assert mail["To"].addresses[0].display_name == "Hélène Dupont, née Šimić"
    assert mail["From"].addresses[0].addr_spec == "sav@boutique.exemple"
    assert mail["Auto-Submitted"] is None
    assert content(mail) == REPLY["text"]


def test_only_an_automatic_reply_says_that_it_is_one() -> None:
    assert parsed(built(automatic=True))["Auto-Submitted"] == "auto-replied"


def test_html_comes_as_an_alternative_beside_the_plain_text() -> None:
    mail = parsed(built(html="<p>Là&nbsp;: été</p>" + "x" * 3000))
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.iter_parts()
    assert content(plain) == REPLY["text"]
    assert html.get_content_type() == "text/html"
    assert content(html).startswith("<p>Là&nbsp;: été</p>xxx")


def test_the_same_reply_gives_the_same_bytes() -> None:
    first = built(html="<p>a</p>")
    assert first == built(html="<p>a</p>")
    assert first != built(html="<p>a</p>", message_id="<r43@boutique.exemple>")
    assert well_formed(first)
    assert first.isascii()


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: x@y.z", "a\nBcc: x@y.z", "a\rBcc: x@y.z", "a\x00b\x0bBcc: x\x85\u2028y"]
)
def test_no_header_can_be_smuggled_in(evil: str) -> None:
    data = built(
        subject=evil,
        to=Address(name=evil, addr="client@exemple.fr"),
        sender=Address(name=evil, addr="sav@boutique.exemple"),
        in_reply_to=f"<{evil}@x>",
        references=(f"<{evil}@x>", "<bon@x>"),
    )
    mail = parsed(data)
    assert mail["Bcc"] is None
    assert mail["In-Reply-To"] is None
    assert mail["References"] == "<bon@x>"
    with pytest.raises(NeedsHuman, match="on ne peut pas écrire"):
        built(to=Address(name="", addr=f"{evil}@exemple.fr"))
    with pytest.raises(ValueError, match="Message-ID"):
        built(message_id=f"<{evil}@x>")


def test_long_message_ids_are_never_broken_or_encoded() -> None:
    long = "<" + "a" * 300 + "@exemple.fr>"
    data = built(in_reply_to=long, references=("<c1@exemple.fr>", long))
    assert b"In-Reply-To: " + long.encode() + b"\r\n" in data
    assert b"References: <c1@exemple.fr>\r\n " + long.encode() + b"\r\n" in data
    assert well_formed(data)


def test_references_stay_complete_but_bounded() -> None:
    chain = tuple(f"<{number}@exemple.fr>" for number in range(500))
    found = parsed(built(references=chain, in_reply_to="<499@exemple.fr>"))["References"].split()
    assert len(found) == 100
    assert (found[0], found[1], found[-1]) == ("<0@exemple.fr>", "<401@exemple.fr>", "<499@exemple.fr>")
    assert parsed(built(references=(), in_reply_to="<x@y>"))["References"] == "<x@y>"
    assert parsed(built(references=(), in_reply_to=None))["References"] is None


def test_a_domain_with_accents_is_written_in_its_ascii_form() -> None:
    mail = parsed(built(to=Address(name="", addr="client@élan-café.fr")))
    assert mail["To"].addresses[0].domain == "xn--lan-caf-9xah.fr"


def test_a_name_with_accents_before_the_at_sign_needs_utf8_headers() -> None:
    data = built(to=Address(name="Zoé", addr="zoé@exemple.fr"))
    assert "zoé@exemple.fr".encode() in data


@pytest.mark.parametrize(
    "address", ["", "sans-arobase", "@exemple.fr", "a@", "a b@c.fr", "<a@b.fr>", "a@b.fr,c@d.fr"]
)
def test_what_is_no_address_is_refused_in_french(address: str) -> None:
    with pytest.raises(NeedsHuman, match="on ne peut pas écrire à cette adresse"):
        built(to=Address(name="", addr=address))


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=300), name=st.text(max_size=80), subject=st.text(max_size=300))
def test_any_text_survives_the_journey(text: str, name: str, subject: str) -> None:
    data = built(text=text, to=Address(name=name, addr="client@exemple.fr"), subject=subject)
    assert well_formed(data)
    mail = parsed(data)
    wanted = re.sub(r"\r\n|\r", "\n", text.encode("utf-8", "replace").decode()).rstrip("\n") + "\n"
    assert content(mail) == wanted
    assert mail["To"].addresses[0].addr_spec == "client@exemple.fr"
    assert mail["Message-ID"] == "<r42@boutique.exemple>"

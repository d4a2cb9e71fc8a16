"""Approve anywhere, with a mail program that is no imitation: NeoMutt on Dovecot, sending through an SMTP server."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.end_to_end.agents import MINE, open_shop, unmet
from tests.end_to_end.letters import customer, letter
from tests.end_to_end.mail_programs import thunderbird
from tests.end_to_end.mailroom import client, parsed
from tests.end_to_end.shop import Shop
from tests.servers.dovecot import PASSWORD
from tests.servers.neomutt import NeoMutt
from tests.servers.smtp import SmtpSink

pytestmark = pytest.mark.server


@pytest.fixture
def smtp() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def agent(shop: Shop, smtp: SmtpSink) -> NeoMutt:
    """An agent with the shop's own mailbox open."""
    open_shop(shop, letter(1), smtp_port=smtp.port)
    return NeoMutt(
        shop.directory / "neomutt", user=shop.address, password=PASSWORD, imap_port=shop.dovecot.imap_port,
        smtp_port=smtp.port,
    )  # fmt: skip


def sent(shop: Shop) -> list[EmailMessage]:
    with client(shop) as session:
        session.select_folder("Sent", readonly=True)
        uids = session.search()
        found = session.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
    return [parsed(row[b"BODY[]"]) for row in found.values()]


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    return " ".join(part.get_content().split()) if part else ""


def test_a_draft_is_opened_rewritten_sent_and_the_ticket_is_closed(
    shop: Shop, smtp: SmtpSink, agent: NeoMutt
) -> None:
    before = shop.one("SELECT text FROM replies")
    agent.type("<recall-message><send-message><quit>", MINE)
    assert " ".join(agent.seen.split()) == " ".join(before.split()), "the letter alone stands in the editor"
    (envelope,) = smtp.taken
    assert isinstance(envelope.content, bytes)
    left = parsed(envelope.content)
    assert envelope.rcpt_tos == [customer(1)] and body(left) == " ".join(MINE.split())
    assert body(left, "html") == "", "no HTML twin that still says the old words"
    assert thunderbird(shop).drafts() == {} and [body(one) for one in sent(shop)] == [body(left)]
    shop.ok("once")
    shop.ok("once")
    assert shop.states("replies") == {"sent": 1} and unmet(shop) == 0
    ((was, now, changed),) = shop.rows("SELECT text_before, text_after, changed FROM sent_answers")
    assert was == before and " ".join(now.split()) == " ".join(MINE.split()) and changed
    assert len(smtp.taken) == 1 and len(sent(shop)) == 1 and thunderbird(shop).drafts() == {}


def test_a_draft_is_sent_as_it_is(shop: Shop, smtp: SmtpSink, agent: NeoMutt) -> None:
    agent.type("<recall-message><send-message><quit>")
    shop.ok("once")
    assert shop.states("replies") == {"sent": 1} and unmet(shop) == 0 and len(smtp.taken) == 1
    assert shop.rows("SELECT changed, answered FROM sent_answers") == [(0, 1)]


def test_a_draft_is_rewritten_put_back_and_never_written_over(
    shop: Shop, smtp: SmtpSink, agent: NeoMutt
) -> None:
    agent.type("<recall-message><postpone-message><quit>", MINE)
    shop.ok("once")
    shop.ok("once")
    ((_, draft),) = thunderbird(shop).drafts().items()
    assert body(draft) == " ".join(MINE.split()) and smtp.taken == []
    assert shop.rows("SELECT state, edited FROM replies") == [("draft", 1)] and unmet(shop) == 1
    agent.type("<recall-message><send-message><quit>")
    shop.ok("once")
    assert shop.states("replies") == {"sent": 1} and len(smtp.taken) == 1 and unmet(shop) == 0


def test_a_draft_is_thrown_away(shop: Shop, smtp: SmtpSink, agent: NeoMutt) -> None:
    agent.type("<change-folder>=Drafts<enter><delete-message><sync-mailbox><quit>")
    assert thunderbird(shop).drafts() == {}
    shop.ok("once")
    shop.ok("once")
    assert shop.states("replies") == {"refused": 1} and smtp.taken == []
    assert unmet(shop) == 1, "the customer still waits"


def test_a_reply_of_the_agent_s_own_retires_the_draft(shop: Shop, smtp: SmtpSink, agent: NeoMutt) -> None:
    agent.type("<reply><send-message><quit>", MINE)
    (envelope,) = smtp.taken
    assert envelope.rcpt_tos == [customer(1)]
    shop.ok("once")
    assert thunderbird(shop).drafts() == {} and unmet(shop) == 0

"""Approve anywhere: drafts in the agents' own mail client, followed through Drafts and Sent of a real Dovecot."""

import time
import zlib

import pytest

from tests.end_to_end.agents import MINE, open_shop, story, unmet
from tests.end_to_end.letters import customer, letter, orders_csv
from tests.end_to_end.mail_programs import PROGRAMS, MailProgram, thunderbird
from tests.end_to_end.mailroom import flags, parsed
from tests.end_to_end.shop import Shop, until
from tests.servers.smtp import SmtpSink

pytestmark = pytest.mark.server


@pytest.fixture(params=sorted(PROGRAMS))
def program(request: pytest.FixtureRequest, shop: Shop) -> MailProgram:
    """Each kind of mail program in turn, on a shop that shows its drafts in the mailbox."""
    return PROGRAMS[request.param](shop)


def test_a_draft_stands_in_the_mailbox_threaded_and_marked(shop: Shop) -> None:
    question = letter(1, extra=["References: <a@mail.example>"])
    open_shop(shop, question)
    _, draft = thunderbird(shop).draft()
    asked = parsed(question)
    assert draft["In-Reply-To"] == asked["Message-ID"]
    assert draft["References"].split() == ["<a@mail.example>", asked["Message-ID"]]
    assert (draft["To"], draft["From"]) == (customer(1), shop.address) or customer(1) in draft["To"]
    assert draft["X-Mailbot-Ticket"] == "1" and draft["X-Mailbot-Draft"].strip().startswith(
        "ticket=1; version=1; "
    )
    body = draft.get_body(("plain",))
    assert body is not None
    assert " ".join(body.get_content().split()) == " ".join(shop.one("SELECT text FROM replies").split())
    assert flags(shop, "Drafts") == [{b"\\Draft", b"\\Seen"}]
    shop.ok("once")
    assert len(thunderbird(shop).drafts()) == 1


def test_a_draft_that_is_sent_as_it_is_answers_the_ticket(program: MailProgram) -> None:
    shop = program.shop
    open_shop(shop, letter(1))
    program.send()
    shop.ok("once")
    assert shop.states("replies") == {"sent": 1}
    assert shop.rows("SELECT edited, approved_by FROM replies") == [(0, "agent (messagerie)")]
    assert unmet(shop) == 0 and shop.rows("SELECT changed, answered FROM sent_answers") == [(0, 1)]
    assert "brouillon envoyé par un agent depuis sa messagerie" in story(shop)
    shop.ok("once")
    assert program.drafts() == {} and shop.states("mailbox_drafts").keys() <= {"sent", "withdrawn"}


def test_an_edit_is_kept_before_and_after(program: MailProgram) -> None:
    shop = program.shop
    open_shop(shop, letter(1))
    before = shop.one("SELECT text FROM replies")
    program.edit(MINE)
    shop.ok("once")
    shop.ok("once")
    assert len(program.drafts()) == 1 and shop.states("mailbox_drafts") == {"edited": 1}
    assert shop.rows("SELECT state, edited FROM replies") == [("draft", 1)]
    program.send()
    shop.ok("once")
    assert shop.states("replies") == {"sent": 1} and unmet(shop) == 0
    ((was, now, changed),) = shop.rows("SELECT text_before, text_after, changed FROM sent_answers")
    assert was == before and " ".join(now.split()) == " ".join(MINE.split()) and changed
    assert shop.one("SELECT text FROM reply_originals") == before


def test_an_edit_made_while_sending_is_kept_too(program: MailProgram) -> None:
    shop = program.shop
    open_shop(shop, letter(1))
    before = shop.one("SELECT text FROM replies")
    after = f"{before}\n\nP.-S. : je garde un oeil sur votre colis. Léa"
    program.send(after)
    shop.ok("once")
    assert shop.states("replies") == {"sent": 1} and unmet(shop) == 0
    assert shop.one("SELECT text FROM replies").split() == after.split()
    assert shop.one("SELECT text FROM reply_originals") == before


def test_a_deleted_draft_is_a_refusal_whose_clocks_run_on(program: MailProgram) -> None:
    shop = program.shop
    open_shop(shop, letter(1))
    program.discard(program.draft()[0])
    shop.ok("once")
    assert shop.states("replies") == {"draft": 1}
    shop.ok("once")
    assert shop.rows("SELECT state, reason FROM replies") == [
        ("refused", "brouillon supprimé dans la messagerie (dossier « Drafts »)")
    ]
    assert unmet(shop) == 1
    shop.ok("once")
    assert program.drafts() == {}


def test_a_draft_that_was_sent_late_from_a_telephone_is_not_refused_within_the_grace(shop: Shop) -> None:
    phone = PROGRAMS["telephone"](shop)
    open_shop(shop, letter(1), grace=5)
    uid, draft = phone.draft()
    message = phone.written(draft, None)
    phone.discard(uid)
    shop.ok("once")
    shop.ok("once")
    assert shop.states("replies") == {"draft": 1} and shop.states("mailbox_drafts") == {"missing": 1}
    phone.file_sent(message)
    shop.ok("once")
    assert shop.states("replies") == {"sent": 1} and shop.states("mailbox_drafts") == {"sent": 1}


def test_approving_elsewhere_takes_the_untouched_draft_out(shop: Shop, sink: SmtpSink) -> None:
    open_shop(shop, letter(1), smtp_port=sink.port)
    program = thunderbird(shop)
    program.save(b"From: lea@boutique.example\r\nSubject: autre chose\r\n\r\nMon brouillon\r\n")
    shop.ok("drafts", "approve", "1")
    shop.ok("once")
    assert len(sink.taken) == 1 and shop.states("replies") == {"sent": 1}
    assert [str(one["Subject"]) for one in program.drafts().values()] == ["autre chose"]


def test_approving_elsewhere_leaves_an_edited_draft_and_says_so(shop: Shop, sink: SmtpSink) -> None:
    open_shop(shop, letter(1), smtp_port=sink.port)
    program = thunderbird(shop)
    program.edit(MINE.replace("Je viens d'appeler", "J'ai appelé"))
    shop.ok("once")
    text = shop.directory / "t.txt"
    text.write_text(MINE, "utf-8")
    shop.ok("drafts", "edit", "1", "--file", str(text))
    shop.ok("drafts", "approve", "1")
    shop.ok("once")
    assert len(sink.taken) == 1
    assert len(program.drafts()) == 1 and shop.states("mailbox_drafts") == {"left": 1}
    assert any("le brouillon modifié par un agent reste" in line for line in story(shop))


def test_a_text_changed_elsewhere_replaces_the_untouched_draft(shop: Shop) -> None:
    open_shop(shop, letter(1))
    text = shop.directory / "t.txt"
    text.write_text(MINE, "utf-8")
    shop.ok("drafts", "edit", "1", "--file", str(text))
    shop.ok("once")
    blocked = shop.one("SELECT blocked FROM replies") != "[]"
    drafts = list(thunderbird(shop).drafts().values())
    assert blocked or ["Je viens d'appeler" in one.get_content() for one in drafts] == [True]


def test_a_new_mail_of_the_customer_refreshes_an_untouched_draft(shop: Shop) -> None:
    first = letter(1)
    open_shop(shop, first)
    asked = parsed(first)["Message-ID"]
    again = letter(
        1, message_id="<encore@mail.example>", extra=[f"In-Reply-To: {asked}", f"References: {asked}"]
    )
    shop.deliver(again)
    shop.ok("once")
    ((_, draft),) = thunderbird(shop).drafts().items()
    assert draft["X-Mailbot-Ticket"] == "2" and draft["In-Reply-To"] == "<encore@mail.example>"


def test_a_new_mail_of_the_customer_leaves_an_edited_draft(program: MailProgram) -> None:
    shop = program.shop
    first = letter(1)
    open_shop(shop, first)
    program.edit(MINE)
    shop.ok("once")
    asked = parsed(first)["Message-ID"]
    shop.deliver(
        letter(1, message_id="<encore@mail.example>", extra=[f"In-Reply-To: {asked}", f"References: {asked}"])
    )
    shop.ok("once")
    _, draft = program.draft()
    assert "Je viens d'appeler" in draft.get_content()
    assert "le client a écrit de nouveau (ticket 2)" in story(shop)
    program.send()
    shop.ok("once")
    shop.ok("once")
    assert shop.rows("SELECT state FROM replies ORDER BY id") == [("sent",), ("draft",)]
    assert program.draft()[1]["X-Mailbot-Ticket"] == "2"


@pytest.mark.parametrize("thread", [True, False])
def test_an_answer_the_agent_wrote_alone_stops_the_clock_and_our_draft(shop: Shop, thread: bool) -> None:
    question = letter(1)
    open_shop(shop, question)
    program = thunderbird(shop)
    program.file_sent(program.reply(question, "Bonjour, je m'en occupe aujourd'hui.", thread=thread))
    shop.ok("once")
    assert shop.rows("SELECT state, reason FROM replies") == [
        ("refused", "un agent a répondu lui-même depuis sa messagerie")
    ]
    assert unmet(shop) == 0 and program.drafts() == {}
    assert shop.one("SELECT text_after FROM sent_answers") == "Bonjour, je m'en occupe aujourd'hui."
    kept = parsed(zlib.decompress(shop.one("SELECT data FROM sent_raws")))
    assert kept["To"] == parsed(question)["From"] and kept["Message-ID"], (
        "the whole mail is kept for the dispute file"
    )


def test_an_approved_reply_does_not_leave_after_the_agent_has_answered(shop: Shop, sink: SmtpSink) -> None:
    question = letter(1)
    open_shop(shop, question, smtp_port=sink.port)
    program = thunderbird(shop)
    shop.ok("drafts", "approve", "1")
    program.file_sent(program.reply(question, "Bonjour, je m'en occupe."))
    shop.ok("once")
    assert sink.taken == [] and shop.states("replies") == {"refused": 1}


def test_a_mail_forwarded_to_a_supplier_is_no_answer(shop: Shop) -> None:
    question = letter(1)
    open_shop(shop, question)
    program = thunderbird(shop)
    program.file_sent(program.reply(question, "Pour info", to="entrepot@fournisseur.example"))
    shop.ok("once")
    shop.ok("once")
    assert shop.states("replies") == {"draft": 1} and unmet(shop) == 1 and len(program.drafts()) == 1
    (told,) = [line for line in story(shop) if "mais pas au client" in line]
    assert "entrepot@fournisseur.example" in told


def test_what_was_answered_before_the_first_connection_is_not_answered_again(
    shop: Shop, sink: SmtpSink
) -> None:
    question = letter(1)
    shop.deliver(question)
    program = thunderbird(shop)
    program.file_sent(program.reply(question, "Bonjour, c'est réglé."))
    shop.answer_alone(sink.port)
    (shop.directory / "o.csv").write_text(orders_csv([1]), "utf-8")
    shop.ok("orders", "import", "o.csv")
    shop.ok("once")
    assert sink.taken == [] and shop.states("replies") == {"refused": 1} and unmet(shop) == 0


def test_the_running_service_shows_a_draft_and_sees_an_answer_within_seconds(shop: Shop) -> None:
    open_shop(shop)
    program = thunderbird(shop)
    question = letter(1)
    service = shop.start("run")
    try:
        until(lambda: "en service" in service.log(), 30, service.log)
        shop.deliver(question)
        shown = until(lambda: len(program.drafts()) == 1, 20, service.log)
        time.sleep(0.5)
        program.file_sent(program.reply(question, "Bonjour, je m'en occupe."))
        seen = until(lambda: shop.states("replies") == {"refused": 1}, 20, service.log)
        gone = until(lambda: not program.drafts(), 20, service.log)
        service.stop()
    finally:
        service.kill()
    print(f"shown after {shown:.1f} s, answer seen after {seen:.1f} s, draft gone after {gone:.1f} s")
    assert seen < 5


def test_without_asking_nothing_is_put_into_the_mailbox_but_answers_are_seen(shop: Shop) -> None:
    question = letter(1)
    open_shop(shop)
    shop.configure()
    shop.deliver(question)
    shop.ok("once")
    program = thunderbird(shop)
    assert program.drafts() == {} and shop.states("replies") == {"draft": 1}
    program.file_sent(program.reply(question, "Bonjour, je m'en occupe."))
    shop.ok("once")
    assert unmet(shop) == 0 and shop.states("replies") == {"refused": 1}


def test_a_draft_deleted_while_another_to_the_same_customer_is_being_written_keeps_its_own_text(
    shop: Shop,
) -> None:
    open_shop(shop, letter(1))
    program = thunderbird(shop)
    before = shop.one("SELECT text FROM replies")
    uid, _ = program.draft()
    other = program.reply(letter(1), "Madame, tout autre chose.", thread=False)
    program.save(other.replace(b"Subject: Re: ", b"Subject: Votre facture "))
    program.discard(uid)
    shop.ok("once")
    shop.ok("once")
    assert shop.states("replies") == {"draft": 1} and shop.one("SELECT text FROM replies") == before

"""The Sent and Drafts cycle with kill -9 at every step: no draft twice, no edit lost, no answer missed."""

import threading
from collections.abc import Callable

import pytest

from tests.end_to_end.agents import MINE, open_shop, unmet
from tests.end_to_end.letters import letter
from tests.end_to_end.mail_programs import thunderbird
from tests.end_to_end.proxy import ImapProxy
from tests.end_to_end.shop import Running, Shop

pytestmark = pytest.mark.server


def kill_at(shop: Shop, word: str, when: str) -> bool:
    """A pass that is killed when it says this word to the server: before the server hears it, or after its answer.
    False when that never came."""
    running: list[Running] = []
    started = threading.Event()

    def shoot() -> None:
        started.wait(10)
        running[0].shoot()

    with ImapProxy(shop.dovecot.imap_port, word, when, shoot) as proxy:
        through(shop, proxy.port)
        running.append(shop.start("once"))
        started.set()
        done = running[0].wait(60)
    through(shop, shop.dovecot.imap_port)
    return proxy.hit and done.code == -9


def through(shop: Shop, port: int) -> None:
    shop.configure(shop.account(imap={"port": port}), drafts={"in_mailbox": True, "grace_minutes": 0})


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_service_killed_around_append_leaves_one_draft(shop: Shop, when: str) -> None:
    open_shop(shop)
    shop.deliver(letter(1))
    assert kill_at(shop, "APPEND", when)
    assert shop.states("mailbox_drafts") == {"planned": 1}
    shop.ok("once")
    shop.ok("once")
    assert len(thunderbird(shop).drafts()) == 1 and shop.states("mailbox_drafts") == {"placed": 1}


def test_an_edit_made_while_the_service_was_dead_is_not_lost(shop: Shop) -> None:
    open_shop(shop)
    shop.deliver(letter(1))
    assert kill_at(shop, "APPEND", "after")
    thunderbird(shop).edit(MINE)
    shop.ok("once")
    shop.ok("once")
    _, draft = thunderbird(shop).draft()
    assert "Je viens d'appeler" in draft.get_content() and shop.states("mailbox_drafts") == {"edited": 1}


def test_a_draft_sent_while_the_service_was_dead_is_an_answer_and_not_placed_again(shop: Shop) -> None:
    open_shop(shop)
    shop.deliver(letter(1))
    assert kill_at(shop, "APPEND", "after")
    thunderbird(shop).send()
    shop.ok("once")
    shop.ok("once")
    assert thunderbird(shop).drafts() == {} and shop.states("replies") == {"sent": 1} and unmet(shop) == 0


@pytest.mark.parametrize(("word", "when"), [("STORE", "after"), ("EXPUNGE", "before"), ("EXPUNGE", "after")])
def test_a_service_killed_while_taking_a_draft_out_takes_it_out_afterwards_and_nothing_else(
    shop: Shop, word: str, when: str
) -> None:
    open_shop(shop, letter(1))
    program = thunderbird(shop)
    program.save(b"From: lea@boutique.example\r\nSubject: autre chose\r\n\r\nMon brouillon\r\n")
    shop.ok("drafts", "refuse", "1")
    assert kill_at(shop, word, when)
    shop.ok("once")
    assert [str(one["Subject"]) for one in program.drafts().values()] == ["autre chose"]
    assert shop.states("mailbox_drafts") == {"withdrawn": 1}


def test_a_service_killed_while_reading_sent_still_sees_the_answer_once(shop: Shop) -> None:
    question = letter(1)
    open_shop(shop, question)
    program = thunderbird(shop)
    program.file_sent(program.reply(question, "Bonjour, je m'en occupe."))
    for number in range(1, 4):
        kill_nth_fetch(shop, number)
    shop.ok("once")
    assert shop.states("replies") == {"refused": 1} and unmet(shop) == 0
    assert shop.one("SELECT count(*) FROM sent_answers") == 1
    assert [kind for (kind,) in shop.rows("SELECT kind FROM sent_mails")] == ["agent"]


def kill_nth_fetch(shop: Shop, number: int) -> None:
    count = iter(range(1, 100))

    def counted(shoot: Callable[[], None]) -> None:
        if next(count) == number:
            shoot()

    running: list[Running] = []
    started = threading.Event()

    def shoot() -> None:
        started.wait(10)
        counted(running[0].shoot)

    with ImapProxy(shop.dovecot.imap_port, "BODY", "after", shoot, again=True) as proxy:
        through(shop, proxy.port)
        running.append(shop.start("once"))
        started.set()
        running[0].wait(60)
    through(shop, shop.dovecot.imap_port)

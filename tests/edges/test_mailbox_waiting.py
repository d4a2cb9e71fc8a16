"""Waiting for mail on a real Dovecot, with and without IDLE."""

import threading
import time

import pytest

from mailbot.config import Account, Security
from mailbot.edges.mailbox import Mailbox, connect
from mailbot.errors import NeedsHuman, TryAgain
from tests.edges.boxes import Make, listed
from tests.servers.dovecot import PASSWORD, Dovecot

pytestmark = pytest.mark.server


def waiting(box: Mailbox, stop: threading.Event, seconds: float) -> tuple[threading.Thread, list[object]]:
    result: list[object] = []

    def run() -> None:
        try:
            result.append(box.idle(stop, seconds))
        except (TryAgain, NeedsHuman) as error:
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, result


@pytest.mark.parametrize("security", ["none", "tls"])
def test_idle_wakes_within_two_seconds_of_a_delivery(
    dovecot: Dovecot, user: str, mail: Make, security: Security
) -> None:
    with connect(dovecot.account(user, security=security), PASSWORD) as box:
        assert box.supports_idle
        box.examine("INBOX")
        thread, result = waiting(box, threading.Event(), 30)
        time.sleep(0.5)
        dovecot.deliver(mail(1), user)
        thread.join(2)
        assert result == [True]
        box.examine("INBOX")
        assert listed(box) == [1]


def test_idle_sees_mail_that_came_before_it_began(dovecot: Dovecot, account: Account, mail: Make) -> None:
    with connect(account, PASSWORD) as box:
        box.examine("INBOX")
        list(box.new_uids(0))
        dovecot.deliver(mail(1), account.name)
        box.count_from(1)  # the server tells us here, and will not tell again
        assert box.idle(threading.Event(), 2)


def test_idle_ends_when_told_to_and_when_time_is_up(account: Account) -> None:
    with connect(account, PASSWORD) as box:
        box.examine("INBOX")
        assert box.idle(threading.Event(), 0.6) is False
        stop = threading.Event()
        thread, result = waiting(box, stop, 30)
        time.sleep(0.2)
        stop.set()
        thread.join(1.2)
        assert result == [False]
        assert box.examine("INBOX").exists == 0  # the connection is fit for use again


def test_idle_on_a_server_that_dies_says_try_again(user: str) -> None:
    with Dovecot() as server:
        box = connect(server.account(user), PASSWORD)
        box.examine("INBOX")
        thread, result = waiting(box, threading.Event(), 30)
        time.sleep(0.3)
        server.kill()
        thread.join(3)
        assert isinstance(result[0], TryAgain)
        box.close()


def test_a_server_without_idle_says_so_and_can_be_polled(
    plain_dovecot: Dovecot, user: str, mail: Make
) -> None:
    with connect(plain_dovecot.account(user), PASSWORD) as box:
        assert not box.supports_idle
        box.examine("INBOX")
        assert list(box.new_uids(0)) == []
        plain_dovecot.deliver(mail(1), user)
        assert list(box.new_uids(0)) == [[1]]

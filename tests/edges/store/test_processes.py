"""Eight processes at once, and processes killed at the worst moment: on both databases."""

import multiprocessing
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.edges.store import Store, mails, open_store, outbox, replies
from tests.edges.store import workers
from tests.edges.store.samples import LEASE, NOW, draft, mail, prepare, raw_mail, reply_to, take_in

pytestmark = pytest.mark.slow
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.edges.store.workers"])


def run(work: Callable[..., None], url: str, count: int = 8) -> list[list[int]]:
    """Run `work` in `count` processes at once and give what each reported."""
    results: Any = _CONTEXT.Queue()
    processes = [
        _CONTEXT.Process(target=work, args=(url, str(number), results)) for number in range(1, count + 1)
    ]
    for process in processes:
        process.start()
    reports = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(timeout=10)
    assert [process.exitcode for process in processes] == [0] * count
    return reports


def kill(work: Callable[..., None], url: str) -> None:
    """Run `work`, which kills its own process."""
    process = _CONTEXT.Process(target=work, args=(url, "victim", None))
    process.start()
    process.join(timeout=30)
    assert process.exitcode == -9


def test_eight_workers_never_claim_the_same_mail(store: Store, database_url: str) -> None:
    mails.ingest(store, [(raw_mail(uid), "a@b") for uid in range(1, 401)], NOW)
    claimed = sorted(number for mine in run(workers.claim_mails, database_url) for number in mine)
    assert claimed == list(range(1, 401))


def test_eight_workers_never_send_the_same_reply(store: Store, database_url: str) -> None:
    numbers = range(1, 61)
    for number in numbers:
        sender = f"client{number}@example.org"
        prepare(
            store, mail(number, sender=sender), uid=number, action="send", reply=reply_to(number, to=sender)
        )
    sent = sorted(number for mine in run(workers.send_replies, database_url) for number in mine)
    assert sent == list(numbers)


def test_eight_workers_take_the_same_mails_in_once(store: Store, database_url: str) -> None:
    taken = sorted(uid for mine in run(workers.ingest_the_same, database_url) for uid in mine)
    assert taken == list(range(1, 21))
    assert mails.count_by_state(store)["received"] == 20


def test_eight_mails_of_one_customer_judged_at_once_leave_one_automatic_reply(
    store: Store, database_url: str
) -> None:
    take_in(store, *range(1, 9))
    tickets = sorted(
        number for mine in run(workers.answer_the_same_customer, database_url) for number in mine
    )
    assert len(tickets) == 8
    (waiting,) = replies.list_drafts(store, states=("approved",))
    assert waiting.case.id == tickets[-1]
    assert len(replies.list_drafts(store)) == 7


def test_four_programs_that_start_together_make_one_schema_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'neuf' / 'mailbot.sqlite3'}"
    assert len(run(workers.open_at_once, url, 4)) == 4
    store = open_store(url, None)
    assert mails.count_by_state(store)["received"] == 4
    store.close()


@pytest.mark.server
def test_four_programs_that_start_together_make_one_schema_on_postgresql(empty_postgres: str) -> None:
    assert len(run(workers.open_at_once, empty_postgres, 4)) == 4


def test_a_worker_killed_before_its_commit_has_done_nothing(store: Store, database_url: str) -> None:
    take_in(store, 1, 2)
    kill(workers.die_inside_a_write, database_url)
    assert mails.count_by_state(store)["received"] == 2
    assert len(mails.claim(store, "autre", 10, NOW, LEASE)) == 2


def test_the_mails_of_a_killed_worker_are_free_when_its_lease_ends(store: Store, database_url: str) -> None:
    take_in(store, 1, 2)
    kill(workers.die_after_claiming, database_url)
    assert mails.claim(store, "autre", 10, NOW, LEASE) == []
    take_in(store, 3)
    later = NOW + LEASE + timedelta(seconds=1)
    claims = [mails.claim(store, "autre", 10, later, LEASE) for _ in range(4)]
    # the new one first, then one at a time those that a worker died on
    assert [[(one.id, one.attempts) for one in some] for some in claims] == [[(3, 1)], [(1, 2)], [(2, 2)], []]


def test_a_reply_whose_sender_was_killed_is_uncertain_and_never_resent(
    store: Store, database_url: str
) -> None:
    number = draft(store, 1, action="send").id
    kill(workers.die_while_sending, database_url)
    assert replies.get(store, number).state == "sending"
    late = workers.DUE + LEASE + timedelta(seconds=1)
    assert outbox.claim_due(store, "autre", late, LEASE) is None
    assert [one.id for one in outbox.expired_sending(store, late)] == [number]
    assert outbox.claim_due(store, "autre", late, LEASE) is None

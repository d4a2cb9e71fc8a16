"""What worker processes do in tests: claim until nothing is left, or die at a given step."""

import os
import signal
from datetime import timedelta
from multiprocessing.queues import Queue
from typing import Any

from mailbot.edges.store import cases, mails, open_store, outbox
from tests.edges.store.samples import LEASE, NOW, UNDO, judgement, mail, raw_mail, reply_to, take_in

DUE = NOW + timedelta(minutes=1)


def claim_mails(url: str, owner: str, results: "Queue[Any]") -> None:
    """Claim mails four at a time until none is free; report the numbers."""
    store, mine = open_store(url, None), []
    while claimed := mails.claim(store, owner, 4, NOW, LEASE):
        mine += [one.id for one in claimed]
    results.put(mine)
    store.close()


def send_replies(url: str, owner: str, results: "Queue[Any]") -> None:
    """Claim due replies and say they left, until none is due; report the numbers."""
    store, mine = open_store(url, None), []
    while claimed := outbox.claim_due(store, owner, DUE, LEASE):
        mine.append(claimed.id)
        assert outbox.sent(store, claimed.id, owner, DUE)
    results.put(mine)
    store.close()


def ingest_the_same(url: str, owner: str, results: "Queue[Any]") -> None:
    """Take the same twenty mails in, as every other worker does."""
    store = open_store(url, None)
    new = [mails.ingest(store, [(raw_mail(uid), "a@b")], NOW).new for uid in range(1, 21)]
    results.put([uid for uid, count in enumerate(new, 1) if count])
    store.close()


def answer_the_same_customer(url: str, owner: str, results: "Queue[Any]") -> None:
    """Judge one mail of a customer whose other mails are being judged by others, to be answered alone."""
    store = open_store(url, None)
    (claimed,) = mails.claim(store, owner, 1, NOW, LEASE)
    number = claimed.raw.uid
    judged = judgement(mail(number), action="send", reply=reply_to(number))
    item = cases.Prepared(mail_id=claimed.id, owner=owner, judgement=judged, rulebook_digest="r")
    results.put(cases.save(store, [item], NOW, UNDO))
    store.close()


def die_inside_a_write(url: str, owner: str, results: "Queue[Any]") -> None:
    """Be killed after the rows were written and before they were committed."""
    store = open_store(url, None)
    with store.write() as conn:
        conn.exec_driver_sql("UPDATE mails SET state = 'prepared'")
        os.kill(os.getpid(), signal.SIGKILL)


def die_after_claiming(url: str, owner: str, results: "Queue[Any]") -> None:
    """Be killed with mails in hand."""
    mails.claim(open_store(url, None), owner, 10, NOW, LEASE)
    os.kill(os.getpid(), signal.SIGKILL)


def die_while_sending(url: str, owner: str, results: "Queue[Any]") -> None:
    """Be killed between 'sending' and the word of the SMTP server."""
    assert outbox.claim_due(open_store(url, None), owner, DUE, LEASE)
    os.kill(os.getpid(), signal.SIGKILL)


def open_at_once(url: str, owner: str, results: "Queue[Any]") -> None:
    """Open a database that nobody has migrated yet."""
    store = open_store(url, None)
    take_in(store, int(owner))
    results.put([int(owner)])
    store.close()

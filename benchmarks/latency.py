"""How long a customer's mail waits for its draft while the service runs:  python -m benchmarks.latency [--mails N]"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import imapclient

from benchmarks import service, shop
from benchmarks.mails import mails
from tests.servers.dovecot import PASSWORD, Dovecot

USER = "sav"
START_SECONDS, WAIT_SECONDS = 60.0, 30.0


@contextmanager
def running(ours: service.Shop) -> Iterator[None]:
    """`mailbot run`, from the moment it says it is in service until it has stopped."""
    environment = {**os.environ, "MESURE_SECRET": PASSWORD}
    with (ours.home / "run.log").open("w+") as log:
        process = subprocess.Popen([*service.mailbot(), "run"], cwd=ours.home, env=environment, stderr=log)
        try:
            _until(lambda: "en service" in (ours.home / "run.log").read_text(), START_SECONDS)
            time.sleep(3)  # the first pass over the folder, and what is made ready beforehand
            yield
        finally:
            process.terminate()
            process.wait(15)


def measure(count: int, orders: int) -> list[float]:
    """Milliseconds from the IDLE notice another client gets to the committed ticket, for each of `count` mails."""
    end = datetime.now(UTC).replace(microsecond=0)
    known = shop.orders(orders, 1, end)
    with tempfile.TemporaryDirectory(prefix="mailbot-mesure-") as name, Dovecot(certificate=None) as server:
        home = Path(name)
        shop.write_csv(home / "commandes.csv", known)
        ours = service.Shop(home, server.account(USER))
        server.maildir(USER)
        ours.once()
        ours.mailbot("orders", "import", "commandes.csv")
        with running(ours), closing(sqlite3.connect(home / "donnees" / "mailbot.sqlite3")) as database:
            client: Any = imapclient.IMAPClient("127.0.0.1", server.imap_port, ssl=False)
            client.login(USER, PASSWORD)
            client.select_folder("INBOX", readonly=True)
            return [_one(server, client, database, letter) for letter in mails(count, 2, end, known)]


def _one(server: Dovecot, client: Any, database: sqlite3.Connection, letter: bytes) -> float:
    before = _cases(database)
    client.idle()
    server.deliver(letter, USER)
    client.idle_check(timeout=WAIT_SECONDS)
    noticed = time.perf_counter()
    _until(lambda: _cases(database) > before, WAIT_SECONDS)
    waited = time.perf_counter() - noticed
    client.idle_done()
    time.sleep(1)  # mails of real shops do not come in one breath
    return 1000 * waited


def _cases(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT count(*) FROM cases").fetchone()[0])


def _until(done: Callable[[], bool], seconds: float) -> None:
    end = time.perf_counter() + seconds
    while not done():
        if time.perf_counter() > end:
            raise TimeoutError
        time.sleep(0.002)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--mails", type=int, default=20)
    parser.add_argument("--orders", type=int, default=20_000)
    options = parser.parse_args()
    waits = sorted(measure(options.mails, options.orders))
    print(f"ms from IDLE notice to ticket: median {statistics.median(waits):.0f}, worst {waits[-1]:.0f}")


if __name__ == "__main__":
    main()

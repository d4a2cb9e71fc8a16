"""How fast the agents' desk answers on a full database:

    python -m benchmarks.desk [--cases N] [--orders M] [--agents A] [--open SHARE] [--database URL]

The pages are served by `mailbot web` in a process of its own; beside it, in the same run, a bare Starlette page is
asked in the same way. Printed: median and 95th centile in ms of each kind of page and how many bare pages that is,
asked one after the other and by all agents at once (each pausing between two pages as a person would); a lead's pages;
and errors, of which there must be none. The database is SQLite unless an empty one of PostgreSQL is named."""

import argparse
import hashlib
import itertools
import json
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx

from benchmarks import shop
from benchmarks.letters import Letter, letters
from benchmarks.service import mailbot
from mailbot.config import cache_home
from mailbot.edges import orders_file
from mailbot.edges.store import Store, cases, mails, open_store, order_rows, people, schema, sessions
from mailbot.model import (
    Address,
    Deadline,
    Decision,
    Intent,
    Judgement,
    Mail,
    Mentions,
    OrderMatch,
    RawMail,
    Reply,
    Verdict,
)
from mailbot.web import credentials

BATCH = 500
SITUATIONS = (
    "colis_non_recu/en_transit_dans_les_delais",
    "ne_veut_plus/dans_le_delai",
    "produit_abime/signale_sous_3_jours",
)
COOKIE = "mailbot"
PAUSE = 1.0  # seconds an agent looks at a page
_CONFIG = """[[accounts]]
name = "boutique"
address = "sav@boutique.example"
imap = { host = "127.0.0.1", port = 1, security = "none" }
smtp = { host = "127.0.0.1", port = 1, security = "none" }
[storage]
directory = "donnees"
DATABASE
[web]
port = PORT
"""
_BARE = """import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
page = "<!doctype html><title>x</title>" + "<p>Une page.</p>" * 500
uvicorn.run(Starlette(routes=[Route("/", lambda r: HTMLResponse(page))]), port=int(sys.argv[1]), log_config=None)
"""


def fill(store: Store, count: int, orders: int, now: datetime) -> None:
    """`orders` orders and `count` cases with their drafts and clocks."""
    known = shop.orders(min(orders, 20_000), 1, now)
    _fill_orders(store, known, orders, now)
    written = letters(count, 3, now, known)
    for start in range(0, count, BATCH):
        batch = [next(written) for _ in range(min(BATCH, count - start))]
        raws = [(_raw(letter, start + number), letter.order.address) for number, letter in enumerate(batch)]
        mails.ingest(store, raws, now)
        claimed = mails.claim(store, "mesure", len(batch), now, timedelta(hours=1), max_bytes=1 << 40)
        prepared = [
            cases.Prepared(mail_id=one.id, owner="mesure", judgement=_judged(letter, start + number, now),
                           rulebook_digest="mesure")
            for number, (one, letter) in enumerate(zip(claimed, batch, strict=True))
        ]  # fmt: skip
        cases.save(store, prepared, now, timedelta(seconds=15))


def settle(store: Store, share: float, now: datetime) -> None:
    """Answer and close all but this share of the cases, as the past of a shop is."""
    kept = round(1 / share)
    with store.write() as conn:
        for table, number, values in (
            (schema.cases, schema.cases.c.id, {"state": "closed"}),
            (schema.deadlines, schema.deadlines.c.case_id, {"met_at": now}),
            (schema.replies, schema.replies.c.case_id, {"state": "sent", "sent_at": now}),
        ):
            settled = number % kept != 0
            conn.execute(table.update().where(settled).values(values))


def _fill_orders(store: Store, known: Sequence[shop.Order], count: int, now: datetime) -> None:
    facts = [order_rows.facts_of(orders_file.order(_stated(one.row))) for one in known]
    for start in range(0, count, 10_000):
        rows = []
        for number in range(start, min(start + 10_000, count)):
            told = dict(facts[number % len(facts)])
            if number >= len(facts):
                told["order_id"] = f"{told['order_id']}-{number}"
                told.pop("tracking_number", None)
            rows.append(order_rows.row_of(told, now))
        with store.write() as conn:
            conn.execute(schema.orders.insert(), rows)


def _stated(row: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value}


def _raw(letter: Letter, uid: int) -> RawMail:
    data = (
        f"From: {letter.order.address}\r\nSubject: {letter.subject}\r\n\r\n{uid}\r\n".encode()
        + "\r\n".join(letter.body).encode()
    )
    return RawMail(
        account="boutique", folder="INBOX", uidvalidity=1, uid=uid + 1, received=letter.at, data=data,
        digest=hashlib.sha256(data).hexdigest(), size=len(data),
    )  # fmt: skip


def _judged(letter: Letter, number: int, now: datetime) -> Judgement:
    buyer = Address(name=letter.name, addr=letter.order.address)
    stem = SITUATIONS[number % len(SITUATIONS)]
    family = stem.split("/")[0]
    mail = Mail(
        digest=f"d{number}", received=letter.at, sent=letter.at, message_id=f"<m{number}@mesure.example>",
        in_reply_to=(), references=(), sender=buyer, reply_to=buyer, to=(), subject=letter.subject,
        text="\n".join(letter.body), quoted="",
    )  # fmt: skip
    clock = Deadline(
        id="reponse", label="Répondre au client", start=letter.at,
        due_at=now + timedelta(minutes=7 * (number % 2_000) - 600), rule="JO_2", basis="engagement de la boutique",
        steps=("jour 1", "jour 2"),
    )  # fmt: skip
    reply = Reply(
        template=stem, to=buyer, subject=f"Re: {letter.subject}", text="Bonjour,\n\nVotre colis est en route.\n",
        html=None, message_id=f"<r{number}@mesure.example>", in_reply_to=mail.message_id,
        references=(f"<m{number}@mesure.example>",),
    )  # fmt: skip
    return Judgement(
        mail=mail,
        verdict=Verdict(intents=(Intent(id=family, score=0.9),), requests=(family,), remedy=None, language="fr"),
        match=OrderMatch(order=None, method=None, score=0.0, candidates=(), identity="unverified", mentions=Mentions()),
        deadlines=(clock,),
        decision=Decision(action="draft", reasons=("mesure",), situation=stem, row=None),
        reply=reply,
    )  # fmt: skip


def agents(store: Store, count: int, now: datetime) -> list[str]:
    """So many people who have come in, and a lead; returns their cookies, the lead's last."""
    cookies = []
    for number in range(count + 1):
        person = people.add(store, f"Agent {number}", "lead" if number == count else "agent", now)
        cookies.append(credentials.token())
        sessions.begin(
            store,
            person.id,
            credentials.digest(cookies[-1]),
            now,
            timedelta(hours=12),
            browser="",
            address="",
        )
    return cookies


@contextmanager
def served(command: Sequence[str], port: int, path: str, home: Path) -> Iterator[str]:
    """A server in its own process, until it answers; yields its address."""
    with (home / f"{port}.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=home, stderr=log)
        address = f"http://127.0.0.1:{port}"
        try:
            _until_up(address + path, process, home / f"{port}.log")
            yield address
        finally:
            process.terminate()
            process.wait(15)


def _until_up(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            raise RuntimeError(log.read_text("utf-8"))
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{address}\n{log.read_text('utf-8')}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Times:
    """Milliseconds by kind of page, from several threads."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []

    def ask(self, client: httpx.Client, kind: str, path: str) -> None:
        """Ask for one page; anything but 200 is an error."""
        start = time.perf_counter()
        try:
            status = client.get(path).status_code
        except httpx.TransportError as error:
            self.errors.append(f"{path} : {error}")
            return
        self.taken[kind].append(1000 * (time.perf_counter() - start))
        if status != 200:
            self.errors.append(f"{path} : {status}")

    def told(self) -> dict[str, dict[str, float]]:
        """Median and 95th centile by kind."""
        return {kind: _summary(found) for kind, found in sorted(self.taken.items())}

    def beside(self, bare: float) -> dict[str, dict[str, float]]:
        """The same, with how many bare pages a page is."""
        return {
            kind: {**found, "bare_pages": round(found["median_ms"] / bare, 1)}
            for kind, found in self.told().items()
        }


def _summary(found: Sequence[float]) -> dict[str, float]:
    ordered = sorted(found)
    return {
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
        "pages": len(ordered),
    }


def paths(chance: random.Random, count: int, known: Sequence[str]) -> tuple[str, str]:
    """A page an agent asks for."""
    kind = chance.choice(("file", "filtre", "ticket", "ticket", "recherche"))
    return kind, {
        "file": "/",
        "filtre": f"/?situation={chance.choice(SITUATIONS)}",
        "ticket": f"/tickets/{chance.randint(1, count)}",
        "recherche": f"/recherche?q={chance.choice(known)}",
    }[kind]


LEAD = {
    "chiffres": "/chiffres",
    "chiffres, un an": "/chiffres?jours=365",
    "situations": "/situations",
    "situation": f"/situations/{SITUATIONS[0]}",
    "envoi seul": "/essai",
}


def one_after_the_other(address: str, cookie: str, ask: Callable[[], tuple[str, str]], number: int) -> Times:
    """`number` pages, alone on the machine."""
    times = Times()
    with httpx.Client(base_url=address, cookies={COOKIE: cookie}, timeout=30) as client:
        for _ in range(number):
            times.ask(client, *ask())
    return times


def all_at_once(
    address: str, cookies: Sequence[str], ask: Callable[[], tuple[str, str]], seconds: float
) -> Times:
    """Every agent asks for pages for so long, with a pause after each."""
    times, end = Times(), time.perf_counter() + seconds

    def work(cookie: str, wait: float) -> None:
        time.sleep(wait)
        with httpx.Client(base_url=address, cookies={COOKIE: cookie}, timeout=30) as client:
            while time.perf_counter() < end:
                times.ask(client, *ask())
                time.sleep(PAUSE)

    crew = [
        threading.Thread(target=work, args=(cookie, PAUSE * number / len(cookies)))
        for number, cookie in enumerate(cookies)
    ]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    return times


def measure(
    count: int, orders: int, crew: int, seconds: float, share: float, database: str = ""
) -> dict[str, Any]:
    """All figures of one run."""
    now = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory(prefix="mailbot-bureau-") as name:
        home = Path(name)
        port, other = free_port(), free_port()
        settings = _CONFIG.replace("PORT", str(port)).replace(
            "DATABASE", f'url = "{database}"' if database else ""
        )
        (home / "config.toml").write_text(settings, "utf-8")
        (home / "bare.py").write_text(_BARE, "utf-8")
        (home / "donnees").mkdir(mode=0o700)
        cache_home().mkdir(parents=True, exist_ok=True)
        (home / "donnees" / "modele").symlink_to(cache_home())  # trained once for all runs
        store = open_store(database or f"sqlite:///{home / 'donnees' / 'mailbot.sqlite3'}", home / "donnees")
        fill(store, count, orders, now)
        settle(store, share, now)
        *cookies, lead = agents(store, crew, now)
        store.close()
        chance = random.Random(5)
        known = [one.last.split("-")[0] for one in shop.orders(200, 1, now)]

        def ask() -> tuple[str, str]:
            return paths(chance, count, known)

        with (
            served([*mailbot(), "web"], port, "/sante", home) as ours,
            served([sys.executable, "bare.py", str(other)], other, "/", home) as bare,
        ):
            one_after_the_other(ours, cookies[0], ask, 20)  # caches and compiled templates
            alone = one_after_the_other(ours, cookies[0], ask, 200)
            plain = one_after_the_other(bare, "", lambda: ("page nue", "/"), 200)
            busy = all_at_once(ours, cookies, ask, seconds)
            chief = one_after_the_other(ours, lead, _turns(LEAD), 5 * len(LEAD))
        one = plain.told()["page nue"]["median_ms"]
        return {
            "cases": count, "open": share, "orders": orders, "agents": crew, "bare": plain.told(),
            "alone": alone.beside(one), "all_at_once": busy.beside(one), "lead": chief.beside(one),
            "errors": alone.errors + busy.errors + chief.errors,
        }  # fmt: skip


def _turns(pages: dict[str, str]) -> Callable[[], tuple[str, str]]:
    turn = itertools.cycle(pages.items())
    return lambda: next(turn)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--open", type=float, default=0.1, help="share of the cases that are open (1: all)")
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database")
    options = parser.parse_args()
    found = measure(
        options.cases, options.orders, options.agents, options.seconds, options.open, options.database
    )
    print(json.dumps(found, indent=2, ensure_ascii=False))
    sys.exit(1 if found["errors"] else 0)


if __name__ == "__main__":
    main()

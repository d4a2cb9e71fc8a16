"""`mailbot run` as systemd and people see it: fast, stoppable, alive, with accounts that do not harm each other."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.letters import letter, orders_csv
from tests.end_to_end.mailroom import HookedSmtp, parsed
from tests.end_to_end.shop import Running, Shop, cases_by_mail, until
from tests.servers.dovecot import PASSWORD
from tests.servers.smtp import SmtpSink

pytestmark = pytest.mark.server


@contextmanager
def serving(shop: Shop, **env: str) -> Iterator[Running]:
    """`mailbot run`, watching; stopped at the end."""
    service = shop.start("run", env=env)
    try:
        until(lambda: "en service" in service.log(), 30, service.log)
        yield service
        service.stop()
    finally:
        service.kill()


def watching(shop: Shop) -> bool:
    return bool(shop.rows("SELECT 1 FROM folders WHERE last_fetch_at IS NOT NULL"))


def test_a_mail_that_arrives_while_the_service_idles_is_a_draft_in_two_seconds(shop: Shop) -> None:
    (shop.directory / "o.csv").write_text(orders_csv(range(6)), "utf-8")
    shop.ok("orders", "import", "o.csv")
    took = []
    with serving(shop):
        until(lambda: watching(shop), 10)
        for number in range(5):
            time.sleep(0.3)
            shop.deliver(letter(number))
            took.append(until(lambda: shop.states("replies").get("draft") == number + 1, 10))  # noqa: B023
    print("mail to draft, seconds:", [round(one, 2) for one in took])
    assert sorted(took)[2] < 2, took


def test_sigterm_ends_the_real_command_cleanly_and_nothing_is_lost(shop: Shop) -> None:
    """Without the launcher: the command as installed, started by a fresh Python, with every warning an error."""
    shop.deliver(*(letter(number) for number in range(30)))
    command = [sys.executable, "-W", "error", "-c", "from mailbot.cli import main; main()"]
    env = {"PATH": os.environ["PATH"], "PW": PASSWORD, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [*command, "run", "--config", str(shop.config)], env=env, stderr=subprocess.PIPE, text=True
    ) as service:
        until(lambda: shop.data.joinpath("mailbot.sqlite3").exists() and _tables(shop) and watching(shop), 60)
        service.send_signal(signal.SIGTERM)
        started = time.monotonic()
        _, said = service.communicate(timeout=15)
    assert time.monotonic() - started < 10
    assert service.returncode == 0 and "Traceback" not in said and "rien n'est perdu" in said, said
    shop.ok("once")
    assert cases_by_mail(shop) == [1] * 30


def _tables(shop: Shop) -> bool:
    return bool(shop.rows("SELECT 1 FROM sqlite_master WHERE name = 'folders'"))


@pytest.mark.slow
def test_sigterm_does_not_wait_for_a_silent_smtp_server(shop: Shop) -> None:
    with HookedSmtp({"DOT": "(silent)"}) as silent:
        shop.answer_alone(silent.port)
        (shop.directory / "o.csv").write_text(orders_csv([1]), "utf-8")
        shop.ok("orders", "import", "o.csv")
        shop.deliver(letter(1))
        service = shop.start("run")
        until(lambda: silent.bodies, 15, service.log)
        started = time.monotonic()
        assert service.stop().code == 0
        assert time.monotonic() - started < 10
    shop.ok("once")
    assert shop.states("replies") == {"uncertain": 1}


def test_systemd_is_told_that_we_are_ready_alive_and_stopping(shop: Shop) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(shop.directory / "notify"))
        systemd.settimeout(10)
        env = {"NOTIFY_SOCKET": str(shop.directory / "notify"), "WATCHDOG_USEC": "1000000"}
        heard: list[str] = []
        with serving(shop, **env):
            while heard.count("WATCHDOG=1") < 4:
                heard += systemd.recv(4096).decode().splitlines()
        systemd.settimeout(0)
        while "STOPPING=1" not in heard:
            heard += systemd.recv(4096).decode().splitlines()
    assert "READY=1" in heard


def test_a_second_service_on_the_same_data_is_refused(shop: Shop) -> None:
    with serving(shop) as service:
        second = shop.run("once")
        assert second.code == 1 and f"processus {service.pid}" in second.err


def broken_accounts(shop: Shop, deaf_port: int) -> list[dict[str, object]]:
    return [
        shop.account(name="mauvais mot de passe", imap={"password_env": "WRONG", "username": "autre"}),
        shop.account(name="rien n'écoute", imap={"port": 1}),
        shop.account(name="muet", imap={"port": deaf_port, "timeout_seconds": 4}),
        shop.account(
            name="certificat", imap={"port": shop.dovecot.imaps_port, "security": "tls", "host": "localhost"}
        ),
        shop.account(name="sans secret", imap={"password_env": "NOT_SET", "username": "encore"}),
        shop.account(name="sans dossier", folders=["[/Réclamation]"]),
    ]


WORDS = {
    "mauvais mot de passe": "mot de passe refusé",
    "rien n'écoute": "connexion refusée",
    "muet": "pas de réponse en 4 s",
    "certificat": "le certificat présenté n'est pas accepté, son autorité est inconnue",
    "sans secret": "la variable d'environnement NOT_SET",
    "sans dossier": "le dossier « [/Réclamation] » n'existe pas",
}


@pytest.mark.slow
def test_broken_accounts_are_named_and_never_delay_a_good_one(shop: Shop) -> None:
    (shop.directory / "o.csv").write_text(orders_csv(range(6)), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        shop.configure(
            *broken_accounts(shop, deaf.getsockname()[1]), shop.account(), sending={"enabled": False}
        )
        shop.ok("orders", "import", "o.csv")
        shop.deliver(letter(1))
        passed = shop.run("once", "--json", env={"WRONG": "faux"})
        assert passed.code == 1
        result = json.loads(passed.out)
        assert (result["fetched"], result["prepared"]) == (1, 1)
        for words in WORDS.values():
            assert any(words in trouble for trouble in result["troubles"]), (words, result["troubles"])
        with serving(shop, WRONG="faux"):
            shop.deliver(letter(2))
            until(lambda: shop.states("replies").get("draft") == 2, 4)
        assert "[/Réclamation]" in shop.run("status", "--check").said
        assert "[/Réclamation]" in shop.run("once", env={"WRONG": "faux"}).said
        status = shop.run("status", "--json")
        assert status.code == 1
        accounts = {one["account"]: one for one in status.json[0]["accounts"]}
        assert accounts.pop(shop.user)["last_error"] is None
        assert {name: WORDS[name] in one["last_error"] for name, one in accounts.items()} == dict.fromkeys(
            WORDS, True
        )
        assert all(name in status.json[0]["problems"][number] for number, name in enumerate(WORDS))


def test_a_server_that_dies_and_returns_is_read_again(shop: Shop) -> None:
    with serving(shop):
        until(lambda: watching(shop), 10)
        shop.dovecot.kill()
        until(lambda: shop.one("SELECT last_error FROM folders"), 10)
        shop.dovecot.start()
        shop.deliver(letter(1))
        until(lambda: len(cases_by_mail(shop)) == 1, 15)
    assert shop.one("SELECT last_error FROM folders") is None


def test_two_robots_facing_each_other_exchange_one_answer_at_most(shop: Shop, sink: SmtpSink) -> None:
    """Four kinds of robots at the other end, each of which answers everything it gets, three rounds long."""
    shop.answer_alone(sink.port)
    (shop.directory / "o.csv").write_text(orders_csv(range(4)), "utf-8")
    shop.ok("orders", "import", "o.csv")
    shop.deliver(*(letter(number) for number in range(4)))
    for _ in range(3):
        before = len(sink.taken)
        shop.ok("once")
        shop.deliver(*(_robot(envelope.content) for envelope in sink.taken[before:]))
    recipients = [envelope.rcpt_tos[0] for envelope in sink.taken]
    assert sorted(recipients) == [f"client{number}@mail.example" for number in range(4)]


def _robot(content: object) -> bytes:
    assert isinstance(content, bytes)
    got = parsed(content)
    number = int(str(got["To"]).partition("client")[2][0])
    asked = [f"In-Reply-To: {got['Message-ID']}", f"References: {got['Message-ID']}"]
    text = None if number > 1 else "Bonjour,\n\nJe suis absent jusqu'au 3 décembre.\n"
    headers = {0: ["Auto-Submitted: auto-replied"], 1: [], 2: asked, 3: []}[number]
    return letter(number, text, message_id=None, subject=f"Re: {got['Subject']}", extra=headers)


def test_orders_dropped_into_the_watched_folder_are_imported_and_filed(shop: Shop) -> None:
    folder = shop.directory / "arrivee"
    folder.mkdir()
    shop.configure(orders={"import_folder": "arrivee"})
    (folder / "bon.csv").write_text(orders_csv([1, 2]) + "cassée,site,pas une date\n", "utf-8")
    (folder / "illisible.csv").write_bytes(b"\x00\xff\x00 pas un csv")
    (folder / "en cours.csv").write_text(orders_csv([3]), "utf-8")
    for name in ("bon.csv", "illisible.csv"):
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))
    shop.ok("once")
    assert [row[0] for row in shop.rows("SELECT order_id FROM orders ORDER BY 1")] == [
        "LIL-48201",
        "LIL-48202",
    ]
    names = {path.relative_to(folder).as_posix()[-13:] for path in folder.rglob("*") if path.is_file()}
    assert "en cours.csv" in names
    (report,) = Path(folder / "importes").glob("*.txt")
    assert "ligne 4" in report.read_text("utf-8")
    (refusal,) = Path(folder / "refuses").glob("*.txt")
    assert "illisible.csv" in refusal.read_text("utf-8")


def test_missed_deadlines_are_told_in_one_mail_once(shop: Shop, sink: SmtpSink) -> None:
    shop.configure(shop.account(smtp={"port": sink.port}), alarms={"to": ["lea@boutique.example"]})
    shop.dovecot.drop([letter(number) for number in range(3)], shop.user)
    for path in shop.dovecot.maildir(shop.user).glob("new/*"):
        os.utime(path, (time.time() - 864_000,) * 2)
    shop.ok("once")
    shop.ok("once")
    (digest,) = sink.taken
    assert isinstance(digest.content, bytes) and digest.rcpt_tos == ["lea@boutique.example"]
    text = parsed(digest.content).get_content()
    assert "ÉCHÉANCES DÉPASSÉES" in text and all(f"ticket {number} : " in text for number in (1, 2, 3))
    assert "échéances dépassées sans réponse" in shop.run("status", "--check").said

"""The machine in trouble: disk full, database locked, certificates, passwords. Told in French, and it recovers."""

import resource
import sqlite3
import time

import pytest

from tests.end_to_end.letters import letter, orders_csv
from tests.end_to_end.shop import Shop, cases_by_mail, until
from tests.servers.smtp import SmtpSink

pytestmark = pytest.mark.server


def test_a_full_disk_is_told_and_nothing_is_lost_when_there_is_room_again(shop: Shop) -> None:
    """The file size limit of the process stands for the full disk: it needs no rights and can be lifted."""
    shop.ok("once")
    service = shop.start("run")
    until(lambda: "en service" in service.log(), 20, service.log)
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
    shop.deliver(*(letter(number, "Bonjour, " + "où est mon colis ? " * 4000) for number in range(10)))
    until(lambda: "base de données" in service.log(), 15, service.log)
    assert any(
        words in service.log() for words in ("le disque est plein", "le disque a répondu par une erreur")
    )
    assert service.poll() is None
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: cases_by_mail(shop) == [1] * 10, 20, service.log)
    assert service.stop().code == 0


def test_a_command_on_a_full_disk_fails_with_one_sentence(shop: Shop) -> None:
    (shop.directory / "o.csv").write_text(orders_csv(range(2000)), "utf-8")
    shop.ok("status")
    done = shop.run("orders", "import", "o.csv", file_limit=200_000)
    assert done.code == 1 and "le disque" in done.err
    assert shop.ok("orders", "import", "o.csv", "--json").json[0]["imported"] == 2000


@pytest.mark.slow
def test_a_locked_database_is_told_and_the_next_passage_does_the_work(shop: Shop) -> None:
    shop.ok("once")
    shop.deliver(letter(1))
    with sqlite3.connect(shop.data / "mailbot.sqlite3") as db:
        db.execute("BEGIN IMMEDIATE")
        done = shop.run("once")
        db.rollback()
    db.close()
    assert done.code == 1 and "verrouillée par un autre programme" in done.err
    shop.ok("once")
    assert cases_by_mail(shop) == [1]


def test_a_database_locked_for_a_moment_is_waited_for(shop: Shop) -> None:
    shop.ok("once")
    shop.deliver(letter(1))
    with sqlite3.connect(shop.data / "mailbot.sqlite3") as db:
        db.execute("BEGIN IMMEDIATE")
        passage = shop.start("once")
        time.sleep(1.5)
        db.rollback()
    db.close()
    assert passage.wait(20).code == 0
    assert cases_by_mail(shop) == [1]


def test_check_says_what_works_and_what_does_not_one_line_each(shop: Shop) -> None:
    with SmtpSink("starttls", "localhost") as encrypted:
        smtp = {"port": encrypted.port, "security": "starttls", "username": "sav", "password_env": "SMTP_PW"}
        shop.configure(shop.account(smtp=smtp, imap={"password_env": "WRONG"}))
        done = shop.run("check", "--json", env={"WRONG": "faux", "SMTP_PW": "pass"})
    assert done.code == 1
    findings = {one["check"]: one for one in done.json}
    assert [one["ok"] for one in findings.values()] == [True, True, True, False, False]
    assert "mot de passe refusé" in findings[f"IMAP « {shop.user} »"]["text"]
    assert "certificat" in findings[f"SMTP « {shop.user} »"]["text"]
    shop.configure(shop.account(smtp={"password_env": "SMTP_PW"}))
    assert "connexion refusée" in shop.run("check").said

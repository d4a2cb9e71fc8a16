"""A mailbox without a password, through the real commands: a real Dovecot and SMTP server that take access tokens only,
a real server that gives them."""

import stat
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.end_to_end.letters import customer, letter, orders_csv
from tests.end_to_end.mailroom import folder
from tests.end_to_end.shop import NOBODY, Shop, cases_by_mail, until
from tests.servers.dovecot import CERTS, Dovecot
from tests.servers.oauth import TokenServer
from tests.servers.smtp import SmtpSink

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def giving() -> Iterator[TokenServer]:
    with TokenServer(rotates=True) as server:
        yield server


@pytest.fixture
def tokens(giving: TokenServer) -> TokenServer:
    """The server that gives tokens, as at first."""
    giving.life, giving.refusal, giving.busy = 3600, None, None
    giving.asked.clear()
    return giving


@pytest.fixture(scope="module")
def dovecot(giving: TokenServer) -> Iterator[Dovecot]:
    """Instead of the one of all shops: it takes tokens, and passwords too."""
    with Dovecot(introspection=f"{giving.url}/introspect") as server:
        yield server


@pytest.fixture
def sink(giving: TokenServer) -> Iterator[SmtpSink]:
    with SmtpSink("starttls", utf8=True, tokens=giving) as server:
        yield server


def by_oauth(shop: Shop, tokens: TokenServer, sink: SmtpSink) -> dict[str, object]:
    """The shop's account, by tokens for IMAP and SMTP."""
    given: dict[str, Any] = shop.account(
        imap={"auth": "oauth"},
        smtp={"port": sink.port, "security": "starttls", "ca_file": str(CERTS / "ca.pem"), "auth": "oauth"},
        oauth=tokens.settings(),
    )
    imap = {key: value for key, value in given["imap"].items() if key != "password_env"}
    return {**given, "imap": imap, "smtp": {**given["smtp"], "username": shop.user}}


def connect(shop: Shop, tokens: TokenServer, *words: str) -> str:
    """Somebody connects the shop's mailbox; what was said."""
    running = shop.start("connect", *words)
    until(lambda: "ABCD-EFGH" in running.out.read_text("utf-8"), 20, running.log)
    tokens.confirm(shop.user)
    done = running.wait(30)
    assert done.code == 0, done
    return done.said


@pytest.fixture
def connected(shop: Shop, tokens: TokenServer, sink: SmtpSink) -> Shop:
    """A shop with known customers whose mailbox somebody has connected."""
    shop.configure(by_oauth(shop, tokens, sink))
    (shop.directory / "o.csv").write_text(orders_csv(range(10)), "utf-8")
    shop.ok("orders", "import", "o.csv")
    connect(shop, tokens)
    tokens.asked.clear()
    return shop


def draft(shop: Shop) -> str:
    return str(shop.one("SELECT id FROM replies ORDER BY id DESC"))


def test_a_person_connects_a_mailbox_and_both_servers_are_tried(
    shop: Shop, tokens: TokenServer, sink: SmtpSink
) -> None:
    shop.configure(by_oauth(shop, tokens, sink))
    refused = shop.run("run")
    assert refused.code == 1 and f"Lancez : mailbot connect {shop.user}" in refused.said
    said = connect(shop, tokens)
    assert f"{tokens.url}/ouvrir" in said and "15 min" in said
    assert f"✓ IMAP « {shop.user} »" in said and f"✓ SMTP « {shop.user} »" in said and "par OAuth" in said
    path = shop.data / "oauth" / f"{shop.user}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(token in said for token in (*tokens.lasting, *tokens.good))
    findings = {one["check"]: one for one in shop.ok("check", "--json").json}
    assert all(one["ok"] for one in findings.values()), findings
    assert str(findings[f"IMAP « {shop.user} »"]["text"]).endswith("par OAuth")
    told = shop.run("status")
    assert f"OAuth (autre), compte « {shop.user} » : connecté" in told.said


def test_a_mail_is_fetched_and_its_reply_leaves_without_any_password(
    connected: Shop, tokens: TokenServer, sink: SmtpSink
) -> None:
    shop = connected
    shop.deliver(letter(1))
    shop.ok("once")
    shop.ok("drafts", "approve", draft(shop))
    tokens.asked.clear()
    shop.ok("once")
    (taken,) = sink.taken
    assert taken.rcpt_tos == [customer(1)] and shop.states("replies") == {"sent": 1}
    assert len(folder(shop, "Sent")) == 1
    assert tokens.count("refresh_token") == 1, "one token for reading, sending and filing"


def test_the_service_goes_on_when_tokens_expire_and_are_taken_back(
    connected: Shop, tokens: TokenServer, sink: SmtpSink
) -> None:
    shop = connected
    tokens.life = 2
    service = shop.start("run")
    until(lambda: "en service" in service.log(), 20, service.log)
    shop.deliver(letter(1))
    until(lambda: shop.rows("SELECT 1 FROM replies"), 20, service.log)
    time.sleep(2.1)
    before = tokens.count("refresh_token")
    shop.ok("drafts", "approve", draft(shop))
    until(lambda: len(sink.taken) == 1, 20, service.log)
    assert tokens.count("refresh_token") > before >= 1
    tokens.life = 3600
    shop.dovecot.kill()
    tokens.forget_access()
    shop.dovecot.start()
    shop.deliver(letter(2))
    until(lambda: cases_by_mail(shop) == [1, 1], 40, service.log)
    assert service.stop().code == 0
    assert "OAuth" not in service.log(), "nobody is troubled with it"


def test_access_taken_back_is_told_once_and_the_other_account_goes_on(
    connected: Shop, tokens: TokenServer, sink: SmtpSink
) -> None:
    shop = connected
    other = shop.account(
        name="autre", imap={"username": f"{shop.user}b"}, smtp={"port": NOBODY}, address="autre@localhost"
    )
    shop.configure(by_oauth(shop, tokens, sink), other)
    shop.deliver(letter(1))
    shop.ok("once")
    shop.ok("drafts", "approve", draft(shop))
    tokens.refusal = {
        "error": "invalid_grant",
        "error_description": "AADSTS50173: The grant has been revoked.",
    }
    command = f"Lancez : mailbot connect {shop.user}"
    service = shop.start("run")
    until(lambda: command in service.log(), 20, service.log)
    shop.dovecot.deliver(letter(2), f"{shop.user}b")
    until(lambda: cases_by_mail(shop) == [1, 1], 20, service.log)
    until(lambda: "envoi remis à plus tard" in service.log(), 20, service.log)
    said = [line for line in service.log().splitlines() if command in line and "ticket" not in line]
    assert len(said) == 1 and f"compte « {shop.user} »" in said[0]
    assert tokens.count("refresh_token") == 2, "the server is not asked again and again"
    status = shop.run("status", "--check")
    assert status.code == 1 and status.said.count(command) == 1
    assert command in shop.run("check").said
    assert shop.states("replies") == {"approved": 1, "draft": 1}
    tokens.refusal = None
    connect(shop, tokens, shop.user)
    shop.deliver(letter(3))
    until(lambda: cases_by_mail(shop) == [1, 1, 1], 60, service.log)
    assert service.stop().code == 0
    assert shop.ok("status", "--json").json[0]["oauth"][0]["trouble"] is None


def test_a_token_server_that_is_away_is_waited_for(
    connected: Shop, tokens: TokenServer, sink: SmtpSink
) -> None:
    shop = connected
    tokens.busy = 503
    shop.deliver(letter(1))
    service = shop.start("run")
    until(lambda: "occupé (503)" in service.log(), 20, service.log)
    tokens.busy = None
    until(lambda: cases_by_mail(shop) == [1], 30, service.log)
    assert service.stop().code == 0

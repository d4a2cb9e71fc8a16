"""Access tokens at a real Dovecot and a real SMTP server, which ask the server that gave them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.config import Account, Server
from mailbot.edges import refresh_tokens, smtp
from mailbot.edges.mailbox import connect
from mailbot.edges.sign_in import Access, SignIn
from mailbot.errors import NeedsHuman, SignedOut, TryAgain
from mailbot.model import Receipt
from tests.edges.granted import Clock, access, account, by_oauth, connected, section
from tests.edges.test_smtp import reply
from tests.servers.dovecot import Dovecot
from tests.servers.imap import ScriptedImap
from tests.servers.oauth import TokenServer
from tests.servers.smtp import ScriptedSmtp, SmtpSink

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


@pytest.fixture(autouse=True)
def as_at_first(tokens: TokenServer) -> None:
    tokens.refusal, tokens.busy = None, None
    tokens.asked.clear()


@pytest.fixture(scope="module")
def dovecot(tokens: TokenServer) -> Iterator[Dovecot]:
    with Dovecot(introspection=f"{tokens.url}/introspect") as server:
        yield server


@pytest.fixture
def sav(tokens: TokenServer, dovecot: Dovecot, user: str, tmp_path: Path) -> Account:
    """A connected account on the Dovecot."""
    oauth = section(tokens, tmp_path)
    connected(oauth, tokens, user, owner=user)
    return account(oauth, imap=imap(dovecot, user), name=user)


def imap(dovecot: Dovecot, user: str) -> Server:
    return by_oauth(dovecot.account(user).imap, user)


def sent(server: Server, key: Access) -> Receipt:
    return asyncio.run(
        smtp.send(
            server, key, reply(), "retours@boutique.exemple", "client@exemple.fr", ehlo="boutique.exemple"
        )
    )


def test_a_mailbox_opens_with_an_access_token_that_is_asked_for_once(
    sav: Account, dovecot: Dovecot, tokens: TokenServer
) -> None:
    dovecot.drop([b"Subject: colis\r\n\r\nBonjour\r\n"], sav.name)
    keys, clock = SignIn(), Clock()
    for _ in range(2):
        with connect(sav, access(sav, clock, keys)) as box:
            assert box.examine("INBOX").exists == 1
    assert tokens.count("refresh_token") == 1


@pytest.mark.parametrize("mechanisms", ["oauthbearer", "xoauth2"])
def test_either_mechanism_will_do(mechanisms: str, tokens: TokenServer, tmp_path: Path) -> None:
    oauth = section(tokens, tmp_path)
    connected(oauth, tokens)
    with Dovecot(introspection=f"{tokens.url}/introspect", mechanisms=mechanisms) as server:
        one = account(oauth, imap=imap(server, "sav"))
        with connect(one, access(one, Clock())) as box:
            assert f"AUTH={mechanisms.upper()}" not in box.capabilities, "said before the log-in only"
            assert box.examine("INBOX").exists == 0


def test_a_token_that_the_server_takes_no_longer_is_replaced_at_once_and_in_the_middle(
    sav: Account, dovecot: Dovecot, tokens: TokenServer
) -> None:
    dovecot.drop([b"Subject: colis\r\n\r\nBonjour\r\n"] * 3, sav.name)
    clock = Clock()
    key = access(sav, clock)
    with connect(sav, key) as box:
        view = box.examine("INBOX")
        tokens.forget_access()
        clock.now = clock.now.replace(hour=10, minute=30)
        box.reopen()
        assert len(list(box.fetch([1, 2, 3], 10**6))) == view.exists == 3
    assert tokens.count("refresh_token") == 2


def test_a_token_of_another_mailbox_is_refused_with_what_to_check(
    tokens: TokenServer, dovecot: Dovecot, tmp_path: Path
) -> None:
    oauth = section(tokens, tmp_path)
    connected(oauth, tokens, "quelquun")
    one = account(oauth, imap=imap(dovecot, "sav"))
    with pytest.raises(NeedsHuman) as refused:
        connect(one, access(one, Clock()))
    said = str(refused.value)
    assert "accès par OAuth à la boîte « sav » refusé" in said and "la boîte nommée dans username" in said
    assert not any(token in said for token in (*tokens.good, *tokens.lasting))
    assert tokens.count("refresh_token") == 1, "a brand-new token is not replaced by another"


def test_a_mailbox_that_was_disconnected_names_the_command(sav: Account, tokens: TokenServer) -> None:
    tokens.refusal = {"error": "invalid_grant"}
    with pytest.raises(SignedOut, match=f"Lancez : mailbot connect {sav.name}"):
        connect(sav, access(sav, Clock()))


def test_a_server_that_takes_no_tokens_is_told(tokens: TokenServer, tmp_path: Path) -> None:
    oauth = section(tokens, tmp_path)
    connected(oauth, tokens)
    with ScriptedImap({"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN"}) as server:
        one = account(oauth, imap=by_oauth(server.account().imap))
        with pytest.raises(NeedsHuman, match="n'offre pas de connexion par OAuth"):
            connect(one, access(one, Clock()))
        assert not any("AUTHENTICATE" in line or "LOGIN" in line for line in server.heard)
    with ScriptedSmtp({"EHLO": "250-script\r\n250 AUTH PLAIN LOGIN"}) as mute:
        receipt = sent(mute.server(auth="oauth", username="sav"), access(one, Clock()))
    assert receipt.outcome == "failed" and "n'offre pas de connexion par OAuth" in receipt.server_text
    assert not any(line.startswith("AUTH") for line in mute.heard)


def test_a_server_that_refuses_for_the_moment_is_tried_again_later(
    tokens: TokenServer, tmp_path: Path
) -> None:
    oauth = section(tokens, tmp_path)
    connected(oauth, tokens)
    rules: dict[str, bytes] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2",
        "AUTHENTICATE": b"%T NO [UNAVAILABLE] busy",
    }
    with ScriptedImap({**rules}) as server:
        one = account(oauth, imap=by_oauth(server.account().imap))
        with pytest.raises(TryAgain):
            connect(one, access(one, Clock()))


@pytest.mark.parametrize("without", [(), ("XOAUTH2",)])
def test_a_reply_leaves_by_token_also_when_the_first_one_is_refused(
    without: tuple[str, ...], tokens: TokenServer, tmp_path: Path
) -> None:
    oauth = section(tokens, tmp_path)
    connected(oauth, tokens)
    clock = Clock()
    key = access(account(oauth), clock)
    with SmtpSink("starttls", tokens=tokens, without=without) as sink:
        server = sink.server(auth="oauth", username="sav")
        assert sent(server, key).outcome == "sent"
        tokens.forget_access()
        clock.now = clock.now.replace(minute=30)
        assert sent(server, key).outcome == "sent"
        assert len(sink.taken) == 2
    assert tokens.count("refresh_token") == 2


def test_a_refusal_to_send_says_what_to_check_and_one_for_want_of_access_waits(
    tokens: TokenServer, tmp_path: Path
) -> None:
    oauth = section(tokens, tmp_path)
    connected(oauth, tokens, "quelquun")
    with SmtpSink("starttls", tokens=tokens) as sink:
        server = sink.server(auth="oauth", username="sav")
        refused = sent(server, access(account(oauth), Clock()))
        tokens.refusal = {"error": "invalid_grant"}
        signed_out = sent(server, access(account(oauth), Clock()))
        tokens.refusal, tokens.busy = None, 503
        oauth = section(tokens, tmp_path / "other")
        connected(oauth, tokens)
        busy = sent(server, access(account(oauth), Clock()))
        assert sink.taken == []
    assert (refused.outcome, refused.code) == ("failed", 535)
    assert "accès par OAuth de « sav » refusé" in refused.server_text
    assert signed_out.outcome == "retry" and "mailbot connect sav" in signed_out.server_text
    assert busy.outcome == "retry" and "occupé (503)" in busy.server_text


def test_a_token_taken_back_while_a_reply_leaves_makes_it_wait(tokens: TokenServer, tmp_path: Path) -> None:
    oauth = section(tokens, tmp_path)
    connected(oauth, tokens)
    clock = Clock()
    key = access(account(oauth), clock)
    key.token()
    tokens.forget_access()
    tokens.refusal = {"error": "invalid_grant"}
    clock.now = clock.now.replace(minute=30)
    with SmtpSink("starttls", tokens=tokens) as sink:
        receipt = sent(sink.server(auth="oauth", username="sav"), key)
        assert sink.taken == []
    assert receipt.outcome == "retry" and "mailbot connect sav" in receipt.server_text
    assert refresh_tokens.read(oauth, "sav").refusal

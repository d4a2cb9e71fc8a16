"""The ways to a token, over real HTTP: by code, by browser, by what a server answers."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from mailbot.config import OAuth
from mailbot.edges import oauth as flows
from mailbot.edges import oauth_server, oauth_words
from mailbot.errors import NeedsHuman, SignedOut, TryAgain
from tests.edges.granted import START, Clock, section
from tests.servers.dovecot import free_port
from tests.servers.oauth import TokenServer

pytestmark = pytest.mark.server


def confirm(oauth: OAuth, tokens: TokenServer, clock: Clock, at: int) -> tuple[flows.Grant, list[float]]:
    """The person confirms the code at the `at`th look; the grant and how long was waited each time."""
    code = flows.device_code(oauth, "sav", clock())
    assert (code.user_code, code.address) == ("ABCD-EFGH", f"{tokens.url}/ouvrir")
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)
        pauses.append(seconds)
        if len(pauses) == at:
            tokens.busy = None
            tokens.confirm("sav")

    return flows.confirmed(oauth, "sav", code, clock, wait), pauses


def test_a_code_is_waited_for_at_the_pace_the_server_asks(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
        tokens.before = ["authorization_pending", "slow_down"]
        grant, pauses = confirm(oauth, tokens, Clock(), at=3)
        assert grant.refresh in tokens.lasting
        assert pauses == [0.01, 0.01, 5.01]


@pytest.mark.parametrize(
    ("said", "words"),
    [("access_denied", "l'autorisation a été refusée"), ("expired_token", "le code a expiré avant")],
)
def test_a_code_that_is_refused_or_expires_is_told(said: str, words: str, tmp_path: Path) -> None:
    with TokenServer() as tokens:
        tokens.before = [said]
        with pytest.raises(NeedsHuman, match=words):
            confirm(section(tokens, tmp_path), tokens, Clock(), at=99)


def test_a_code_that_nobody_confirms_ends(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth, clock = section(tokens, tmp_path), Clock()
        code = flows.device_code(oauth, "sav", clock())

        def wait(_seconds: float) -> None:
            clock.now += timedelta(minutes=4)
            tokens.busy = 503 if tokens.busy is None else None

        with pytest.raises(NeedsHuman, match="a expiré avant d'être confirmé"):
            flows.confirmed(oauth, "sav", code, clock, wait)
        assert clock.now - START == timedelta(minutes=16)


def test_a_browser_brings_a_code_that_only_we_can_use(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path, authorize_url=f"{tokens.url}/autoriser?prompt=consent")
        address = flows.browser_address(oauth, "état", "v" * 50, "sav@boutique.example")
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["prompt"] == "consent" and asked["scope"] == "mail"
        assert asked["login_hint"] == "sav@boutique.example" and "v" * 50 not in address
        back = f"http://localhost/?code={tokens.browse(asked, 'sav')}&state=%C3%A9tat\n"
        code = flows.code_in(back, "état", "sav")
        with pytest.raises(SignedOut):
            flows.by_code(oauth, "sav", tokens.browse(asked, "sav"), "w" * 50, START)
        assert flows.by_code(oauth, "sav", code, "v" * 50, START).refresh in tokens.lasting


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "ne contient pas de code"),
        ("http://localhost/?state=s", "Copiez toute l'adresse"),
        ("http://localhost/?code=c&state=autre", "répond à une autre demande"),
        ("http://localhost/?code=c", "répond à une autre demande"),
        ("http://localhost/?error=access_denied&state=s", "l'autorisation a été refusée"),
    ],
)
def test_an_address_that_brings_nothing_is_told(address: str, words: str) -> None:
    with pytest.raises(NeedsHuman, match=words):
        flows.code_in(address, "s", "sav")


def test_what_is_no_token_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
    for answer in ({}, {"access_token": 5}, {"access_token": "a", "token_type": "mac"}):
        monkeypatch.setattr(oauth_server, "post", lambda *_given, answer=answer, **_named: answer)
        with pytest.raises(NeedsHuman, match="n'a pas donné de jeton d'accès"):
            flows.renew(oauth, "sav", "durable", START)
    for stated, seconds in (
        ("60", 60),
        (None, 300),
        ("bientôt", 300),
        (1e300, 86400),
        ("nan", 300),
        (-1, 300),
    ):
        given = {"access_token": "a", "expires_in": stated}
        monkeypatch.setattr(oauth_server, "post", lambda *_given, answer=given, **_named: answer)
        assert flows.renew(oauth, "sav", "durable", START).until == START + timedelta(seconds=seconds)


def test_microsoft_s_own_codes_say_what_to_do_and_long_words_are_cut() -> None:
    said = oauth_words.reason(
        {"error": "invalid_client", "error_description": "AADSTS7000218: The request body must contain…"}
    )
    assert "flux de clients publics" in said
    long = oauth_words.reason({"error": "étrange", "error_description": "a" * 1000})
    assert long.startswith("refus du serveur (étrange : aaa") and len(long) < 400
    assert oauth_words.reason({"error": "x"}) == "refus du serveur (x)."


def test_a_port_nobody_listens_on_is_a_passing_trouble() -> None:
    with pytest.raises(TryAgain, match="n'a pas pu être joint"):
        oauth_server.post(f"http://127.0.0.1:{free_port()}/token", {}, where="compte « sav »")

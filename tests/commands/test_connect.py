"""`connect` as a person uses it, with a real token server; the mail servers are nobody's."""

import io
import re
import sys
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from mailbot import clock
from tests.commands.conftest import Said
from tests.servers.oauth import CLIENT_SECRET, TokenServer

pytestmark = pytest.mark.server
Run = Callable[..., Said]

ACCOUNT = """
[[accounts]]
name = "{name}"
address = "{name}@boutique.example"
imap = {{ host = "127.0.0.1", port = 1, security = "none", auth = "oauth", username = "{name}" }}
smtp = {{ host = "127.0.0.1", port = 1, security = "none", auth = "oauth", username = "{name}" }}

[accounts.oauth]
provider = "autre"
client_id = "application-de-test"
token_url = "{url}/token"
scope = "mail"
"""
BY_CODE = 'device_url = "URL/device"\n'


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with TokenServer() as server:
        yield server


@dataclass(frozen=True)
class Shop:
    """A shop whose accounts are signed in to by OAuth, at a token server of its own."""

    config: Path
    tokens: TokenServer
    run: Run

    def accounts(self, *names: str, more: str) -> None:
        """Write the configuration: these accounts, each with these lines in its section oauth."""
        text = "".join(ACCOUNT.format(name=name, url=self.tokens.url) + more for name in names)
        self.config.write_text(text.replace("URL", self.tokens.url), "utf-8")

    def connect(self, *words: str) -> Said:
        return self.run("connect", *words, "-c", self.config)

    def kept(self) -> list[str]:
        """The files of lasting tokens."""
        return [path.name for path in (self.config.parent / "donnees/oauth").glob("*.json")]


@pytest.fixture
def shop(config: Path, tokens: TokenServer, mailbot: Run) -> Shop:
    return Shop(config, tokens, mailbot)


class Person(io.StringIO):
    """Standard input: whoever reads it gets the address that a browser would have ended at."""

    def __init__(self, tokens: TokenServer, capsys: pytest.CaptureFixture[str], user: str = "sav") -> None:
        super().__init__()
        self._tokens, self._capsys, self._user = tokens, capsys, user
        self.saw = ""

    def readline(self, *_size: int) -> str:  # type: ignore[override]
        self.saw = self._capsys.readouterr().out
        (address,) = re.findall(r"^http\S+autoriser\S+$", self.saw, re.MULTILINE)
        asked = dict(parse_qsl(urlsplit(address).query))
        code = self._tokens.browse(asked, self._user)
        return f"{asked['redirect_uri']}/?state={asked['state']}&code={code}&session_state=x\n"


def test_an_address_is_opened_and_copied_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECRET", CLIENT_SECRET)
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    shop.accounts("sav", more='authorize_url = "URL/autoriser"\nclient_secret_env = "SECRET"\n')
    person = Person(shop.tokens, capsys)
    monkeypatch.setattr(sys, "stdin", person)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    said = shop.connect()
    assert said.code == 1, "nobody answers on port 1"
    assert "✓ accès donné" in said.words and "✗ IMAP « sav » : compte « sav », 127.0.0.1:1" in said.words
    assert "c'est voulu" in person.saw and opened == []
    assert (shop.config.parent / "donnees/oauth/sav.json").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("DISPLAY", ":0")
    shop.connect()
    assert len(opened) == 1, "where there is a screen, the browser is opened too"


def test_a_code_is_shown_and_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.accounts("sav", "ventes", more=BY_CODE)
    monkeypatch.setattr("time.sleep", lambda _seconds: shop.tokens.confirm("ventes"))
    said = shop.connect("ventes")
    assert f"{shop.tokens.url}/ouvrir" in said.words and "valable 15 min : ABCD-EFGH" in said.words
    assert "Connectez-vous avec le compte ventes" in said.words
    assert "✓ accès donné, jeton gardé dans" in said.words
    assert shop.kept() == ["ventes.json"]
    status = shop.run("status", "-c", shop.config)
    assert "OAuth (autre), compte « ventes » : connecté" in status.words
    assert "pas encore connecté par OAuth. Lancez : mailbot connect sav" in status.words


def test_which_account_is_meant_must_be_clear(shop: Shop) -> None:
    said = shop.connect()
    assert said.code == 1 and "aucun compte n'est réglé pour OAuth" in said.err
    shop.accounts("sav", "ventes", more=BY_CODE)
    assert "plusieurs comptes" in shop.connect().err
    assert "Nommez l'un de : sav, ventes" in shop.connect("support").err
    assert "--navigateur demande authorize_url" in shop.connect("sav", "--navigateur").err


def test_a_refusal_stores_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.accounts("sav", more=BY_CODE)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    shop.tokens.before = ["access_denied"]
    said = shop.run("connect", "-c", shop.config, at=clock.now())
    assert said.code == 1 and "l'autorisation a été refusée" in said.err
    assert not (shop.config.parent / "donnees/oauth").exists()


def test_access_without_a_lasting_token_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.accounts("sav", more=BY_CODE)
    monkeypatch.setattr("time.sleep", lambda _seconds: shop.tokens.confirm("sav"))
    monkeypatch.setattr(shop.tokens, "last", lambda _user: None)
    said = shop.connect()
    assert said.code == 1 and "sans jeton durable" in said.err


def test_the_application_itself_is_only_tried(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", CLIENT_SECRET)
    shop.accounts("sav", more='grant = "application"\nclient_secret_env = "SECRET"\n')
    said = shop.connect()
    assert shop.tokens.count("client_credentials") == 1 and "accès donné" not in said.words
    status = shop.run("status", "-c", shop.config)
    assert "OAuth (autre), compte « sav » : par l'application" in status.words

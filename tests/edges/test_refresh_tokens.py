"""Where a lasting token is kept: in a file or the keyring, whole or not at all."""

import json
from dataclasses import replace
from pathlib import Path

import keyring
import pytest

from mailbot.config import Config
from mailbot.edges import refresh_tokens
from mailbot.errors import ConfigError, MailbotError
from tests.edges.granted import Clock, access, account, connected, section
from tests.servers.oauth import TokenServer

pytestmark = pytest.mark.server


def test_the_keyring_keeps_the_token_for_who_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring, "get_password", lambda service, name: kept.get((service, name)))
    monkeypatch.setattr(
        keyring, "set_password", lambda service, name, secret: kept.update({(service, name): secret})
    )
    with TokenServer(rotates=True) as tokens:
        oauth = section(tokens, tmp_path, token_keyring="mailbot-oauth")
        first = connected(oauth, tokens)
        access(account(oauth), Clock()).token()
        assert refresh_tokens.where(oauth) == "le trousseau, « mailbot-oauth »"
    ((place, text),) = kept.items()
    assert place == ("mailbot-oauth", "sav")
    assert json.loads(text)["refresh_token"] not in (first, "")
    assert not (tmp_path / "oauth" / "sav.json").exists()


def test_what_cannot_sign_in_is_known_before_anything_is_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ABSENT", raising=False)
    with TokenServer() as tokens:
        there = account(section(tokens, tmp_path))
        connected(section(tokens, tmp_path), tokens)
        gone = account(
            section(tokens, tmp_path).model_copy(update={"token_file": tmp_path / "b.json"}), name="b"
        )
        secret = account(section(tokens, tmp_path / "c", client_secret_env="ABSENT"), name="c")
    found = refresh_tokens.not_connected(Config(accounts=(there, gone, secret)))
    assert [(one.name, kind) for one, kind, _ in found] == [
        ("b", "imap"), ("b", "smtp"), ("c", "imap"), ("c", "smtp"),
    ]  # fmt: skip
    said: list[MailbotError] = [error for _, _, error in found]
    assert "mailbot connect b" in str(said[0])
    assert "ABSENT (secret de l'application OAuth) n'est pas définie" in str(said[2])


def test_a_token_is_replaced_or_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
    before = refresh_tokens.read(oauth, "sav")

    def gone(*_given: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "replace", gone)
    with pytest.raises(ConfigError, match="n'a pas pu être gardé"):
        refresh_tokens.write(oauth, "sav", replace(before, token="nouveau"))
    monkeypatch.undo()
    assert refresh_tokens.read(oauth, "sav") == before
    assert [path.name for path in (tmp_path / "oauth").iterdir()] == ["sav.json"]

"""Secrets: where they come from, what is wrong with them, and that no message repeats one."""

from pathlib import Path

import keyring
import pytest
from keyring.errors import NoKeyringError

from mailbot.config import Account, Config, Server, exposed_files, password, without_password
from mailbot.errors import ConfigError


def server(**given: object) -> Server:
    return Server.model_validate({"host": "imap.boutique.example", "port": 993, "username": "sav", **given})


def refusal(one: Server) -> str:
    with pytest.raises(ConfigError) as caught:
        password(one, "support")
    said = str(caught.value)
    assert said.startswith("compte « support » : ")
    return said


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_line_end_behind_a_secret_is_no_part_of_it(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", f" mot de passe {end}")
    assert password(server(password_env="SECRET"), "support") == " mot de passe "
    path = tmp_path / "secret"
    path.write_bytes(f"\ufeffé mot{end}".encode())
    assert password(server(password_file=path), "support") == "é mot"


def test_a_secret_that_is_missing_or_empty_names_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET", raising=False)
    assert "la variable d'environnement SECRET" in refusal(server(password_env="SECRET"))
    monkeypatch.setenv("SECRET", "\n")
    assert "SECRET (mot de passe de imap.boutique.example) est vide" in refusal(server(password_env="SECRET"))
    path = tmp_path / "secret"
    assert "n'existe pas" in refusal(server(password_file=path))
    path.write_text("\n", "utf-8")
    assert f"{path} est vide" in refusal(server(password_file=path))
    path.write_text("hunter2\nimap.boutique.example\n", "utf-8")
    said = refusal(server(password_file=path))
    assert "plusieurs lignes" in said and "hunter2" not in said
    path.write_bytes(b"caf\xe9\n")
    assert "ce n'est pas du texte en UTF-8" in refusal(server(password_file=path))
    assert "Renseignez password_env" in refusal(server())


def test_a_keyring_that_is_not_there_is_told_and_what_to_use_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_service: str, _name: str) -> str:
        raise NoKeyringError

    monkeypatch.setattr(keyring, "get_password", none)
    assert "utilisez password_env ou password_file" in refusal(server(password_keyring="mailbot-imap"))
    monkeypatch.setattr(keyring, "get_password", lambda _service, _name: None)
    assert "keyring set mailbot-imap sav" in refusal(server(password_keyring="mailbot-imap"))
    monkeypatch.setattr(keyring, "get_password", lambda service, name: f"{service}/{name}")
    assert password(server(password_keyring="mailbot-imap"), "support") == "mailbot-imap/sav"


def test_what_is_missing_is_known_before_anything_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERE", "secret")
    monkeypatch.delenv("ABSENT", raising=False)
    open_relay = server(username=None)
    accounts = (
        Account(name="a", address="a@b.fr", imap=server(password_env="THERE"), smtp=open_relay),
        Account(name="b", address="b@b.fr", imap=server(password_env="ABSENT", username="b"), smtp=server()),
    )
    missing = without_password(Config(accounts=accounts))
    assert [(account.name, kind) for account, kind, _ in missing] == [("b", "imap"), ("b", "smtp")]


def test_a_secret_that_everybody_can_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("hunter2", "utf-8")
    one = server(password_file=path)
    config = Config(accounts=(Account(name="a", address="a@b.fr", imap=one, smtp=one),))
    path.chmod(0o644)
    (said,) = exposed_files(config)
    assert f"chmod 600 {path}" in said
    path.chmod(0o640)
    assert exposed_files(config) == []
    path.unlink()
    assert exposed_files(config) == []

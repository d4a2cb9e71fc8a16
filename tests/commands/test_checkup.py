"""`check`: one line each, in French, with what to do; no secret in any of them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.commands import checkup
from tests.commands.conftest import CONFIG, Said

Run = Callable[..., Said]


@pytest.fixture(autouse=True)
def without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading all rules takes a second; only one test here is about them."""
    monkeypatch.setattr(checkup, "_rules", lambda _config: "lues")


def findings(mailbot: Run, config: Path) -> dict[str, dict[str, object]]:
    said = mailbot("check", "-c", config, "--json")
    assert said.code == 1, "nobody answers on port 1"
    return {one["check"]: one for one in map(json.loads, said.out.splitlines())}


def test_what_works_but_is_hardly_meant_so_is_said(config: Path, mailbot: Run) -> None:
    secret = config.parent / "secret"
    secret.write_text("hunter2", "utf-8")
    secret.chmod(0o604)
    config.write_text(
        CONFIG.replace("[accounts.imap]", '[accounts.imap]\npassword_file = "secret"')
        + "[sending]\nenabled = false\n",
        "utf-8",
    )
    found = findings(mailbot, config)["configuration"]
    assert found["ok"] is True
    for words in ("chmod 600", "[alarms] to est vide", "[sending] enabled = false"):
        assert words in str(found["text"])
    assert "hunter2" not in str(found)


def test_a_data_directory_that_cannot_be_made_is_told_in_french(config: Path, mailbot: Run) -> None:
    config.write_text(CONFIG.replace('"donnees"', '"/proc/donnees"'), "utf-8")
    found = findings(mailbot, config)["base de données"]
    assert found["ok"] is False
    assert "création impossible (le fichier ou le dossier n'existe pas)" in str(found["text"])


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://mailbot:hunter2@127.0.0.1:1/mailbot", "serveur injoignable"),
        ("mysql://mailbot:hunter2@127.0.0.1/mailbot", "n'est pas pris en charge"),
        ("pas une adresse hunter2", "adresse de base incorrecte"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(
    config: Path, mailbot: Run, url: str, words: str
) -> None:
    config.write_text(CONFIG.replace("[storage]", f'[storage]\nurl = "{url}"'), "utf-8")
    config.chmod(0o644)
    every = findings(mailbot, config)
    found = every["base de données"]
    assert found["ok"] is False and words in str(found["text"])
    assert "hunter2" not in str(every)
    assert ("chmod 600" in str(every["configuration"]["text"])) is url.startswith(("postgresql", "mysql"))


def test_a_file_that_is_no_certificate_is_told(
    config: Path, mailbot: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THERE", "secret")
    own = config.parent / "ca.pem"
    own.write_text("rien", "utf-8")
    tls = '[accounts.imap]\npassword_env = "THERE"\nca_file = "ca.pem"\n'
    text = CONFIG.replace("[accounts.imap]\n", tls).replace('security = "none"', 'security = "tls"', 1)
    config.write_text(text, "utf-8")
    said = str(findings(mailbot, config)["IMAP « boutique »"]["text"])
    assert f"ca_file {own}" in said or "connexion refusée" in said


def test_a_rules_folder_that_is_not_there_is_one_line(
    config: Path, mailbot: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    config.write_text('rules_dir = "regles"\n' + CONFIG, "utf-8")
    found = findings(mailbot, config)["règles et modèles"]
    assert found["ok"] is False
    assert str(found["text"]).startswith(f"rules_dir : le dossier {config.parent / 'regles'} n'existe pas.")
    assert "\n" not in str(found["text"])

"""`mailbot init`: questions asked until the answers fit, and a shop that does not speak as the example."""

import io
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.config import load
from tests.commands.conftest import Said

Run = Callable[..., Said]

GOOD = ("sav@lilas.fr", "Lilas « & » Cie", "127.0.0.1", "1", "none", "127.0.0.1", "2", "none", "sav")


Answers = Callable[..., None]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Pipe these lines into the questions."""

    def piped(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return piped


def test_the_new_shop_bears_its_own_name_and_none_of_the_example_addresses(
    tmp_path: Path, answer: Answers, mailbot: Run
) -> None:
    answer(*GOOD)
    said = mailbot("init", tmp_path / "boutique", "--no-test")
    assert said.code == 0, said.err
    shop = tomllib.loads((tmp_path / "boutique/rules/entreprise.toml").read_text("utf-8"))
    assert shop["nom"] == "Lilas « & » Cie"
    assert shop["signature"] == "Le service client de Lilas « & » Cie"
    assert (shop["adresse_retour"], shop["mediateur"], shop["site"]) == ("", "", "")
    assert shop["zones"], "the rest of the file is kept"


def test_an_answer_that_cannot_be_used_is_asked_again(tmp_path: Path, answer: Answers, mailbot: Run) -> None:
    answer("lilas", *GOOD[:3], "abc", "70000", "1", "ssl", *GOOD[4:])
    said = mailbot("init", tmp_path / "boutique", "--no-test")
    assert said.code == 0, said.err
    for wrong in ("« lilas » ne convient pas", "« abc » ne convient pas", "« 70000 »", "« ssl »"):
        assert wrong in said.words
    config = tomllib.loads((tmp_path / "boutique/config.toml").read_text("utf-8"))
    assert config["accounts"][0]["imap"]["port"] == 1


def test_answers_that_end_too_early_write_nothing(tmp_path: Path, answer: Answers, mailbot: Run) -> None:
    answer(*GOOD[:3])
    said = mailbot("init", tmp_path / "boutique")
    assert said.code == 1
    assert "il manque des réponses" in said.err
    assert not (tmp_path / "boutique").exists()


def test_a_server_that_does_not_answer_is_a_failure_but_the_folder_is_there(
    tmp_path: Path, answer: Answers, mailbot: Run
) -> None:
    answer(*GOOD, "secret")
    said = mailbot("init", tmp_path / "boutique")
    assert said.code == 1
    assert "Une connexion a échoué" in said.words
    assert "secret" not in (tmp_path / "boutique/config.toml").read_text("utf-8")


def test_rules_that_are_already_there_are_left_alone(tmp_path: Path, answer: Answers, mailbot: Run) -> None:
    shop = tmp_path / "boutique/rules/entreprise.toml"
    shop.parent.mkdir(parents=True)
    shop.write_text('nom = "À moi"\n', "utf-8")
    answer(*GOOD)
    assert mailbot("init", tmp_path / "boutique", "--no-test").code == 0
    assert shop.read_text("utf-8") == 'nom = "À moi"\n'


def test_a_folder_that_cannot_be_made_is_said_in_french(answer: Answers, mailbot: Run) -> None:
    answer(*GOOD)
    said = mailbot("init", "/proc/boutique", "--no-test")
    assert said.code == 1
    assert "écriture impossible" in said.err
    assert "Errno" not in said.err


def test_what_the_options_say_is_not_asked(tmp_path: Path, answer: Answers, mailbot: Run) -> None:
    answer()
    options = ("--address", "sav@lilas.fr", "--name", "Lilas", "--username", "sav", "--no-test")
    servers = ("--imap", "ssl0.ovh.net:993:tls", "--smtp", "ssl0.ovh.net:465:tls")
    said = mailbot("init", tmp_path / "boutique", *options, *servers)
    assert said.code == 0, said.err
    config = tomllib.loads((tmp_path / "boutique/config.toml").read_text("utf-8"))
    (account,) = config["accounts"]
    assert (account["address"], account["sender_name"]) == ("sav@lilas.fr", "Lilas")
    assert (account["imap"]["host"], account["imap"]["port"]) == ("ssl0.ovh.net", 993)
    assert (account["smtp"]["port"], account["smtp"]["security"]) == (465, "tls")
    assert config["web"] == {"host": "127.0.0.1", "port": 8025}, "the page is there from the first day"


def test_the_security_that_goes_with_the_port_is_proposed(
    tmp_path: Path, answer: Answers, mailbot: Run
) -> None:
    answer("", "", "", "465", "", "")
    options = ("--address", "sav@lilas.fr", "--imap", "imap.lilas.fr:143", "--no-test")
    said = mailbot("init", tmp_path / "boutique", *options)
    assert said.code == 0, said.err
    (account,) = tomllib.loads((tmp_path / "boutique/config.toml").read_text("utf-8"))["accounts"]
    assert (account["imap"]["security"], account["smtp"]["security"]) == ("starttls", "tls")


def test_an_option_that_cannot_be_used_is_refused_and_nothing_is_written(
    tmp_path: Path, answer: Answers, mailbot: Run
) -> None:
    answer()
    for option, value, words in (
        ("--address", "lilas", "une adresse complète est attendue"),
        ("--imap", "imap lilas.fr", "le nom du serveur est attendu seul"),
        ("--imap", "imap.lilas.fr:abc", "un numéro de port est attendu"),
    ):
        more = () if option == "--address" else ("--address", "sav@lilas.fr", "--name", "Lilas")
        said = mailbot("init", tmp_path / "boutique", option, value, *more)
        assert said.code == 1 and words in said.err, said
        assert not (tmp_path / "boutique").exists()


def test_a_provider_that_takes_no_password_is_set_up_for_oauth_and_asked_for_none(
    tmp_path: Path, answer: Answers, mailbot: Run
) -> None:
    answer()
    options = ("--address", "sav@lilas.fr", "--name", "Lilas", "--username", "sav@lilas.fr")
    servers = ("--imap", "outlook.office365.com:993:tls", "--smtp", "smtp.office365.com:587:starttls")
    said = mailbot("init", tmp_path / "boutique", *options, *servers)
    assert said.code == 0, said.err
    assert "complétez [accounts.oauth]" in said.words and "mailbot connect support" in said.words
    assert "Mot de passe" not in said.words and "MAILBOT_IMAP_PASSWORD" not in said.words
    (account,) = load(tmp_path / "boutique/config.toml").accounts
    assert (account.imap.auth, account.smtp.auth) == ("oauth", "oauth")
    assert account.oauth is not None and account.oauth.provider == "microsoft"

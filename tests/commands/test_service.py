"""`run` before it starts: which account cannot work is said at once, by name, with what to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from mailbot.commands import pages, service
from mailbot.engines import local
from tests.commands.conftest import CONFIG, Said

Run = Callable[..., Said]

SECOND = CONFIG[CONFIG.index("[[accounts]]") :].replace("boutique", "atelier")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The services that were started, without doing anything."""
    found: list[Path] = []

    @contextmanager
    def opened(path: Path) -> Iterator[tuple[object, None]]:
        found.append(path)
        yield object(), None

    monkeypatch.setattr(service, "open_service", opened)
    monkeypatch.setattr(pages, "beside", lambda _workplace: None)
    monkeypatch.setattr(local, "LocalEngine", lambda *_: SimpleNamespace(run=lambda: True))
    return found


def with_password(text: str, name: str) -> str:
    return text.replace("[accounts.imap]", f'[accounts.imap]\npassword_env = "{name}"', 1)


def test_without_any_password_the_service_refuses_to_start(
    config: Path, mailbot: Run, started: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ABSENT", raising=False)
    config.write_text(with_password(CONFIG, "ABSENT"), "utf-8")
    said = mailbot("run", "-c", config)
    assert said.code == 1 and started == []
    assert "aucune boîte ne peut être relevée, le service ne démarre pas" in said.err
    assert "compte « boutique » : la variable d'environnement ABSENT" in said.err
    assert "mailbot check" in said.err


def test_an_account_without_password_is_named_and_the_others_work(
    config: Path, mailbot: Run, started: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THERE", "secret")
    monkeypatch.delenv("ABSENT", raising=False)
    config.write_text(with_password(CONFIG, "THERE") + with_password(SECOND, "ABSENT"), "utf-8")
    said = mailbot("run", "-c", config)
    assert said.code == 0 and started == [config]
    assert "ERREUR compte « atelier » : la variable d'environnement ABSENT" in said.err
    assert "cette boîte n'est pas relevée ; le reste du service fonctionne" in said.err
    assert "secret" not in said.err and "« boutique »" not in said.err


def test_a_missing_password_for_sending_does_not_stop_the_reading(
    config: Path, mailbot: Run, started: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THERE", "secret")
    text = with_password(CONFIG, "THERE").replace("[accounts.smtp]", '[accounts.smtp]\nusername = "sav"')
    config.write_text(text, "utf-8")
    said = mailbot("run", "-c", config)
    assert said.code == 0 and started == [config]
    assert "ses réponses approuvées attendent" in said.err


def test_a_password_file_that_everybody_can_read_is_a_warning(
    config: Path, mailbot: Run, started: list[Path]
) -> None:
    secret = config.parent / "secret"
    secret.write_text("hunter2\n", "utf-8")
    secret.chmod(0o644)
    text = CONFIG.replace("[accounts.imap]", '[accounts.imap]\npassword_file = "secret"', 1)
    config.write_text(text, "utf-8")
    said = mailbot("run", "-c", config)
    assert said.code == 0 and started == [config]
    assert f"ATTENTION mot de passe : {secret}" in said.err and "chmod 600" in said.err
    assert "hunter2" not in said.err

"""The log: what servers and mails say cannot steer a terminal nor pass for a line of ours."""

import logging
from collections.abc import Iterator

import pytest

from mailbot.jobs import log


@pytest.fixture
def clean() -> Iterator[None]:
    """A log that nobody listens to; as it was, afterwards."""
    handlers, level = list(log.log.handlers), log.log.level
    log.log.handlers.clear()
    yield
    log.log.handlers[:] = handlers
    log.log.setLevel(level)


@pytest.mark.usefixtures("clean")
def test_control_characters_are_shown_as_such_and_further_lines_are_set_in(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.to_stderr(verbose=False)
    log.log.warning("le serveur dit : %s", "\x1b[31m550\r\x9b non\nINFO tout va bien")
    said = capsys.readouterr().err
    assert said == "ATTENTION le serveur dit : \ufffd[31m550\ufffd\ufffd non\n    INFO tout va bien\n"
    log.log.debug("rien")
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("clean")
def test_verbose_shows_the_details(capsys: pytest.CaptureFixture[str]) -> None:
    log.to_stderr(verbose=True)
    log.log.debug("détail")
    assert logging.getLevelName(logging.DEBUG) in capsys.readouterr().err


@pytest.mark.usefixtures("clean")
def test_the_scheduler_does_not_speak_english_when_the_machine_is_busy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.to_stderr(verbose=False)
    logging.getLogger("apscheduler.scheduler").warning("Execution of job skipped")
    logging.getLogger("imapclient.util").warning("An error occurred while decoding")
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("clean")
def test_the_demonstration_prints_no_log_at_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log.log, "propagate", True)
    scheduler = logging.getLogger("apscheduler")
    scheduler.setLevel(logging.NOTSET)
    log.to_nowhere()
    log.log.warning("rien")
    assert not scheduler.isEnabledFor(logging.WARNING), "a turn skipped is no news to anybody"
    assert capsys.readouterr().err == ""


def test_an_account_is_named_once() -> None:
    assert log.about("sav", "dossier « INBOX »", "compte « sav », imap.fr:993 : refusé") == (
        "compte « sav », dossier « INBOX » : imap.fr:993 : refusé"
    )
    assert log.about("sav", "dossier « INBOX »", "imap.fr:993 : refusé") == (
        "compte « sav », dossier « INBOX » : imap.fr:993 : refusé"
    )

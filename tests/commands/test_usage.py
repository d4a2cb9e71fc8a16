"""Wrong usage and a disk that refuses: one French line, the right exit code, never a traceback."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.commands import screen, service
from tests.commands.conftest import Said

Run = Callable[..., Said]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("drafts", "lister"), "Commande inconnue : lister. Vouliez-vous dire 'list' ?"),
        (("drafts", "approve", "abc"), "l'argument NUMERO : un nombre entier est attendu"),
        (("explain",), "il manque l'argument MAIL.eml. Voir --help."),
        (("drafts", "show"), "il manque l'argument NUMERO. Voir --help."),
        (("drafts", "resolve", "1"), "il manque l'option --sent ou --resend."),
        (("orders", "import", "a", "b", "c"), "argument en trop (b c)"),
        (("run", "--verb"), "option inconnue : --verb. Vouliez-vous dire --verbose ?"),
    ],
)
def test_a_wrong_usage_is_one_french_line_and_code_two(
    words: tuple[str, ...], expected: str, mailbot: Run
) -> None:
    said = mailbot(*words)
    assert said.code == 2
    assert expected in said.err
    assert len(said.err.splitlines()) == 1


def test_a_group_without_command_shows_its_help_and_no_empty_error(mailbot: Run) -> None:
    said = mailbot("drafts")
    assert said.code == 2
    assert "mailbot :" not in said.err


def test_a_file_that_the_system_refuses_is_named_without_a_traceback(
    config: Path, mailbot: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", "/donnees/worker.lock")

    monkeypatch.setattr(service, "read_config", refuse)
    said = mailbot("run", "-c", config)
    assert (said.code, said.err) == (
        1,
        "mailbot : /donnees/worker.lock : accès impossible (droits insuffisants).\n",
    )


def test_a_short_wait_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with screen.patience("apprentissage"):
        pass
    assert capsys.readouterr().err == ""

"""--help of every command: French, with an example that can be typed; and the version."""

import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from mailbot import cli
from mailbot.commands.examples import EXAMPLES
from tests.commands.conftest import Said

Run = Callable[..., Said]
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def leaves(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command that does something, by its words."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, one in inner.items():
        yield from leaves(one, f"{path} {name}".strip())


@pytest.fixture(scope="module")
def commands() -> dict[str, Any]:
    return dict(leaves(typer.main.get_command(cli._program())))


def test_every_command_has_an_example_that_its_parser_takes(commands: dict[str, Any]) -> None:
    assert set(EXAMPLES) == set(commands)
    for path, example in EXAMPLES.items():
        words = shlex.split(example)
        own = ["mailbot", *path.split()]
        assert words[: len(own)] == own, example
        commands[path].make_context(path, words[len(own) :]).close()


def test_every_option_and_argument_is_explained(commands: dict[str, Any]) -> None:
    for path, command in commands.items():
        assert command.help, path
        for parameter in command.params:
            assert getattr(parameter, "help", None) or parameter.name == "help", (path, parameter.name)


def test_the_help_is_french_and_ends_with_the_example(mailbot: Run) -> None:
    said = mailbot("drafts", "approve", "--help")
    assert said.code == 0
    assert "Emploi : mailbot drafts approve" in said.words
    assert "Usage" not in said.words and "Commands" not in said.words
    assert said.words.rstrip().endswith("Exemple : mailbot drafts approve 12")


def test_the_version_is_that_of_the_package(mailbot: Run) -> None:
    said = mailbot("--version")
    assert (said.code, said.out) == (
        0,
        f"mailbot {tomllib.loads(PYPROJECT.read_text('utf-8'))['project']['version']}\n",
    )


def test_what_an_option_takes_is_said_in_french(mailbot: Run) -> None:
    for words in (
        (),
        ("orders",),
        ("drafts", "list"),
        ("mails", "retry"),
        ("orders", "import"),
        ("deadline",),
        ("train",),
    ):
        told = mailbot(*words, "--help").out
        assert not re.search(r"<(?:path|str|int|bool|float|list)\b", told)
    assert "<nombre>" in mailbot("drafts", "list", "--help").out
    assert "<chemin>" in mailbot("drafts", "list", "--help").out


def test_each_command_is_there_when_it_alone_is_loaded(commands: dict[str, Any]) -> None:
    """What is called by name must be what the help page shows."""
    for name in {path.split()[0] for path in commands}:
        found = dict(leaves(typer.main.get_command(cli._program(name))))
        assert {path for path in commands if path.split()[0] == name} <= set(found)
        assert len(found) < len(commands)

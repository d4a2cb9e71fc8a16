"""The command line as a person types it, on a real SQLite database."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from mailbot import cli, clock
from mailbot.edges.store import Store, open_store
from mailbot.jobs.log import log

CONFIG = """
[storage]
directory = "donnees"

[[accounts]]
name = "boutique"
address = "sav@boutique.example"

[accounts.imap]
host = "127.0.0.1"
port = 1
security = "none"

[accounts.smtp]
host = "127.0.0.1"
port = 1
security = "none"
"""


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """Everything printed, on one line."""
        return " ".join((self.out + " " + self.err).split())


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, "utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path, config: Path) -> Iterator[Store]:
    """The database that `config` names."""
    directory = tmp_path / "donnees"
    opened = open_store(f"sqlite:///{directory / 'mailbot.sqlite3'}", directory)
    yield opened
    opened.close()


@pytest.fixture
def mailbot(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Said]]:
    """Run a command; what it printed and its exit code. The log prints nowhere again when the test is over."""

    def run(*words: object, at: datetime | None = None) -> Said:
        monkeypatch.setattr(sys, "argv", ["mailbot", *map(str, words)])
        if at is not None:
            monkeypatch.setattr(clock, "now", lambda: at)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, said.out, said.err)

    handlers = list(log.handlers)
    yield run
    log.handlers[:] = handlers

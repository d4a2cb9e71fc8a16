"""The shipped rules and the trained model, sending alone wherever a rule permits it; a fresh mailroom a test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailbot.commands.opening import load_line
from mailbot.config import cache_home
from mailbot.line import Line
from tests.promises.mailroom import Mailroom, Orders

MakeRoom = Callable[[Orders], Mailroom]


@pytest.fixture(scope="session")
def line() -> Line:
    """Judges as if the merchant had switched on sending alone for every situation that permits it."""
    return load_line(None, None, cache_home(), shadow=True)


@pytest.fixture
def room(line: Line, tmp_path: Path, sqlite_model: Path) -> Iterator[MakeRoom]:
    """Makes a mailroom over a fresh database with these orders."""
    opened: list[Mailroom] = []

    def make(orders: Orders) -> Mailroom:
        opened.append(Mailroom(line, tmp_path / f"{len(opened)}", sqlite_model, orders))
        return opened[-1]

    yield make
    for one in opened:
        one.close()

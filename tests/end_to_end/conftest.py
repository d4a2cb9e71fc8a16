"""One launcher and one trained model for all end-to-end tests; a fresh shop for each."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.config import cache_home
from tests.end_to_end.shop import Launcher, Shop
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpSink

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    started = Launcher()
    yield started
    started.close()


@pytest.fixture(scope="session")
def trained(launcher: Launcher) -> Path:
    """The directory with the trained model: trained once for all tests."""
    launcher.warm(cache_home())
    return cache_home()


@pytest.fixture
def shop(launcher: Launcher, dovecot: Dovecot, trained: Path, tmp_path: Path) -> Shop:
    """A shop with an empty mailbox of its own and no SMTP server."""
    return Shop(tmp_path, launcher, dovecot, f"boutique{next(_numbers)}", trained)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """A real SMTP server that takes everything."""
    with SmtpSink(utf8=True) as server:
        yield server

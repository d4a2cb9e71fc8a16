"""A real Chromium before the real server, on loopback."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, sync_playwright

from mailbot import clock
from mailbot.config import Web
from mailbot.edges.store import Store, open_store, sessions
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.web import credentials
from mailbot.web.office import Office
from mailbot.web.server import listen, serve
from tests.web.conftest import config, hire

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",
]


@dataclass(slots=True)
class House:
    """The running pages: where they are, and what browsers complained of."""

    address: str
    store: Store
    office: Office
    chromium: Chromium
    troubles: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def window(self, name: str, *, width: int = 1366, height: int = 768, scripts: bool = True) -> Page:
        """A browser in which this person (hired if need be) has come in."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": height}, locale="fr-FR", java_script_enabled=scripts
        )
        self.contexts.append(context)
        context.add_cookies([{"name": "mailbot", "value": self._session(name), "url": self.address}])
        page = context.new_page()
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.set_default_timeout(15_000)
        page.goto(self.address)
        return page

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and "status of 409" not in text:
            self.troubles.append(text)

    def _session(self, name: str) -> str:
        from mailbot.edges.store import people

        person = people.find(self.store, name) or hire(self.store, name)
        cookie = credentials.token()
        now, life = clock.now(), self.office.undo * 1000
        sessions.begin(
            self.store, person.id, credentials.digest(cookie), now, life, browser="essai", address="127.0.0.1"
        )
        return cookie


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """One Chromium for a file's tests, no longer: while it runs, nothing else in this process can use asyncio.run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path, empty_database: bytes) -> Iterator[Store]:
    """A fresh database: SQLite, or PostgreSQL for tests that ask for both (`on_both_databases`)."""
    if request.param == "postgresql":
        cluster: str = request.getfixturevalue("empty_postgres")
        opened = open_store(cluster, None)
    else:
        path = tmp_path / "mailbot.sqlite3"
        path.write_bytes(empty_database)
        opened = open_store(f"sqlite:///{path}", None)
    yield opened
    opened.close()


on_both_databases = pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def house(tmp_path: Path, store: Store, line: Line, chromium: Chromium) -> Iterator[House]:
    """The pages on a free port; afterwards no browser may have had anything to complain of."""
    settings = config(tmp_path, port=0)
    listening = listen(Web(port=0))
    web = Web(port=listening.getsockname()[1])
    workplace = Workplace(config=settings, store=store, line=line, owner="pages")
    office = Office(workplace=workplace, web=web, now=clock.now)
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(office, listening, stop))
    thread.start()
    opened = House(f"http://127.0.0.1:{web.port}", store, office, chromium)
    try:
        yield opened
        assert opened.troubles == []
    finally:
        for context in opened.contexts:
            context.close()
        stop.set()
        thread.join(10)
        listening.close()
    assert not thread.is_alive()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], bool]:
    """Wait for something to become true, at most ten seconds."""

    def wait(happened: Callable[[], bool]) -> bool:
        pause = threading.Event()
        return any(happened() or pause.wait(0.05) for _ in range(200))

    return wait

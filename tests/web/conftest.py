"""The pages in process: a real store, the shipped rules, and browsers that click forms as people do."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import httpx2 as httpx
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mailbot.config import Account, Config, Sending, Server, Storage, Web, defaults_dir
from mailbot.edges.store import Store, open_store, people
from mailbot.edges.store.people import Person, Role
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.rulebook import load
from mailbot.web.app import create
from mailbot.web.office import Office
from tests.edges.store.samples import NOW

PASSWORD = "quatre mots sans rapport"
HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)  # hashing is slow on purpose
KEY = re.compile(r'name="jeton" value="([0-9a-f]+)"')


@dataclass(slots=True)
class Watch:
    """The time of day, which tests move."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **span: float) -> None:
        """Let time go by."""
        self.at += timedelta(**span)


@dataclass(slots=True)
class Browser:
    """A browser that keeps cookies, reads the forms' key from the page before, and follows redirects."""

    client: TestClient
    key: str = ""
    seen: list[httpx.Response] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return self._keep(self.client.get(path, headers=headers))

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of the last page."""
        return self._keep(self.client.post(path, data={"jeton": self.key, **fields}))

    def come_in(self, name: str, password: str = PASSWORD, code: str = "") -> httpx.Response:
        """Log in."""
        self.get("/connexion")
        return self.post("/connexion", nom=name, mot_de_passe=password, code=code)

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        if (found := KEY.search(answer.text)) is not None:
            self.key = found[1]
        self.seen.append(answer)
        return answer


def said(answer: httpx.Response) -> str:
    """The words of a page, without tags."""
    text = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture(scope="session")
def line() -> Line:
    """The shipped rules and templates, without the model: nothing here reads new mails."""
    return Line.build(load(defaults_dir() / "rules", defaults_dir() / "templates"), None)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a database with all tables."""
    path = tmp_path_factory.mktemp("web") / "model.sqlite3"
    store = open_store(f"sqlite:///{path}", None)
    with store.write() as conn:
        conn.exec_driver_sql("SELECT 1")
    store.close()
    return path.read_bytes()


@pytest.fixture
def store(tmp_path: Path, empty_database: bytes) -> Iterator[Store]:
    """A fresh database."""
    path = tmp_path / "mailbot.sqlite3"
    path.write_bytes(empty_database)
    opened = open_store(f"sqlite:///{path}", None)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Watch:
    """The time of day of the pages."""
    return Watch()


def config(tmp_path: Path, **web: object) -> Config:
    """Two mail accounts, « boutique » and « outlet »."""
    server = Server(host="127.0.0.1", port=1, security="none")
    accounts = [
        Account(name=name, address=f"sav@{name}.example", imap=server, smtp=server)
        for name in ("boutique", "outlet")
    ]
    return Config(
        accounts=tuple(accounts),
        storage=Storage(directory=tmp_path),
        sending=Sending(undo_seconds=15),
        web=Web.model_validate(web),
    )


@pytest.fixture
def office(tmp_path: Path, store: Store, line: Line, clock: Watch) -> Office:
    """The surroundings of the pages."""
    settings = config(tmp_path)
    workplace = Workplace(config=settings, store=store, line=line, owner="pages")
    return Office(workplace=workplace, web=settings.web or Web(), now=clock)


@pytest.fixture
def app(office: Office) -> Starlette:
    """The pages."""
    return create(office)


def hire(store: Store, name: str, role: Role = "agent", accounts: tuple[str, ...] | None = None) -> Person:
    """An account with PASSWORD."""
    person = people.add(store, name, role, NOW, accounts=accounts)
    people.set_password(store, person.id, HASH)
    return people.get(store, person.id)


@pytest.fixture
def browser(app: Starlette) -> Callable[[], Browser]:
    """A new browser each time it is called."""
    return lambda: Browser(TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)))


def arrives(
    store: Store, window: Browser, name: str, role: Role = "agent", accounts: tuple[str, ...] | None = None
) -> Browser:
    """Somebody is hired and comes in."""
    hire(store, name, role, accounts)
    assert window.come_in(name).status_code == 200
    return window


@pytest.fixture
def claire(store: Store, browser: Callable[[], Browser]) -> Browser:
    """An agent who has come in."""
    return arrives(store, browser(), "Claire")


@pytest.fixture
def boss(store: Store, browser: Callable[[], Browser]) -> Browser:
    """An administrator who has come in."""
    return arrives(store, browser(), "Denis", "admin")


@pytest.fixture
def lead(store: Store, browser: Callable[[], Browser]) -> Browser:
    """A lead who has come in."""
    return arrives(store, browser(), "Line", "lead")


@pytest.fixture
def own_rules(office: Office, tmp_path: Path) -> Path:
    """The shop has a copy of rules and templates of its own, in this folder."""
    home = tmp_path / "regles-de-la-boutique"
    for name in ("rules", "templates"):
        shutil.copytree(defaults_dir() / name, home / name)
    folders = {"rules_dir": home / "rules", "templates_dir": home / "templates"}
    office.workplace.config = office.config.model_copy(update=folders)
    return home

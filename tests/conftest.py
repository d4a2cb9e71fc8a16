"""Real servers for tests. Every test that asks for `store` runs on SQLite and on a real PostgreSQL."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mailbot.edges.store import Store, open_store
from tests.servers import postgres
from tests.servers.dovecot import Dovecot

_numbers = count(1)
_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.server)]


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A Dovecot with all it can do, one for the session."""
    with Dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[str]:
    """The URL of a private cluster whose database `mailbot_model` has the tables of the store."""
    with postgres.cluster() as url:
        _run(url, "CREATE DATABASE mailbot_model")
        open_store(_database(url, "mailbot_model"), None).close()
        yield url


@pytest.fixture(scope="session")
def sqlite_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that has the tables of the store."""
    path = tmp_path_factory.mktemp("sqlite") / "model.sqlite3"
    open_store(f"sqlite:///{path}", None).close()
    return path


@pytest.fixture
def empty_postgres(postgres_cluster: str) -> str:
    """The URL of a database of the cluster with nothing in it."""
    name = f"empty_{next(_numbers)}"
    _run(postgres_cluster, f"CREATE DATABASE {name}")
    return _database(postgres_cluster, name)


@pytest.fixture(params=_BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh database with all tables, once on each kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "mailbot.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_model"), path)
        path.chmod(0o600)
        return f"sqlite:///{path}"
    cluster: str = request.getfixturevalue("postgres_cluster")
    name = f"test_{next(_numbers)}"
    _run(cluster, f"CREATE DATABASE {name} TEMPLATE mailbot_model")
    return _database(cluster, name)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store on a fresh database."""
    opened = open_store(database_url, None)
    yield opened
    opened.close()


def _database(url: str, name: str) -> str:
    return url.rsplit("/", 1)[0] + "/" + name


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(statement))
    engine.dispose()

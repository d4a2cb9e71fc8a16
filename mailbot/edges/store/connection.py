"""Opening the database, and the two ways to use it: `store.read()` and `store.write()`."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, FromClause, create_engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from mailbot.edges.store import migrate
from mailbot.edges.store.failures import explain
from mailbot.errors import StoreError, words

LOCK_SECONDS = 10.0
_PRAGMAS = (
    "PRAGMA page_size = 8192",  # of a new file: mails are larger than the usual 4096
    "PRAGMA journal_mode = WAL",
    "PRAGMA wal_autocheckpoint = 2000",  # pages: those that all mails touch are copied into the file less often
    "PRAGMA temp_store = MEMORY",  # else each row with a trigger or a conflict clause writes a file of its own
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16000",
)


@dataclass(frozen=True, slots=True)
class Store:
    """An open database at the newest schema. Safe to share between threads."""

    engine: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state and changes nothing."""
        with _explained(self.engine.url), self.engine.connect() as conn:
            yield conn

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, undone by any exception.

        What is `durable` survives a power cut, with all that was committed before it ("row before act"). What can be
        done again from the mail server need not wait for the disk."""
        with _explained(self.engine.url), self.engine.connect() as conn:
            conn = conn.execution_options(mailbot_write=True, mailbot_durable=durable)
            with conn.begin():
                yield conn

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_store(url: str, directory: Path | None, *, lock_seconds: float = LOCK_SECONDS) -> Store:
    """Open the database at `url` (SQLAlchemy), create what is missing and bring its schema up to date.

    `directory` (mode 0700) and a new SQLite file (0600) are made when absent. `lock_seconds`: how long a
    write waits for another program. Raises StoreError (French)."""
    parsed = _parse(url)
    if directory is not None:
        _make_private(directory)
    if parsed.get_backend_name() == "sqlite":
        _touch_private(parsed)
        engine = _sqlite_engine(parsed, lock_seconds)
    else:
        engine = _postgres_engine(parsed, lock_seconds)
    store = Store(engine)
    try:
        with store.read() as conn:
            current = migrate.is_current(conn)
        if not current:
            with store.write() as conn:
                migrate.upgrade(conn)
    except StoreError:
        store.close()
        raise
    return store


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            "storage.url : adresse de base incorrecte. Exemple : postgresql://utilisateur@hote/base"
        ) from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            f"storage.url : « {parsed.drivername} » n'est pas pris en charge. Utilisez sqlite ou postgresql."
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError(
            "storage.url : indiquez le chemin du fichier SQLite, par exemple sqlite:////var/lib/mailbot.db"
        )
    return parsed


def _make_private(directory: Path) -> None:
    try:
        for folder in (*reversed(directory.parents), directory):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        if not directory.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "", str(directory))
    except OSError as error:
        raise StoreError(
            f"dossier de données {directory} : création impossible ({words(error)}). Corrigez "
            "storage.directory ou les droits."
        ) from error


def _touch_private(url: URL) -> None:
    path = Path(str(url.database))
    _make_private(path.parent)
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"base de données {path} : écriture impossible ({words(error)}). Donnez au compte qui lance mailbot le "
            "droit d'écrire ce fichier et son dossier."
        ) from error


class _Compiler(SQLiteCompiler):
    """Writes `with_hint(table, "INDEXED BY ...", "sqlite")` out: without statistics SQLite takes the wrong index for
    the queue."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002
        """The hint as it is."""
        return text


def _sqlite_engine(url: URL, lock_seconds: float) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": lock_seconds})
    engine.dialect.statement_compiler = _Compiler

    @event.listens_for(engine, "connect")
    def prepare(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in _PRAGMAS:
            dbapi.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        options = conn.get_execution_options()
        if not options.get("mailbot_write", False):
            conn.exec_driver_sql("BEGIN")
            return
        conn.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if options['mailbot_durable'] else 'NORMAL'}")
        conn.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: URL, lock_seconds: float) -> Engine:
    options = f"-c timezone=UTC -c lock_timeout={int(lock_seconds * 1000)}"
    try:
        engine = create_engine(
            url,
            hide_parameters=True,  # they are customers' words: an error must not carry them into a log
            pool_pre_ping=True,
            connect_args={"options": options, "connect_timeout": 10},
        )
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError(
            "storage.url : PostgreSQL demande le paquet psycopg (pip install mailbot[postgres])."
        ) from error

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        if not conn.get_execution_options().get("mailbot_durable", True):
            conn.exec_driver_sql("SET LOCAL synchronous_commit = off")

    return engine


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if (known := explain(error, url)) is not None:
            raise known from error
        raise

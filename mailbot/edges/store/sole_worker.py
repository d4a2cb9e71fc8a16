"""One worker per database, also when several machines share it: a lock that PostgreSQL frees with its holder."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from mailbot.edges.store.connection import Store
from mailbot.errors import StoreError

_KEY = 0x6D61696C626F75  # next to the one of the migrations
_PATIENCE = (0.0, 0.2, 0.5, 1.0)  # a killed worker's connection takes a moment to end
# A machine that lost its power says no goodbye: it is taken for gone after a minute.
_SETTINGS = ("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 3")
_HOLDER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE "
    "datname = current_database()) AND ((l.classid::bigint << 32) | l.objid::bigint) = :key"
)


class AlreadyWorking(StoreError):
    """Another worker has this database; says which."""


class ChangingSessions(StoreError):
    """A pooler stands between us and the server, and a lock does not last there."""


@contextmanager
def sole_worker(store: Store) -> Iterator[Callable[[], bool]]:
    """Be the one that may free the leases of dead workers. Raises AlreadyWorking (French) when another one works on
    this database, ChangingSessions when that cannot be known. Yields a question to ask now and then: False when the
    place was lost to another worker.

    SQLite is not shared between machines: the lock on the data directory is enough there."""
    if store.engine.dialect.name != "postgresql":
        yield lambda: True
        return
    place = _Place(store)
    place.take()
    try:
        yield place.held
    finally:
        place.leave()


class _Place:
    """The lock, on a connection of its own. Not thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._conn: Connection | None = None

    def take(self) -> None:
        """Raises AlreadyWorking when another worker has it, StoreError when the server cannot be reached."""
        require_lasting_session(self._store)
        conn = self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        with ExitStack() as undo:
            undo.callback(conn.close)
            name = f"mailbot sur {socket.gethostname()}"[:60]
            conn.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name})
            for setting in _SETTINGS:
                conn.exec_driver_sql(f"SET {setting}")
            if not any(_locked(conn, wait) for wait in _PATIENCE):
                holder = conn.execute(_HOLDER, {"key": _KEY}).scalar()
                raise AlreadyWorking(_refusal(holder or "un autre service mailbot"))
            undo.pop_all()
        self._conn = conn

    def held(self) -> bool:
        """Whether nobody else has the place. After a lost connection it is taken again; while the server cannot be
        reached nobody can work."""
        try:
            if self._conn is not None:
                self._conn.exec_driver_sql("SELECT 1").close()
                return True
        except DBAPIError:
            self.leave()
        try:
            self.take()
        except (AlreadyWorking, ChangingSessions):
            return False
        except (StoreError, DBAPIError):
            return True
        return True

    def leave(self) -> None:
        """Give it back; the connection ends, and with it the lock."""
        if self._conn is not None:
            conn, self._conn = self._conn, None
            with suppress(DBAPIError):
                conn.invalidate()  # not into the pool: there it would keep the lock
                conn.close()


def require_lasting_session(store: Store) -> None:
    """Raises ChangingSessions (French) when a statement may meet another session of the server than the one before it,
    as behind PgBouncer in transaction mode: two services would then work on one database unknown to each other."""
    if store.engine.dialect.name != "postgresql":
        return
    with store.read() as one, store.read() as other:
        one = one.execution_options(isolation_level="AUTOCOMMIT")
        mine, theirs = (
            _session(one),
            _session(other),
        )  # the other one is in a transaction, and keeps its session
        if theirs == mine or _session(one) != mine:
            raise ChangingSessions(_POOLER)


def _session(conn: Connection) -> int:
    return int(conn.execute(text("SELECT pg_backend_pid()")).scalar_one())


_POOLER = (
    "la base de données est jointe par un répartiteur de connexions qui change de session à chaque transaction "
    "(PgBouncer, pool_mode = transaction). Deux services mailbot pourraient y travailler sans se voir. Donnez dans "
    "storage.url l'adresse de PostgreSQL lui-même, ou réglez pool_mode = session pour cette base."
)


def _locked(conn: Connection, wait: float) -> bool:
    time.sleep(wait)
    return bool(conn.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar())


def _refusal(holder: str) -> str:
    return (
        f"{holder} travaille déjà sur cette base de données. Un seul service à la fois : deux se reprendraient les "
        "mails l'un à l'autre. Arrêtez l'autre, ou donnez à celui-ci sa propre base (storage.url). Si l'autre machine "
        "vient de tomber, réessayez dans une minute."
    )

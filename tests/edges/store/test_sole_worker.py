"""One worker per database: a second host is refused, whatever its data directory; a dead worker's place is free."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from mailbot.edges.store import Store, open_store
from mailbot.edges.store.failures import explain
from mailbot.edges.store.sole_worker import (
    AlreadyWorking,
    ChangingSessions,
    require_lasting_session,
    sole_worker,
)


@pytest.fixture
def other(database_url: str) -> Iterator[Store]:
    """The same database, opened on another host."""
    opened = open_store(database_url, None)
    yield opened
    opened.close()


def on_postgres(store: Store) -> bool:
    return store.engine.dialect.name == "postgresql"


def end_other_connections(store: Store) -> None:
    """What a restart of the server does to them."""
    kill = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = :db"
    )
    with store.read() as conn:
        conn.execute(kill, {"db": store.engine.url.database}).all()


def test_a_second_worker_is_refused_on_postgresql_with_the_name_of_the_first(
    store: Store, other: Store
) -> None:
    with ExitStack() as second:
        with sole_worker(store) as alone:
            assert alone()
            if on_postgres(store):
                with pytest.raises(
                    AlreadyWorking, match=r"^mailbot sur .+ travaille déjà sur cette base de données"
                ):
                    second.enter_context(sole_worker(other))
        assert second.enter_context(sole_worker(other))()


def test_a_lost_connection_is_made_anew_when_nobody_took_the_place(store: Store, other: Store) -> None:
    with sole_worker(store) as alone:
        if on_postgres(store):
            end_other_connections(other)
        assert alone() and alone()
        if on_postgres(store):
            with pytest.raises(AlreadyWorking), sole_worker(other):
                pass


def test_a_worker_whose_place_was_taken_meanwhile_knows_it(store: Store, other: Store) -> None:
    with sole_worker(store) as alone:
        if on_postgres(store):
            end_other_connections(other)
        with sole_worker(other) as second:
            assert second()
            assert alone() is not on_postgres(store)


@pytest.mark.parametrize("session", ["7", "nextval('sessions_seen')::int"])
def test_a_pooler_that_changes_the_session_between_statements_is_refused(store: Store, session: str) -> None:
    if not on_postgres(store):
        require_lasting_session(store)
        return
    with store.write() as conn:  # the server as seen through PgBouncer in transaction mode
        conn.exec_driver_sql("CREATE SEQUENCE sessions_seen")
        conn.exec_driver_sql(
            f"CREATE FUNCTION public.pg_backend_pid() RETURNS int LANGUAGE sql AS $$ SELECT {session} $$"
        )
        conn.exec_driver_sql(
            f'ALTER DATABASE "{store.engine.url.database}" SET search_path = public, pg_catalog'
        )
    store.engine.dispose()
    with pytest.raises(ChangingSessions, match="pool_mode = session"), sole_worker(store):
        pass


def test_a_worker_whose_database_is_moved_behind_such_a_pooler_stops(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on_postgres(store):
        return
    with sole_worker(store) as alone:
        end_other_connections(store)
        monkeypatch.setattr("mailbot.edges.store.sole_worker._session", lambda _conn: 7)
        assert not alone()


def test_a_setting_a_pooler_refuses_is_told_in_french() -> None:
    refused = OperationalError("SELECT 1", {}, Exception("FATAL:  unsupported startup parameter: options"))
    told = explain(refused, make_url("postgresql+psycopg://mailbot:secret@localhost/mailbot"))
    assert told is not None
    assert "PgBouncer" in str(told)
    assert "secret" not in str(told)

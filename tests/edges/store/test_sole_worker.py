"""One worker per database: a second host is refused, whatever its data directory; a dead worker's place is free."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from mailbot.edges.store import Store, open_store
from mailbot.edges.store.sole_worker import AlreadyWorking, sole_worker


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

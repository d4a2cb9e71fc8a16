"""Opening the database: private files, a schema that is up to date, and failures a shopkeeper understands."""

import inspect as inspect_module
import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from mailbot.edges.store import Store, aside, mails, migrate, open_store
from mailbot.edges.store.columns import Instant, as_key, clean
from mailbot.edges.store.metadata import metadata
from mailbot.edges.store.schema import HEAD, folders
from mailbot.errors import StoreError
from tests.edges.store.samples import NOW, raw_mail, take_in


def test_a_new_sqlite_file_and_its_directory_are_private(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "donnees"
    store = open_store(f"sqlite:///{directory / 'mailbot.sqlite3'}", directory)
    take_in(store, 1)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()}
    assert modes == dict.fromkeys(("mailbot.sqlite3", "mailbot.sqlite3-wal", "mailbot.sqlite3-shm"), 0o600)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    store.close()


def test_a_commit_survives_a_power_cut_because_writes_are_synced(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'm.sqlite3'}", None)
    with store.write() as conn:
        pragmas = [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                   ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")]  # fmt: skip
    assert pragmas == ["wal", 2, 1, 10_000]
    store.close()


def _waits_for_the_disk(conn: Connection) -> bool:
    if conn.dialect.name == "sqlite":
        return bool(conn.exec_driver_sql("PRAGMA synchronous").scalar() == 2)
    return bool(conn.exec_driver_sql("SHOW synchronous_commit").scalar() == "on")


def test_only_what_the_mail_server_still_has_is_not_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[tuple[str, bool]] = []
    write = Store.write

    @contextmanager
    def noted(self: Store, *, durable: bool = True) -> Iterator[Connection]:
        with write(self, durable=durable) as conn:
            waited.append((inspect_module.stack()[2].function, _waits_for_the_disk(conn)))
            yield conn

    monkeypatch.setattr(Store, "write", noted)
    take_in(store, 1)
    for claimed in mails.claim(store, "moi", 10, NOW, timedelta(minutes=10)):
        aside.park(store, claimed.id, "moi", "essai", NOW)
    assert waited == [("ingest", False), ("claim", False), ("park", True)]


def _not_the_words_of_cases(name: str | None, _kind: object, _parents: object) -> bool:
    """Full-text search is the database's own: FTS5 keeps tables of its own, PostgreSQL an index on an expression."""
    return "case_search" not in (name or "")


def test_the_migrations_make_exactly_the_tables_of_the_schema(store: Store) -> None:
    with store.read() as conn:
        context = MigrationContext.configure(conn, opts={"include_name": _not_the_words_of_cases})
        assert compare_metadata(context, metadata) == []
        indexes = {name: len(inspect(conn).get_indexes(name)) for name in metadata.tables}
    assert indexes["orders"] >= 5
    assert ScriptDirectory(str(migrate.SCRIPTS)).get_current_head() == HEAD


@pytest.mark.server
def test_an_empty_postgresql_database_is_filled_and_can_be_opened_again(empty_postgres: str) -> None:
    for _ in range(2):
        store = open_store(empty_postgres.replace("postgresql+psycopg:", "postgresql:"), None)
        assert set(mails.count_by_state(store).values()) == {0}
        store.close()


def test_opening_an_up_to_date_database_is_hardly_more_than_asking_it_something(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def needless(_conn: Connection) -> None:
        raise AssertionError("the schema is up to date")

    def ask() -> None:
        engine = create_engine(database_url)
        with engine.connect() as conn:
            conn.execute(text("SELECT version_num FROM alembic_version"))
        engine.dispose()

    def seconds(what: Callable[[], None]) -> float:
        start = time.perf_counter()
        what()
        return time.perf_counter() - start

    monkeypatch.setattr(migrate, "upgrade", needless)
    ratios = [seconds(lambda: open_store(database_url, None).close()) / seconds(ask) for _ in range(9)]
    assert min(ratios) < 3, ratios  # side by side, since other programs use the machine too


def test_a_database_of_a_newer_program_is_refused(store: Store, database_url: str) -> None:
    with store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"version plus récente de mailbot \(schéma 9999"):
        open_store(database_url, None)


def test_a_locked_database_says_so_in_french(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'm.sqlite3'}"
    open_store(url, None).close()
    store = open_store(url, None, lock_seconds=0.05)
    other = sqlite3.connect(tmp_path / "m.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="verrouillée par un autre programme"):
        take_in(store, 1)
    other.execute("ROLLBACK")
    take_in(store, 1)
    assert mails.count_by_state(store)["received"] == 1
    other.close()
    store.close()


def test_reading_goes_on_while_another_program_writes(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'm.sqlite3'}", None, lock_seconds=0.05)
    with store.write() as conn:
        conn.execute(folders.insert(), {"account": "a", "folder": "b", "uidvalidity": 1, "first_uid": 1})
        assert mails.count_by_state(store)["received"] == 0
    store.close()


def test_a_full_disk_says_so_in_french_and_changes_nothing(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'm.sqlite3'}", None)
    with store.read() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(StoreError, match="le disque est plein"):
        mails.ingest(store, [(raw_mail(1, data=os.urandom(200_000)), "a@b")], NOW)
    assert mails.count_by_state(store)["received"] == 0
    store.close()


def test_a_database_that_cannot_be_written_says_so_in_french(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'm.sqlite3'}", None)
    with store.read() as conn:
        conn.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="écriture refusée"):
        take_in(store, 1)
    store.close()


def test_a_directory_of_somebody_else_says_so_in_french(tmp_path: Path) -> None:
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path; from mailbot.edges.store import open_store\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: open_store(f'sqlite:///{sys.argv[1]}/x/m.sqlite3', Path(sys.argv[1]) / 'x')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    root = str(Path(__file__).parents[3])
    tmp_path.chmod(0o500)
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path), root], capture_output=True, text=True)
    tmp_path.chmod(0o700)
    assert done.stdout.startswith("StoreError dossier de données"), done.stderr
    assert "création impossible" in done.stdout


def test_a_file_where_the_directory_should_be_says_so_in_french(tmp_path: Path) -> None:
    (tmp_path / "donnees").write_text("")
    with pytest.raises(StoreError, match="création impossible"):
        open_store(f"sqlite:///{tmp_path / 'donnees' / 'm.sqlite3'}", None)


def test_a_file_that_is_no_database_says_so_in_french(tmp_path: Path) -> None:
    (tmp_path / "m.sqlite3").write_text("ceci n'est pas une base " * 100)
    with pytest.raises(StoreError, match="n'est pas une base SQLite"):
        open_store(f"sqlite:///{tmp_path / 'm.sqlite3'}", None)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("n'importe quoi", "adresse de base incorrecte"),
        ("mysql://a/b", "n'est pas pris en charge"),
        ("sqlite://", "indiquez le chemin du fichier"),
    ],
)
def test_an_address_that_cannot_work_says_what_is_wanted(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        open_store(url, None)


def test_an_unreachable_postgresql_says_so_without_telling_the_password() -> None:
    with pytest.raises(StoreError, match="serveur injoignable") as caught:
        open_store("postgresql://mailbot:secret@127.0.0.1:9/mailbot", None)
    assert "secret" not in str(caught.value)


@pytest.mark.server
def test_a_missing_postgresql_database_says_so(postgres_cluster: str) -> None:
    with pytest.raises(StoreError, match=r"n'existe pas|injoignable"):
        open_store(postgres_cluster.replace("/postgres", "/absente"), None)


def test_a_naive_time_is_refused_and_every_zone_comes_back_as_utc(store: Store) -> None:
    paris = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    row = {"account": "a", "folder": "b", "uidvalidity": 1, "first_uid": 1}
    with store.write() as conn:
        conn.execute(folders.insert(), {**row, "cutoff": paris})
    with store.read() as conn:
        found = conn.execute(select(folders.c.cutoff)).scalar_one()
    assert (found, found.tzinfo) == (paris, UTC)
    with pytest.raises(Exception, match="naive datetime refused"), store.write() as conn:
        conn.execute(folders.update().values(cutoff=datetime(2026, 1, 1)))  # noqa: DTZ001


@given(st.datetimes(timezones=st.timezones()))
def test_every_aware_instant_survives_sqlite_to_the_microsecond(instant: datetime) -> None:
    from sqlalchemy.dialects.sqlite import dialect

    kept = Instant().process_bind_param(instant, dialect())
    try:
        expected = instant.astimezone(UTC)
    except OverflowError:
        return
    assert Instant().process_result_value(kept, dialect()) == expected


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_becomes_text_every_database_accepts(value: str) -> None:
    cleaned = clean(value)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert clean(cleaned) == cleaned
    assert len(as_key(value)) <= 400


def test_an_error_of_the_database_does_not_repeat_the_words_it_was_given(store: Store) -> None:
    """Such errors end up in the log and in the reason of a mail that was set aside."""
    with pytest.raises(SQLAlchemyError) as caught, store.write() as conn:
        conn.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": "Mon colis et ma carte bancaire"})
    assert "carte bancaire" not in str(caught.value)

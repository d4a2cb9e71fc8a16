"""Preparing: a mail that breaks the work or kills the process is set aside alone."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import create_engine

from mailbot.edges.store import Store, aside, cases, mails, open_store, upkeep
from mailbot.errors import StoreError
from mailbot.jobs import prepare
from mailbot.model import Judgement, Mail, RawMail
from tests.edges.store.samples import MARIE, NOW, judgement, mail, raw_mail
from tests.jobs.places import workplace


class Killed(BaseException):
    """The process ends here."""


def desk(trouble: type[BaseException]) -> type:
    """A stand-in for Desk that fails whenever it is given the mail that says 'boum'."""

    class Desk:
        @classmethod
        def of(cls, *_line_and_store: object) -> "Desk":
            return cls()

        def judge(
            self, raws: Sequence[RawMail], now: Callable[[Mail], datetime], **_more: object
        ) -> list[Judgement]:
            if any(b"boum" in raw.data for raw in raws):
                raise trouble("boum")
            return [judgement(mail(raw.uid)) for raw in raws]

    return Desk


@contextmanager
def held(database_url: str) -> Iterator[None]:
    """Another program keeps everybody from writing cases."""
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as conn:
        sqlite = engine.dialect.name == "sqlite"
        conn.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else "LOCK TABLE cases IN EXCLUSIVE MODE")
        try:
            yield
        finally:
            conn.rollback()
            conn.close()
            engine.dispose()


def take_in(store: Store, *, bad: int) -> None:
    good = [raw_mail(uid) for uid in range(1, 31) if uid != bad]
    mails.ingest(store, [(raw, MARIE) for raw in [*good, raw_mail(bad, data=b"boum")]], NOW)


def test_a_mail_that_raises_is_parked_with_its_error_and_the_others_are_prepared(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "Desk", desk(RuntimeError))
    take_in(store, bad=7)
    assert prepare.run(workplace(store), lambda: NOW) == 30
    assert mails.count_by_state(store) == {"received": 0, "prepared": 29, "ignored": 0, "parked": 1}
    (parked,) = aside.list_parked(store)
    assert parked.uid == 7 and "RuntimeError : boum" in parked.error


def test_a_mail_that_kills_the_process_is_found_out_and_costs_no_other_mail(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "Desk", desk(Killed))
    take_in(store, bad=7)
    deaths = 0
    while mails.count_by_state(store)["received"]:
        try:
            prepare.run(workplace(store, owner=f"ouvrier {deaths}"), lambda: NOW)
        except Killed:
            deaths += 1
            upkeep.free_leases(store)
    assert deaths == prepare.MAX_ATTEMPTS
    assert mails.count_by_state(store) == {"received": 0, "prepared": 29, "ignored": 0, "parked": 1}
    (parked,) = aside.list_parked(store)
    assert parked.uid == 7 and "interrompu 4 fois" in parked.error
    assert aside.retry(store) == 1


def test_a_database_in_trouble_parks_no_mail_and_costs_none_an_attempt(
    database_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Another program holds the table for a moment: long enough for the batch, let go before the first mail alone."""
    store = open_store(database_url, None, lock_seconds=0.2)
    request.addfinalizer(store.close)
    monkeypatch.setattr(prepare, "Desk", desk(RuntimeError))
    take_in(store, bad=7)
    sane, calls = cases.save, [0]

    def save(*args: Any, **more: Any) -> list[int]:
        calls[0] += 1
        if calls[0] > 2:
            return sane(*args, **more)
        with held(database_url):
            return sane(*args, **more)

    monkeypatch.setattr(cases, "save", save)
    with pytest.raises(StoreError, match="verrou"):
        prepare.run(workplace(store), lambda: NOW)
    with pytest.raises(StoreError, match="verrou"):
        prepare.run(workplace(store), lambda: NOW)
    assert prepare.run(workplace(store), lambda: NOW) == 30
    assert mails.count_by_state(store) == {"received": 0, "prepared": 29, "ignored": 0, "parked": 1}


def test_the_watchdog_hears_of_every_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "Desk", desk(RuntimeError))
    monkeypatch.setattr(prepare, "BATCH", 10)
    take_in(store, bad=30)
    beats: list[int] = []
    prepare.run(workplace(store), lambda: NOW, on_batch=lambda: beats.append(1))
    assert len(beats) == 3

"""Preparing: a mail that breaks the work or kills the process is set aside alone."""

from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from mailbot.edges.store import Store, aside, mails, upkeep
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


def test_the_watchdog_hears_of_every_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "Desk", desk(RuntimeError))
    monkeypatch.setattr(prepare, "BATCH", 10)
    take_in(store, bad=30)
    beats: list[int] = []
    prepare.run(workplace(store), lambda: NOW, on_batch=lambda: beats.append(1))
    assert len(beats) == 3

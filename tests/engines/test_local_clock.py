"""The clock of the machine is set back while the service runs: it had started before a time server was heard."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import apscheduler.schedulers.base
import pytest

from mailbot import clock
from mailbot.edges.store import Store
from mailbot.engines import local
from mailbot.engines.local import LocalEngine
from mailbot.jobs import deliver, prepare
from tests.jobs.places import workplace


def test_replies_go_on_leaving_when_the_clock_is_set_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead, turns = [timedelta(hours=2)], []

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = UTC) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + ahead[0]

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Clock)
    monkeypatch.setattr(clock, "now", lambda: Clock.now(UTC))
    monkeypatch.setattr(local, "PREPARE_IDLE_SECONDS", 0.2)
    monkeypatch.setattr(prepare, "warm", lambda *_: None)
    monkeypatch.setattr(prepare, "run", lambda *_: 0)
    monkeypatch.setattr(deliver, "run_account", lambda *_: turns.append(1))
    engine = LocalEngine(workplace(store))
    engine.start()
    try:
        _wait_for(turns)
        ahead[0] = timedelta(0)
        time.sleep(1.5)  # what was under way ends
        turns.clear()
        _wait_for(turns)
    finally:
        engine.stop()
        assert engine.join()


def _wait_for(turns: list[int]) -> None:
    until = time.monotonic() + 8
    while not turns and time.monotonic() < until:
        time.sleep(0.05)
    assert turns, "nothing leaves any more"

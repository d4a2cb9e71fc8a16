"""What the pages remember of the database for everybody: the pulse of the desk, and how many cases each view holds."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from mailbot.edges.store import Store, desk, tally
from mailbot.edges.store.tally import Tally

LOOK_SECONDS = 1.0
_RECENT = timedelta(seconds=LOOK_SECONDS * 0.8)
_LONGEST = timedelta(seconds=30)
_SMALL = 2_000  # so many open cases are counted anew for each page


class Pulse:
    """The state of the desk, read from the database once a turn whatever the number of pages that ask."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now, self._lock = store, now, threading.Lock()
        self._known: dict[str, Any] = {}
        self._at: datetime | None = None

    def read(self) -> dict[str, Any]:
        """The state, at most LOOK_SECONDS old."""
        with self._lock:
            now = self._now()
            if self._at is None or not timedelta(0) <= now - self._at < _RECENT:
                self._known, self._at = desk.pulse(self._store, now), now
            return self._known

    def forget(self) -> None:
        """Somebody has done something: the next to ask reads again."""
        with self._lock:
            self._at = None


class Tallies:
    """The open cases by view, counted again when the pulse has moved; one page counts for all that ask meanwhile."""

    def __init__(self, store: Store, now: Callable[[], datetime], pulse: Pulse) -> None:
        self._store, self._now, self._pulse, self._lock = store, now, pulse, threading.Lock()
        self._known, self._at = Tally(()), now()
        self._mark: tuple[Any, ...] = ()

    def read(self) -> Tally:
        """What the queue holds now; with many cases, at most LOOK_SECONDS ago."""
        moved = self._pulse.read()
        mark = (moved["cases"], moved["events"], moved["desk"])
        with self._lock:
            now = self._now()
            same = mark == self._mark and now - self._at < _LONGEST
            if not same or self._known.all < _SMALL:
                self._known, self._mark, self._at = tally.read(self._store), mark, now
            return self._known

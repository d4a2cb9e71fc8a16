"""What every page works with, gathered once when the pages are opened."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailbot.config import Config, Web
from mailbot.edges.store.connection import Store
from mailbot.jobs.workplace import Workplace
from mailbot.rulebook import Rulebook
from mailbot.web.checked import Checks
from mailbot.web.pulse import Pulse, Tallies
from mailbot.web.replaying import Replays

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The desk's surroundings. `guest`: in the demonstration, the person everybody on this machine comes in as; None
    everywhere else. `stop` ends the live streams; `pulse`, `tallies`, `replays`, `checks` are shared by
    all pages."""

    workplace: Workplace
    web: Web
    now: Callable[[], datetime]
    guest: str | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    pulse: Pulse = field(init=False)
    tallies: Tallies = field(init=False)
    replays: Replays = field(init=False)
    checks: Checks = field(default_factory=Checks)

    def __post_init__(self) -> None:
        pulse = Pulse(self.store, self.now)
        object.__setattr__(self, "pulse", pulse)
        object.__setattr__(self, "tallies", Tallies(self.store, self.now, pulse))
        object.__setattr__(self, "replays", Replays(self.stop))

    @property
    def store(self) -> Store:
        """The database."""
        return self.workplace.store

    @property
    def config(self) -> Config:
        """The configuration of the service."""
        return self.workplace.config

    @property
    def rulebook(self) -> Rulebook:
        """The rules in service now; read it once for each page."""
        return self.workplace.line.rulebook

    @property
    def undo(self) -> timedelta:
        """How long an approval can be taken back."""
        return timedelta(seconds=self.config.sending.undo_seconds)

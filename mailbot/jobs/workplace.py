"""What every job needs, gathered once when the service starts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from mailbot.config import Config
from mailbot.edges.sign_in import SignIn
from mailbot.edges.store.connection import Store
from mailbot.line import Line

if TYPE_CHECKING:
    from mailbot.jobs.prepare import Desk


@dataclass(slots=True)
class Kept:
    """The desk in use, its line, since when, and the newest order (row) it has learnt from. `lost_since`: the database
    has failed the alarms since then, `lost_told`: people were told so."""

    desk: "Desk | None" = None
    line: Line | None = None
    since: datetime | None = None
    newest: int = 0
    lost_since: datetime | None = None
    lost_told: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Workplace:
    """`owner` names this worker in leases; it is unique to the process. `line` is replaced as a whole when rules or
    templates change (jobs/rules.py, nowhere else): read it once for each piece of work. `alone`: False once another
    worker has taken this one's place. `sign_in`: what opens the mail servers, access tokens among them."""

    config: Config
    store: Store
    line: Line
    owner: str
    kept: Kept = field(default_factory=Kept)
    alone: Callable[[], bool] = lambda: True
    sign_in: SignIn = field(default_factory=SignIn)

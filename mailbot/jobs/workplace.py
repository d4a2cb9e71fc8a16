"""What every job needs, gathered once when the service starts."""

from dataclasses import dataclass

from mailbot.config import Config
from mailbot.edges.store.connection import Store
from mailbot.line import Line


@dataclass(slots=True, kw_only=True)
class Workplace:
    """`owner` names this worker in leases; it is unique to the process. `line` is replaced as a whole when rules or
    templates change (jobs/rules.py, nowhere else): read it once for each piece of work."""

    config: Config
    store: Store
    line: Line
    owner: str

"""What every job needs, gathered once when the service starts."""

from dataclasses import dataclass

from mailbot.config import Config
from mailbot.edges.store.connection import Store
from mailbot.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """`owner` names this worker in leases; it is unique to the process."""

    config: Config
    store: Store
    line: Line
    owner: str

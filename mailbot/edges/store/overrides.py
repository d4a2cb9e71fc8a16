"""Guards that a person passed over with a reason: who, when, which one, why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from mailbot.edges.store import Store
from mailbot.edges.store.versions_tables import reply_overrides


@dataclass(frozen=True, slots=True, kw_only=True)
class Despite:
    """What is to be passed over. `blocked`: what the guards say of the text now; `allowed`: objection → guard, for
    those that may be passed over."""

    blocked: tuple[str, ...]
    reason: str = ""
    allowed: Mapping[str, str] = field(default_factory=dict)

    @property
    def remaining(self) -> list[str]:
        """The objections that stand."""
        return [told for told in self.blocked if not (self.reason and told in self.allowed)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One guard passed over. `version`: of the reply; `told`: what the guard said (French); `at` is UTC."""

    version: int
    at: datetime
    actor: str
    guard: str
    told: str
    reason: str


def keep(conn: Connection, reply_id: int, version: int, despite: Despite, actor: str, now: datetime) -> None:
    """Write down every objection that is passed over."""
    rows = [
        {
            "reply_id": reply_id,
            "version": version,
            "at": now,
            "actor": actor,
            "guard": despite.allowed[told],
            "told": told,
            "reason": despite.reason,
        }
        for told in despite.blocked
    ]
    if rows:
        conn.execute(reply_overrides.insert(), rows)


def of_reply(store: Store, reply_id: int) -> Sequence[Override]:
    """What was passed over for a reply, oldest first."""
    query = select(reply_overrides).where(reply_overrides.c.reply_id == reply_id)
    with store.read() as conn:
        return [
            Override(
                version=row.version,
                at=row.at,
                actor=row.actor,
                guard=row.guard,
                told=row.told,
                reason=row.reason,
            )
            for row in conn.execute(query.order_by(reply_overrides.c.id))
        ]

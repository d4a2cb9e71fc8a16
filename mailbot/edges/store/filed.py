"""Mails filed without an answer, with the reason, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mailbot.edges.store import Store
from mailbot.edges.store.schema import cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One mail that no one answers. `reasons` French; `situation` None for a machine's mail."""

    case_id: int
    mail_id: int
    account: str
    received_at: datetime
    customer: str
    customer_name: str
    subject: str
    situation: str | None
    reasons: tuple[str, ...]


def filed(
    store: Store,
    accounts: tuple[str, ...] | None = None,
    *,
    machines: bool = True,
    before: int | None = None,
    limit: int = 50,
) -> list[Filed]:
    """The newest filed mails older than the case `before`. `machines`: those of machines, else those of persons (thanks
    and the like) that a situation filed."""
    mine = cases.c.situation.is_(None) if machines else cases.c.situation.is_not(None)
    query = select(cases).where(cases.c.action == "ignore", mine)
    if accounts is not None:
        query = query.where(cases.c.account.in_(accounts))
    if before is not None:
        query = query.where(cases.c.id < before)
    with store.read() as conn:
        rows = conn.execute(query.order_by(cases.c.id.desc()).limit(limit)).all()
    return [
        Filed(
            case_id=row.id,
            mail_id=row.mail_id,
            account=row.account,
            received_at=row.received_at,
            customer=row.customer,
            customer_name=row.customer_name,
            subject=row.subject,
            situation=row.situation,
            reasons=tuple(row.reasons),
        )
        for row in rows
    ]

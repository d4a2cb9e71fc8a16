"""The tickets that belong in one dispute file: those of the same conversation, and of the same order and customer."""

from sqlalchemy import and_, or_, select

from mailbot.edges.store import Store
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.schema import cases


def tickets_of(store: Store, case_id: int) -> list[int]:
    """Numbers of the tickets of its mail account to tell together with this one, itself included, oldest first. Raises
    Impossible (French) when there is none of this number."""
    with store.read() as conn:
        one = conn.execute(select(cases).where(cases.c.id == case_id)).first()
        if one is None:
            raise Impossible(f"le ticket {case_id} n'existe pas.")
        together = [cases.c.id == case_id, cases.c.thread == one.thread]
        if one.order_id is not None and one.customer:
            together.append(
                and_(
                    cases.c.order_id == one.order_id,
                    cases.c.channel == one.channel,
                    cases.c.customer == one.customer,
                )
            )
        rows = conn.execute(
            select(cases.c.id)
            .where(cases.c.account == one.account, or_(*together))
            .order_by(cases.c.received_at, cases.c.id)
        )
        return [row.id for row in rows]

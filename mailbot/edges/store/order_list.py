"""The newest orders, for people to look at."""

from sqlalchemy import select

from mailbot.edges.store import Store
from mailbot.edges.store.order_rows import decode
from mailbot.edges.store.schema import orders
from mailbot.model import Order


def newest(store: Store, limit: int = 20) -> list[Order]:
    """The orders that came last into the table, the last one first."""
    query = select(orders.c.payload).order_by(orders.c.id.desc()).limit(limit)
    with store.read() as conn:
        return [decode(payload) for payload in conn.execute(query).scalars()]

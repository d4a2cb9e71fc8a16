"""How often each situation and each row of the decision table was decided: real cases, counted."""

from collections.abc import Mapping

from sqlalchemy import Column, func, select

from mailbot.edges.store import Store
from mailbot.edges.store.schema import cases


def cases_by_row(store: Store) -> Mapping[str, int]:
    """Row of the decision table → cases it decided."""
    return _counts(store, cases.c.row)


def cases_by_situation(store: Store) -> Mapping[str, int]:
    """Stem of a situation → cases it took."""
    return _counts(store, cases.c.situation)


def _counts(store: Store, column: "Column[str]") -> Mapping[str, int]:
    query = select(column, func.count()).where(column.is_not(None)).group_by(column)
    with store.read() as conn:
        return {row[0]: row[1] for row in conn.execute(query)}

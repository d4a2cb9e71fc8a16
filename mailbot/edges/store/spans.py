"""Arithmetic on the moments of rows, which the two databases hold differently."""

from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, exists, func, literal, type_coerce

from mailbot.edges.store.columns import Instant
from mailbot.edges.store.schema import cases, replies

_HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


def shifted(conn: Connection, moment: ColumnElement[Any], span: timedelta) -> ColumnElement[Any]:
    """A moment of a row, moved by a span."""
    if conn.dialect.name == "postgresql":
        return type_coerce(moment + literal(span), Instant)
    return type_coerce(type_coerce(moment, BigInteger) + literal(span // MICROSECOND), Instant)


def hour(conn: Connection, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The beginning of the hour a moment of a row lies in (UTC)."""
    if conn.dialect.name == "postgresql":
        return type_coerce(func.date_trunc("hour", moment), Instant)
    micros = type_coerce(moment, BigInteger)
    return type_coerce(micros - micros % literal(_HOUR // MICROSECOND), Instant)


def between(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[Any]:
    """How long it took: see `length` for what is read."""
    return type_coerce(end, BigInteger) - type_coerce(start, BigInteger)


def length(value: Any) -> timedelta:
    """What `between` was read as: microseconds on SQLite, an interval on PostgreSQL."""
    return value if isinstance(value, timedelta) else timedelta(microseconds=int(value))


def wrote_again(conn: Connection, within: timedelta) -> ColumnElement[bool]:
    """The customer of a case asked for something again within this span of its reply; thanks and machines do not
    count."""
    again = cases.alias("again")
    found = exists().where(
        again.c.customer == cases.c.customer,
        again.c.account == cases.c.account,
        again.c.received_at > replies.c.sent_at,
        again.c.received_at <= shifted(conn, replies.c.sent_at, within),
        again.c.action != "ignore",
    )
    return found & (cases.c.customer != "")

"""The column types of the store: aware instants, clean text, short indexed keys, JSON.

Mail is hostile input: PostgreSQL refuses NUL in text and long index entries, both refuse lone surrogates.
Values are made harmless here, once, on their way in, and look-ups pass through the same door."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
KEY_LENGTH = 400
_Value = TypeVar("_Value")

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in a column typed INTEGER


def as_key(value: str) -> str:
    """The text as a Key column holds it."""
    return clean(value)[:KEY_LENGTH]


def clean(value: str) -> str:
    """The same text without NUL and lone surrogates (each becomes U+FFFD)."""
    if "\x00" in value:
        value = value.replace("\x00", "\ufffd")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


class _Direct(TypeDecorator[_Value]):
    """Hands each value to `process_bind_param` without the frames that TypeDecorator puts around it."""

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """What makes values fit on their way in."""
        return partial(self.process_bind_param, dialect=dialect)


class Instant(_Direct[datetime]):
    """An aware instant: microseconds since 1970 on SQLite, timestamptz on PostgreSQL; always read back in
    UTC."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database holds."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive values: a time without a zone is a bug of the caller."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"naive datetime refused: {value!r}")
        return value if dialect.name == "postgresql" else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware, UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + int(value) * _MICROSECOND


class CleanText(_Direct[str]):
    """Text of any length that every database accepts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """See `clean`."""
        return None if value is None else clean(value)


class Key(CleanText):
    """Clean text that is looked up: cut to KEY_LENGTH, because PostgreSQL cannot index more than 2,700
    bytes."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """See `clean`; cut on both sides of every comparison."""
        return None if value is None else as_key(value)


class Json(_Direct[Any]):
    """Plain values (lists, dicts, strings, numbers) as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """JSON in ASCII, so that nothing in it can trouble a database."""
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """The plain values again."""
        return None if value is None else json.loads(value)

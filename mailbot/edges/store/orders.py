"""The orders table: import of an orders file, one order, and the shapes of the numbers in it."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select

from mailbot import shapes as number_shapes
from mailbot.edges import order_exports, orders_file
from mailbot.edges.store import order_rows, order_search, statements
from mailbot.edges.store.connection import Store
from mailbot.edges.store.schema import orders
from mailbot.model import Order
from mailbot.ruleset.exports import OrderExport
from mailbot.shapes import RefShapes

BATCH = 2_000
MOST_BROKEN = 1_000
MOST_CHANNELS = 20
MOST_WORDS = 1_000  # a column that is not the channel at all: memory stays bounded
SAMPLE = 5_000
find_many = order_search.find_many


@dataclass(frozen=True, slots=True)
class UnknownChannel:
    """A word of the file that is no channel's id and was taken for "autre": how often, and its first line."""

    word: str
    rows: int
    line: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file: new orders, orders already known, and broken rows: the first 1,000 as (line of
    the file, French reason), and how many in all."""

    imported: int
    updated: int
    broken: tuple[tuple[int, str], ...]
    broken_count: int
    unknown_channels: tuple[UnknownChannel, ...] = ()  # the most frequent ones


def import_file(
    store: Store,
    path: Path,
    now: datetime,
    on_progress: Callable[[int], None] | None = None,
    exports: Sequence[OrderExport] = (),
) -> ImportReport:
    """Bring the orders of a file into the table, a batch a transaction: after a kill, importing again
    completes it.

    An order is known by (channel, order_id). A fact that the file does not state (column absent or cell
    empty) keeps its earlier value. `on_progress` hears the rows done so far; `exports`: the exports of shop
    systems that are recognised by their header. Raises OrdersFileError, StoreError."""
    importer = _Importer(store, now)
    for row in order_exports.read(path, exports) if exports else orders_file.read(path):
        importer.take(row)
        if importer.full():
            importer.flush()
            if on_progress:
                on_progress(importer.rows)
    importer.flush()
    if on_progress:
        on_progress(importer.rows)
    return ImportReport(
        importer.imported, importer.updated, tuple(importer.broken), importer.broken_count,
        importer.strange(),
    )  # fmt: skip


class _Importer:
    """Gathers rows and writes them batch by batch."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store, self._now = store, now
        self._waiting: dict[tuple[str, str], dict[str, Any]] = {}
        self.broken: list[tuple[int, str]] = []
        self._strange: Counter[str] = Counter()
        self._first: dict[str, int] = {}
        self.rows = self.imported = self.updated = self.broken_count = 0

    def take(self, row: orders_file.Row | orders_file.BrokenRow) -> None:
        self.rows += 1
        if isinstance(row, orders_file.BrokenRow):
            self.broken_count += 1
            if len(self.broken) < MOST_BROKEN:
                self.broken.append((row.line, row.reason))
            return
        original = row.order.extra.get("channel_original")
        if original and (original in self._first or len(self._first) < MOST_WORDS):
            self._strange[original] += 1
            self._first.setdefault(original, row.line)
        key = (row.order.channel, row.order.order_id)
        facts = order_rows.facts_of(row.order)
        earlier = self._waiting.get(key)
        self._waiting[key] = order_rows.merge(earlier, facts) if earlier else facts

    def strange(self) -> tuple[UnknownChannel, ...]:
        """The channels that nobody knows, the most frequent first."""
        often = self._strange.most_common(MOST_CHANNELS)
        return tuple(UnknownChannel(word, rows, self._first[word]) for word, rows in often)

    def full(self) -> bool:
        return len(self._waiting) >= BATCH

    def flush(self) -> None:
        if not self._waiting:
            return
        with self._store.write() as conn:
            known = _known(conn, tuple(self._waiting))
            rows = [self._row(facts, *known.get(key, (None, None))) for key, facts in self._waiting.items()]
            conn.execute(_upsert(conn), rows)
        self.updated += len(known)
        self.imported += len(rows) - len(known)
        self._waiting.clear()

    def _row(
        self, facts: dict[str, Any], known: dict[str, Any] | None, since: datetime | None
    ) -> dict[str, Any]:
        """A row; a file that says nothing new leaves the time since when the order is as it is."""
        merged = order_rows.merge(known, facts) if known else facts
        return order_rows.row_of(merged, since if since is not None and merged == known else self._now)


def _known(
    conn: Connection, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[dict[str, Any], datetime]]:
    """Facts of those orders that are in the table already, and since when they are so."""
    known: dict[tuple[str, str], tuple[dict[str, Any], datetime]] = {}
    for channel in {channel for channel, _ in keys}:
        ids = [order_id for other, order_id in keys if other == channel]
        found = select(orders.c.order_id, orders.c.payload, orders.c.imported_at).where(
            orders.c.channel == channel, orders.c.order_id.in_(ids)
        )
        known |= {
            (channel, row.order_id): (json.loads(row.payload), row.imported_at) for row in conn.execute(found)
        }
    return known


def _upsert(conn: Connection) -> Any:
    insert = statements.insert(conn, orders)
    kept = ("id", "order_id", "channel")
    changed = {column.name: insert.excluded[column.name] for column in orders.c if column.name not in kept}
    return insert.on_conflict_do_update(index_elements=["channel", "order_id"], set_=changed)


def get(store: Store, channel: str, order_id: str) -> Order | None:
    """One order by its channel and its number exactly as imported, or None."""
    wanted = select(orders.c.payload).where(orders.c.channel == channel, orders.c.order_id == order_id)
    with store.read() as conn:
        payload = conn.execute(wanted).scalar()
    return None if payload is None else order_rows.decode(payload)


def standing(store: Store, channel: str, order_id: str) -> tuple[Order, datetime] | None:
    """One order and since when it says what it says, or None."""
    wanted = select(orders.c.payload, orders.c.imported_at)
    with store.read() as conn:
        row = conn.execute(wanted.where(orders.c.channel == channel, orders.c.order_id == order_id)).first()
    return None if row is None else (order_rows.decode(row.payload), row.imported_at)


def count(store: Store) -> int:
    """How many orders the table holds."""
    with store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(orders)).scalar_one())


def newest(store: Store) -> int:
    """A number that grows with every new order; 0 when there is none."""
    with store.read() as conn:
        return int(conn.execute(select(func.max(orders.c.id))).scalar() or 0)


def shapes(store: Store) -> RefShapes:
    """The shapes of order and parcel numbers, learnt from the newest orders and as many spread over the
    table: some 50 ms at any size. Worth keeping for a batch of mails; ask again after an import."""
    with store.read() as conn:
        total = int(conn.execute(select(func.count()).select_from(orders)).scalar_one())
        sample = _sample(conn, total)
    scale = total / len(sample) if sample else 1.0
    return RefShapes(
        number_shapes.learn(((channel, number) for channel, number, _, _ in sample), scale),
        number_shapes.learn(((carrier, number) for _, _, carrier, number in sample if number), scale),
    )


def _sample(conn: Connection, total: int) -> list[tuple[str, str, str, str]]:
    table: Table = orders
    columns = (table.c.channel, table.c.order_id, table.c.payload)
    found = {}
    newest = select(table.c.id, *columns).order_by(table.c.id.desc()).limit(SAMPLE)
    found.update({row[0]: row[1:] for row in conn.execute(newest)})
    if total > SAMPLE:
        last = max(found)
        step = max(1, last // SAMPLE)
        wanted = [
            start + start * 7_919 % step for start in range(1, last, step)
        ]  # no rhythm of the file decides
        for start in range(0, len(wanted), BATCH):
            spread = select(table.c.id, *columns).where(table.c.id.in_(wanted[start : start + BATCH]))
            found.update({row[0]: row[1:] for row in conn.execute(spread)})
    return [(channel, number, *_parcel(payload)) for channel, number, payload in found.values()]


def _parcel(payload: str) -> tuple[str, str]:
    facts = json.loads(payload)
    return facts.get("carrier", ""), facts.get("tracking_number", "")

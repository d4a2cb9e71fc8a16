"""Finding orders by what mails offer: index look-ups only, batched over many mails, at any table size."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Select, bindparam, select

from mailbot import shapes as number_shapes
from mailbot.edges.store.connection import Store
from mailbot.edges.store.order_rows import decode
from mailbot.edges.store.schema import orders
from mailbot.identifiers import fold_id
from mailbot.model import Clues, Finding, Order
from mailbot.shapes import RefShapes

CHUNK = 500
MOST_PER_ADDRESS = (
    200  # more orders than this on one address: a placeholder that all buyers share, not a person
)
MOST_PER_NAME = 50
MOST_GUESSES = 4_000  # neighbours of misspelt numbers looked up for one mail

OrderKey = tuple[str, str]
_Hits = dict[str, list[Order]]


def find_many(
    store: Store,
    clues: Sequence[Clues],
    thread_orders: Sequence[Sequence[OrderKey]] = (),
    shapes: RefShapes | None = None,
) -> list[tuple[Finding, ...]]:
    """For each mail's clues, the orders they point at. `thread_orders`: for each mail the (channel,
    order_id) of our earlier cases in its thread. Misspelt or shortened numbers (`Clues.loose`) are looked
    for, by the shapes, only when no number of the mail is known as it stands; their findings have an
    `order_ref` or `tracking` clue that differs from the order's own number."""
    with store.read() as conn:
        search = _Search(conn)
        refs = search.exact(orders.c.ref_key, (key for clue in clues for key in clue.refs))
        parcels = _merged(
            search.exact(orders.c.tracking_key, (key for clue in clues for key in clue.tracking)),
            search.exact(orders.c.tracking_key_2, (key for clue in clues for key in clue.tracking)),
        )
        emails = search.capped(orders.c.email_key, (key for c in clues for key in c.emails), MOST_PER_ADDRESS)
        names = search.capped(orders.c.name_key, (key for c in clues for key in c.names), MOST_PER_NAME)
        exact = [
            [*_named("order_ref", c.refs, refs), *_named("tracking", c.tracking, parcels)] for c in clues
        ]
        guessed = search.guesses(
            [() if found else c.loose for c, found in zip(clues, exact, strict=True)], shapes
        )
        threads = search.by_number([tuple(keys) for keys in thread_orders] or [()] * len(clues))
    return [
        (
            *exact[i],
            *guessed[i],
            *(Finding(order=order, method="thread", clue=order.order_id) for order in threads[i]),
            *_named("email", clue.emails, emails),
            *_named("name", clue.names, names),
        )
        for i, clue in enumerate(clues)
    ]


def _named(method: str, keys: Iterable[str], hits: _Hits) -> list[Finding]:
    return [Finding(order=order, method=method, clue=key) for key in keys for order in hits.get(key, ())]


def _merged(first: _Hits, second: _Hits) -> _Hits:
    return {key: [*first.get(key, ()), *second.get(key, ())] for key in {*first, *second}}


def _chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    distinct = sorted(set(keys))
    return (distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK))


@cache
def _by(column: Column[str], *, limited: bool = False) -> Select[Any]:
    """Key, id and payload of the orders with these `keys` in a column, at most `most` of them when limited. Built once:
    that takes longer than to look up a mail's orders."""
    wanted = select(column, orders.c.id, orders.c.payload).where(
        column.in_(bindparam("keys", expanding=True))
    )
    return wanted.limit(bindparam("most")) if limited else wanted


class _Search:
    """Look-ups on one connection; every order is decoded once."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._decoded: dict[int, Order] = {}

    def exact(self, column: Column[str], keys: Iterable[str]) -> _Hits:
        """Orders by an exact key."""
        wanted = _by(column)
        hits: defaultdict[str, list[Order]] = defaultdict(list)
        for chunk in _chunks(keys):
            for key, number, payload in self._conn.execute(wanted, {"keys": chunk}):
                hits[key].append(self._order(number, payload))
        return hits

    def capped(self, column: Column[str], keys: Iterable[str], most: int) -> _Hits:
        """Orders by a key that many orders may share; a key with more than `most` orders finds none."""
        wanted = _by(column, limited=True)
        hits: defaultdict[str, list[Order]] = defaultdict(list)
        for chunk in _chunks(keys):
            ceiling = most + 20 * len(chunk)
            rows = self._conn.execute(wanted, {"keys": chunk, "most": ceiling}).all()
            if len(rows) == ceiling:
                one_by_one = ({"keys": [key], "most": most + 1} for key in chunk)
                rows = [row for alone in one_by_one for row in self._conn.execute(wanted, alone)]
            for key, number, payload in rows:
                hits[key].append(self._order(number, payload))
        return {key: found for key, found in hits.items() if len(found) <= most}

    def guesses(self, loose: Sequence[Sequence[str]], shapes: RefShapes | None) -> list[list[Finding]]:
        """Orders whose number is one typing error, or a missing part, away from these keys."""
        if shapes is None or not any(loose):
            return [[] for _ in loose]
        refs = [_guess(keys, shapes.orders) for keys in loose]
        parcels = [_guess(keys, shapes.tracking) for keys in loose]
        by_ref = self.exact(orders.c.ref_key, (guess for pairs in refs for guess, _ in pairs))
        by_parcel = self.exact(orders.c.tracking_key, (guess for pairs in parcels for guess, _ in pairs))
        return [
            [
                *(
                    Finding(order=o, method="order_ref", clue=key)
                    for guess, key in mine
                    for o in by_ref.get(guess, ())
                ),
                *(
                    Finding(order=o, method="tracking", clue=key)
                    for guess, key in theirs
                    for o in by_parcel.get(guess, ())
                ),
            ]
            for mine, theirs in zip(refs, parcels, strict=True)
        ]

    def by_number(self, wanted: Sequence[Sequence[OrderKey]]) -> list[list[Order]]:
        """Orders by channel and number, for each mail."""
        found = self.exact(orders.c.ref_key, (fold_id(order_id) for keys in wanted for _, order_id in keys))
        return [
            [
                order
                for key in dict.fromkeys(keys)
                for order in found.get(fold_id(key[1]), ())
                if (order.channel, order.order_id) == key
            ]
            for keys in wanted
        ]

    def _order(self, number: int, payload: str) -> Order:
        if (order := self._decoded.get(number)) is None:
            order = self._decoded[number] = decode(payload)
        return order


def _guess(keys: Sequence[str], shapes: Sequence[number_shapes.Shape]) -> list[tuple[str, str]]:
    """(full number, key as written) pairs, at most MOST_GUESSES."""
    pairs: dict[tuple[str, str], None] = {}
    for key in keys:
        for guess in (*number_shapes.shortened(key, shapes), *number_shapes.misspelt(key, shapes)):
            pairs[guess, key] = None
            if len(pairs) >= MOST_GUESSES:
                return list(pairs)
    return list(pairs)

"""Full-text search over the cases (mails, names, addresses, order numbers), and orders by their numbers and names.

SQLite: FTS5, kept by triggers; PostgreSQL: a GIN index on an expression (migration 0007). Words are found by their
beginning, whatever their accents; all must be there."""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Connection, and_, or_, select, text

from mailbot.edges.store import Store, order_rows
from mailbot.edges.store.schema import cases, orders
from mailbot.identifiers import fold_id, fold_name
from mailbot.model import Order

MOST_WORDS = 12
_SQLITE = text(
    "SELECT rowid FROM case_search WHERE case_search MATCH :words AND rowid < :before ORDER BY rowid DESC LIMIT :limit"
)
_POSTGRES = text(
    "SELECT id FROM cases WHERE to_tsvector('simple', translate(lower(coalesce(order_id, '') || ' ' || customer_name "
    "|| ' ' || customer || ' ' || subject || ' ' || left(text, 100000)), 'àâäáãåçéèêëíìîïñóòôöõúùûüýÿ', "
    "'aaaaaaceeeeiiiinooooouuuuyy')) @@ to_tsquery('simple', :words) AND id < :before ORDER BY id DESC LIMIT :limit"
)
_ALL = 2**62


def find_cases(store: Store, asked: str, *, before: int | None = None, limit: int = 50) -> list[int]:
    """The cases that have all these words, newest first; older than the case `before`."""
    words = _words(asked)
    if not words:
        return []
    with store.read() as conn:
        query, said = (_POSTGRES, _tsquery(words)) if _is_postgres(conn) else (_SQLITE, _match(words))
        values = {"words": said, "before": before or _ALL, "limit": limit}
        return list(conn.execute(query, values).scalars())


def _is_postgres(conn: Connection) -> bool:
    return conn.dialect.name == "postgresql"


def _words(asked: str) -> list[str]:
    """Words of letters, digits and the signs inside numbers and addresses; nothing an operator could be made of."""
    folded = unicodedata.normalize("NFKD", asked.lower())
    plain = "".join(sign for sign in folded if not unicodedata.combining(sign))
    found = re.findall(r"\w[\w@.+-]*", plain)
    return [word for word in (one.rstrip(".+-@") for one in found) if word][:MOST_WORDS]


def _match(words: Sequence[str]) -> str:
    return " ".join(f'"{word}"*' for word in words)


def _tsquery(words: Sequence[str]) -> str:
    return " & ".join(f"'{word}':*" for word in words)


def find_orders(store: Store, asked: str, *, limit: int = 20) -> list[Order]:
    """Orders whose number, parcel number, address or buyer's name this is; numbers also by their beginning."""
    key, name, mail = fold_id(asked), fold_name(asked), asked.strip().lower()
    ways = []
    if len(key) >= 4:
        ways += [_begins(column, key) for column in (orders.c.ref_key, orders.c.tracking_key)]
    if "@" in mail:
        ways.append(orders.c.email_key == mail)
    if " " in name:
        ways.append(orders.c.name_key == name)
    found: dict[int, Order] = {}
    with store.read() as conn:
        for way in ways:  # one look-up for each index
            rows = conn.execute(select(orders.c.id, orders.c.payload).where(way).limit(limit))
            found |= {row.id: order_rows.decode(row.payload) for row in rows}
    return list(found.values())[:limit]


def cases_of_orders(store: Store, found: Sequence[Order], *, limit: int = 50) -> list[int]:
    """The cases about these orders, newest first."""
    if not found:
        return []
    about = or_(*((cases.c.order_id == one.order_id) & (cases.c.channel == one.channel) for one in found))
    with store.read() as conn:
        return list(
            conn.execute(select(cases.c.id).where(about).order_by(cases.c.id.desc()).limit(limit)).scalars()
        )


def _begins(column: Column[str], key: str) -> ColumnElement[bool]:
    """A range, which both databases find in the index."""
    return and_(column >= key, column < key[:-1] + chr(ord(key[-1]) + 1))

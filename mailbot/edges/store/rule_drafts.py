"""A person's own copies of rule and template files; the service never reads them."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mailbot.edges.store import Store
from mailbot.edges.store.statements import insert
from mailbot.edges.store.versions_tables import rule_drafts as table


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """One changed file. `name`: 'rules/…' or 'templates/…'; `base`: the content digest of the file it began from, ''
    when there was none."""

    name: str
    base: str
    data: bytes
    at: datetime


def of(store: Store, author: str) -> dict[str, RuleDraft]:
    """A person's changed files, by name."""
    query = select(table).where(table.c.author == author).order_by(table.c.name)
    with store.read() as conn:
        rows = conn.execute(query).all()
    return {
        row.name: RuleDraft(name=row.name, base=row.base, data=zlib.decompress(row.data), at=row.at)
        for row in rows
    }


def keep(
    store: Store, author: str, files: Mapping[str, bytes], bases: Mapping[str, str], now: datetime
) -> None:
    """Keep these files, all or none. A file that is a draft already keeps the base it began from."""
    rows = [
        {"author": author, "name": name, "base": bases.get(name, ""), "data": zlib.compress(data), "at": now}
        for name, data in files.items()
    ]
    with store.write() as conn:
        made = insert(conn, table)
        changed = {"data": made.excluded.data, "at": made.excluded.at}
        for row in rows:
            conn.execute(made.on_conflict_do_update(index_elements=["author", "name"], set_=changed), row)


def drop(store: Store, author: str, name: str | None = None) -> int:
    """Throw away one changed file, or all of a person's; returns how many there were."""
    statement = table.delete().where(table.c.author == author)
    if name is not None:
        statement = statement.where(table.c.name == name)
    with store.write() as conn:
        return conn.execute(statement).rowcount


def authors(store: Store, name: str) -> tuple[str, ...]:
    """Who else has a changed copy of a file."""
    query = select(table.c.author).where(table.c.name == name).order_by(table.c.author)
    with store.read() as conn:
        return tuple(conn.execute(query).scalars())

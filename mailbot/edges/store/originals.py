"""The text the service wrote, kept when a person rewrites a reply: how far it was from what left is then known."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from mailbot.edges.store.schema import replies
from mailbot.edges.store.statements import chunks, insert
from mailbot.edges.store.versions_tables import reply_originals


def keep(conn: Connection, reply_id: int) -> None:
    """Keep the present text of a reply that is about to be rewritten; the first one kept stays."""
    first = select(replies.c.id, replies.c.subject, replies.c.text).where(replies.c.id == reply_id)
    statement = insert(conn, reply_originals).from_select(["reply_id", "subject", "text"], first)
    conn.execute(statement.on_conflict_do_nothing(index_elements=["reply_id"]))


def texts(conn: Connection, reply_ids: Sequence[int]) -> dict[int, str]:
    """The first texts of these replies; those that nobody rewrote are absent."""
    found: dict[int, str] = {}
    for part in chunks(reply_ids):
        query = select(reply_originals.c.reply_id, reply_originals.c.text)
        rows = conn.execute(query.where(reply_originals.c.reply_id.in_(part)))
        found.update((row.reply_id, row.text) for row in rows)
    return found

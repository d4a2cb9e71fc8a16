"""Past mails with what was made of them, for replays and reports."""

from collections.abc import Iterator

from sqlalchemy import select

from mailbot.edges.store import Store, cases, mails, replies
from mailbot.edges.store.schema import cases as case_table
from mailbot.edges.store.schema import raw_mails
from mailbot.model import RawMail


def judged(store: Store, last: int) -> Iterator[tuple[RawMail, cases.StoredCase, replies.StoredReply | None]]:
    """The newest `last` judged mails whose bytes are kept, oldest first, each with its ticket and reply."""
    kept = select(case_table.c.mail_id, case_table.c.id).join(
        raw_mails, raw_mails.c.mail_id == case_table.c.mail_id
    )
    with store.read() as conn:
        rows = conn.execute(kept.order_by(case_table.c.mail_id.desc()).limit(last)).all()
    for row in reversed(rows):
        yield mails.raw(store, row.mail_id), cases.get(store, row.id), replies.of_case(store, row.id)

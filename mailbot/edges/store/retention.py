"""Forgetting with time: bytes first, then settled tickets. The ledger's keys stay, so that nothing comes in twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from mailbot.edges.store import Store, agent_letters
from mailbot.edges.store.desk_tables import desk_cases, notes, second_opinions, viewers
from mailbot.edges.store.learning_tables import corrections
from mailbot.edges.store.mailbox_tables import mailbox_drafts
from mailbot.edges.store.merging_tables import merges
from mailbot.edges.store.schema import cases, deadlines, events, mails, raw_mails, replies
from mailbot.edges.store.versions_tables import reply_originals, reply_overrides, shadow_sends

_BATCH = 500


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """How many mails lost their bytes, and how many tickets are gone."""

    raw_mails: int
    cases: int


def purge(store: Store, *, raw_before: datetime, cases_before: datetime) -> PurgeReport:
    """Forget the bytes of judged mails taken in and of agents' own mails found in Sent before `raw_before`, and closed
    tickets made before `cases_before` with their replies, clocks and story. Mails that wait or are parked, open tickets
    with the bytes of their mail and replies that are on their way or uncertain are kept whatever their age. Works in
    small transactions, so that nobody waits."""
    raws = total = 0
    while (gone := _purge_raw(store, raw_before)) > 0:
        raws += gone
    while _purge_sent(store, raw_before) > 0:
        pass
    while (gone := _purge_cases(store, cases_before)) > 0:
        total += gone
    return PurgeReport(raws, total)


def _purge_raw(store: Store, before: datetime) -> int:
    at_work = exists().where(cases.c.mail_id == mails.c.id, cases.c.state != "closed")
    old = (
        select(raw_mails.c.mail_id)
        .join_from(raw_mails, mails)
        .where(mails.c.ingested_at < before, mails.c.state.in_(("prepared", "ignored")), ~at_work)
        .limit(_BATCH)
    )
    with store.write() as conn:
        return conn.execute(raw_mails.delete().where(raw_mails.c.mail_id.in_(old))).rowcount


def _purge_sent(store: Store, before: datetime) -> int:
    with store.write() as conn:
        return agent_letters.forget_before(conn, before, _BATCH)


def _purge_cases(store: Store, before: datetime) -> int:
    busy = exists().where(
        replies.c.case_id == cases.c.id, replies.c.state.in_(("approved", "sending", "uncertain", "failed"))
    )
    query = select(cases.c.id, cases.c.mail_id).where(
        cases.c.state == "closed", cases.c.created_at < before, ~busy
    )
    with store.write() as conn:
        rows = conn.execute(query.limit(_BATCH)).all()
        _forget(conn, [row.id for row in rows], [row.mail_id for row in rows])
        return len(rows)


def _forget(conn: Connection, case_ids: list[int], mail_ids: list[int]) -> None:
    own = select(replies.c.id).where(replies.c.case_id.in_(case_ids))
    for of_reply in (reply_originals, reply_overrides):
        conn.execute(of_reply.delete().where(of_reply.c.reply_id.in_(own)))
    conn.execute(merges.delete().where(merges.c.into_case.in_(case_ids)))  # nobody answers for those any more
    for table in (corrections, shadow_sends, replies, deadlines, events, merges):
        conn.execute(table.delete().where(table.c.case_id.in_(case_ids)))
    agent_letters.forget_cases(conn, case_ids)
    for table in (mailbox_drafts, desk_cases, viewers, notes, second_opinions):
        conn.execute(table.delete().where(table.c.case_id.in_(case_ids)))
    conn.execute(cases.delete().where(cases.c.id.in_(case_ids)))
    conn.execute(raw_mails.delete().where(raw_mails.c.mail_id.in_(mail_ids)))
    conn.execute(mails.update().where(mails.c.id.in_(mail_ids)).values(sender="", note=None))

"""The ingest ledger: which mails were taken in, who works on them, and what became of them."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Update, func, or_, select

from mailbot.edges.store import Store
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.schema import mails, raw_mails
from mailbot.edges.store.statements import chunks, insert, one_at_a_time
from mailbot.model import MAIL_MOVES, MailState, RawMail

CLAIM_BYTES = 16_000_000
SPLIT_FOLDER = "(scission)"  # where the mail of a case that was split off stands in the ledger
LARGE, SAMPLE = 100_000, 8_000  # bytes
WORTHWHILE = 0.7  # of its size: base64 of packed data comes to 0.76
_LEDGER_KEY = ("account", "folder", "uidvalidity", "uid")


@dataclass(frozen=True, slots=True)
class IngestReport:
    """How many mails are new, and how many were copies of a mail already here (same bytes, other place)."""

    new: int
    copies: int


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that is ours until the lease ends. `attempts` counts the claims, this one included."""

    id: int
    raw: RawMail
    attempts: int


def ingest(store: Store, items: Sequence[tuple[RawMail, str]], now: datetime) -> IngestReport:
    """Take mails in, each with its sender (lower-cased address of From, or ''). All or nothing.

    A ledger key (account, folder, UIDVALIDITY, UID) that is known changes nothing. Bytes that are already
    here under another key of the account are entered as 'ignored' with a note and are not stored again."""
    packed = [_packed(raw.data) for raw, _ in items]  # before the transaction: it takes time
    with store.write(durable=False) as conn:  # until then the server has them
        # two folders of one account may hold the same mail
        one_at_a_time(conn, {f"compte {raw.account}" for raw, _ in items})
        known = _ids_by_digest(conn, [raw for raw, _ in items])
        fresh: list[tuple[dict[str, Any], bytes]] = []
        doubles: list[dict[str, Any]] = []
        seen = set(known)
        for (raw, sender), data in zip(items, packed, strict=True):
            row = _ledger_row(raw, sender, now)
            if (raw.account, raw.digest) in seen:
                doubles.append(row)
            else:
                seen.add((raw.account, raw.digest))
                fresh.append((row, data))
        new = _insert_fresh(conn, fresh)
        known.update(new)
        for row in doubles:
            original = known[row["account"], row["digest"]]
            row.update(state="ignored", note=f"copie identique du mail {original}")
        copies = _insert_ledger(conn, doubles)
    return IngestReport(new=len(new), copies=len(copies))


def _packed(data: bytes) -> bytes:
    """As zlib packs it; a large mail is left as it is inside when a sample says that packing does not pay
    (photographs)."""
    sample = data[len(data) // 2 :][:SAMPLE]
    pays = len(data) < LARGE or len(zlib.compress(sample, 1)) < WORTHWHILE * len(sample)
    return zlib.compress(data, 1 if pays else 0)


def _ids_by_digest(conn: Connection, raws: Sequence[RawMail]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    accounts = {raw.account for raw in raws}
    for part in chunks(raws):
        query = (
            select(mails.c.account, mails.c.digest, func.min(mails.c.id))
            .where(mails.c.account.in_(accounts), mails.c.digest.in_({raw.digest for raw in part}))
            .group_by(mails.c.account, mails.c.digest)
        )
        found.update({(account, digest): number for account, digest, number in conn.execute(query)})
    return found


def _ledger_row(raw: RawMail, sender: str, now: datetime) -> dict[str, Any]:
    return {
        "account": raw.account,
        "folder": raw.folder,
        "uidvalidity": raw.uidvalidity,
        "uid": raw.uid,
        "digest": raw.digest,
        "size": raw.size,
        "stored_size": len(raw.data),
        "complete": raw.complete,
        "received_at": raw.received,
        "ingested_at": now,
        "sender": sender,
        "state": "received",
        "note": None,
        "attempts": 0,
    }


def _insert_fresh(
    conn: Connection, fresh: Sequence[tuple[dict[str, Any], bytes]]
) -> dict[tuple[str, str], int]:
    data = {(row["account"], row["digest"]): packed for row, packed in fresh}
    new = _insert_ledger(conn, [row for row, _ in fresh])
    if new:
        conn.execute(
            raw_mails.insert(), [{"mail_id": number, "data": data[key]} for key, number in new.items()]
        )
    return new


def _insert_ledger(conn: Connection, rows: Sequence[dict[str, Any]]) -> dict[Any, int]:
    """Insert what is not in the ledger yet. Fresh rows have one digest each; copies are only counted, by
    id."""
    if not rows:
        return {}
    statement = (
        insert(conn, mails)
        .on_conflict_do_nothing(index_elements=_LEDGER_KEY)
        .returning(mails.c.id, mails.c.account, mails.c.digest, mails.c.note)
    )
    inserted = conn.execute(statement, list(rows))
    return {
        (account, digest) if note is None else number: number for number, account, digest, note in inserted
    }


def claim(
    store: Store, owner: str, limit: int, now: datetime, lease: timedelta, *, max_bytes: int = CLAIM_BYTES
) -> list[ClaimedMail]:
    """Make up to `limit` received mails ours until `now + lease`, oldest first; at most `max_bytes`, but at
    least one.

    `owner` must be unique to the worker. A mail whose lease has ended may be claimed again: after the new
    ones, alone, the least often claimed first. One that kills its worker is then known from those that were
    only claimed along with it, and a run of crashes for other reasons does not fall on one mail."""
    free = (mails.c.state == "received", or_(mails.c.lease_until.is_(None), mails.c.lease_until < now))
    with store.write(durable=False) as conn:
        candidates = conn.execute(
            select(mails.c.id, mails.c.stored_size, mails.c.attempts)
            .where(*free)
            .order_by(mails.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        chosen = _portion(candidates, max_bytes)
        if not chosen:
            return []
        taken = conn.execute(
            mails.update()
            .where(mails.c.id.in_(chosen), *free)
            .values(lease_owner=owner, lease_until=now + lease, attempts=mails.c.attempts + 1)
            .returning(mails.c.id)
        ).scalars()
        rows = conn.execute(_with_raw().where(mails.c.id.in_(list(taken))).order_by(mails.c.id)).all()
    return [ClaimedMail(row.id, _raw(row), row.attempts) for row in rows]


def _portion(candidates: Sequence[Any], max_bytes: int) -> list[int]:
    chosen: list[int] = []
    total = 0
    for row in candidates:
        if row.attempts:
            continue
        total += row.stored_size
        if chosen and total > max_bytes:
            break
        chosen.append(row.id)
    if candidates and not chosen:
        chosen = [min(candidates, key=lambda row: row.attempts).id]
    return chosen


def _with_raw() -> Any:
    return select(mails, raw_mails.c.data).join(raw_mails, raw_mails.c.mail_id == mails.c.id)


def _raw(row: Row[Any]) -> RawMail:
    return RawMail(
        account=row.account,
        folder=row.folder,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        received=row.received_at,
        data=zlib.decompress(row.data),
        digest=row.digest,
        size=row.size,
        complete=row.complete,
    )


def move_to(source: MailState, target: MailState) -> Update:
    """The UPDATE that moves mails from one state to another and ends their lease; the caller says which and
    counts.

    The only place that moves a mail's state. Raises ValueError for a move MAIL_MOVES does not know."""
    if target not in MAIL_MOVES[source]:
        raise ValueError(f"no move from {source} to {target}")
    return (
        mails.update().where(mails.c.state == source).values(state=target, lease_owner=None, lease_until=None)
    )


def release(store: Store, mail_ids: Sequence[int], owner: str, *, retry_at: datetime | None = None) -> int:
    """Give mails back; nobody claims them before `retry_at` (None: at once). Returns how many were still
    ours."""
    with store.write() as conn:
        return sum(
            conn.execute(
                mails.update()
                .where(mails.c.id.in_(part), mails.c.state == "received", mails.c.lease_owner == owner)
                .values(lease_owner=None, lease_until=retry_at)
            ).rowcount
            for part in chunks(mail_ids)
        )


def raw(store: Store, mail_id: int) -> RawMail:
    """The mail as it came. Raises Impossible (French) when unknown or no longer kept."""
    with store.read() as conn:
        row = conn.execute(_with_raw().where(mails.c.id == mail_id)).first()
    if row is None:
        raise Impossible(f"mail {mail_id} : inconnu, ou son contenu n'est plus conservé.")
    return _raw(row)


def export(store: Store, after: int = 0, *, page: int = 50) -> Iterator[tuple[int, RawMail]]:
    """Every mail whose bytes are kept, once, by rising number from `after` (excluded), `page` at a time."""
    while True:
        with store.read() as conn:
            once = (mails.c.id > after, mails.c.folder != SPLIT_FOLDER)
            rows = conn.execute(_with_raw().where(*once).order_by(mails.c.id).limit(page)).all()
        if not rows:
            return
        for row in rows:
            yield row.id, _raw(row)
        after = rows[-1].id


def count_by_state(store: Store) -> dict[MailState, int]:
    """How many mails are in each state, one that was split counted once; absent states count 0."""
    with store.read() as conn:
        return counts(conn)


def counts(conn: Connection) -> dict[MailState, int]:
    """As `count_by_state`, in a transaction of the caller's."""
    came = select(mails.c.state, func.count()).where(mails.c.folder != SPLIT_FOLDER).group_by(mails.c.state)
    found = {row.state: row[1] for row in conn.execute(came)}
    return {state: found.get(state, 0) for state in MAIL_MOVES}

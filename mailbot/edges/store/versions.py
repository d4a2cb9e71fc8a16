"""Published versions of rules and templates: numbered, with author, date, note and the content of every file."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from mailbot.edges.store import Store
from mailbot.edges.store.columns import as_key
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.moves import record
from mailbot.edges.store.schema import cases
from mailbot.edges.store.statements import chunks, insert, one_at_a_time
from mailbot.edges.store.versions_tables import rule_blobs, rule_versions

_PUBLISHED, _TAKEN_BACK = "regles_publiees", "regles_reprises"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One published version. `digest` is the rulebook's; `files` maps 'rules/…' and 'templates/…' to the SHA-256 of
    the content; `published_at` is UTC; `cases` counts the tickets it judged."""

    number: int
    digest: str
    published_at: datetime
    author: str
    note: str
    files: Mapping[str, str]
    cases: int = 0


def publish(
    store: Store, digest: str, files: Mapping[str, bytes], *, author: str, note: str, now: datetime
) -> tuple[Version, bool]:
    """Keep these files as the next version. Content that is a version already is not kept twice: then that version
    and False."""
    names = {name: content_digest(data) for name, data in files.items()}
    packed = {content_digest(data): zlib.compress(data, 9) for data in files.values()}
    with store.write() as conn:
        one_at_a_time(conn, ["publication des règles"])
        known = conn.execute(select(rule_versions).where(rule_versions.c.digest == digest)).first()
        if known is not None:
            return _version(known), False
        blobs = [{"digest": key, "data": data} for key, data in sorted(packed.items())]
        conn.execute(insert(conn, rule_blobs).on_conflict_do_nothing(index_elements=["digest"]), blobs)
        row = {"digest": digest, "published_at": now, "author": author, "note": note, "files": names}
        made = conn.execute(rule_versions.insert().returning(rule_versions), row).one()
        record(conn, now, author, None, _PUBLISHED, f"version {made.id} : {note}")
        return _version(made), True


def content_digest(data: bytes) -> str:
    """The name of a file's content: its SHA-256, hex."""
    return hashlib.sha256(data).hexdigest()


def taken_back(store: Store, number: int, author: str, now: datetime) -> None:
    """Write down that the files of this version were put back."""
    with store.write() as conn:
        record(conn, now, author, None, _TAKEN_BACK, f"retour à la version {number}")


def list_versions(store: Store) -> list[Version]:
    """Every version, the newest first."""
    counted = select(cases.c.rulebook_digest, func.count().label("judged")).group_by(cases.c.rulebook_digest)
    counts = counted.subquery()
    query = (
        select(rule_versions, counts.c.judged)
        .outerjoin(counts, counts.c.rulebook_digest == rule_versions.c.digest)
        .order_by(rule_versions.c.id.desc())
    )
    with store.read() as conn:
        return [_version(row, row.judged or 0) for row in conn.execute(query)]


def get(store: Store, number: int) -> Version:
    """One version. Raises Impossible (French) when there is none of this number."""
    with store.read() as conn:
        row = conn.execute(select(rule_versions).where(rule_versions.c.id == number)).first()
    if row is None:
        raise Impossible(f"la version {number} n'existe pas. Voir « mailbot versions list ».")
    return _version(row)


def of_digest(store: Store, digest: str) -> Version | None:
    """The version with exactly this content, or None when it was not published."""
    query = select(rule_versions).where(rule_versions.c.digest == digest)
    with store.read() as conn:
        row = conn.execute(query).first()
    return None if row is None else _version(row)


def numbers(store: Store) -> dict[str, int]:
    """Rulebook digest → version number, for showing which version wrote what."""
    with store.read() as conn:
        rows = conn.execute(select(rule_versions.c.digest, rule_versions.c.id))
        return {row.digest: row.id for row in rows}


def contents(store: Store, version: Version) -> dict[str, bytes]:
    """The files of a version with their content."""
    found: dict[str, bytes] = {}
    with store.read() as conn:
        for part in chunks(sorted(set(version.files.values()))):
            rows = conn.execute(select(rule_blobs).where(rule_blobs.c.digest.in_(map(as_key, part))))
            found.update((row.digest, zlib.decompress(row.data)) for row in rows)
    return {name: found[key] for name, key in version.files.items()}


def _version(row: Row[Any], judged: int = 0) -> Version:
    return Version(
        number=row.id,
        digest=row.digest,
        published_at=row.published_at,
        author=row.author,
        note=row.note,
        files=row.files,
        cases=judged,
    )

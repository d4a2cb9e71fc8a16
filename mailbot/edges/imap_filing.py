"""Writing to a mailbox: filing our copy in Sent, finding it again, marking or moving what is done."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.parser import BytesHeaderParser

from mailbot.config import AfterProcessing
from mailbot.edges.imap_types import Session

_BATCH = 50
_KEYWORD = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")  # an atom (RFC 3501 section 9)


def append(
    client: Session, folder: str, message: bytes, flags: Sequence[str], when: datetime | None
) -> int | None:
    """File a message; the UID it got, when the server says so (UIDPLUS)."""
    answer = client.append(folder, message, flags, when)
    found = re.search(rb"\[APPENDUID \d+ (\d+)\]", answer or b"")
    return int(found[1]) if found else None


def find_message_id(client: Session, message_id: str) -> list[int]:
    """UIDs in the selected folder whose Message-ID is exactly this one.

    SEARCH HEADER finds substrings, and some servers find anything: each hit is verified on its own header."""
    hits = client.search(["HEADER", "Message-ID", message_id.encode("utf-8", "surrogateescape")])
    found = []
    for batch in _batches(sorted(hits)):
        answer = client.fetch(batch, ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"])
        found += [uid for uid in batch if message_id in _message_ids(answer.get(uid, {}))]
    return found


def _message_ids(item: dict[bytes, object]) -> set[str]:
    headers = [
        value for key, value in item.items() if key.startswith(b"BODY[HEADER") and isinstance(value, bytes)
    ]
    return {
        "".join(str(value).split())
        for header in headers
        for value in BytesHeaderParser().parsebytes(header).get_all("Message-ID", [])
    }


def after_processing(
    client: Session, uids: Sequence[int], wish: AfterProcessing, permanent: frozenset[str]
) -> list[str]:
    """Mark, then move, these messages of the folder selected for writing. `permanent`: its PERMANENTFLAGS.

    Returns French notes about what this server does not allow (nothing else is harmed)."""
    notes = []
    flags = ["\\Seen"] if wish.flag_seen else []
    if wish.keyword and (note := _keyword_trouble(wish.keyword, permanent)):
        notes.append(note)
    elif wish.keyword:
        flags.append(wish.keyword)
    for batch in _batches(uids):
        if flags:
            client.add_flags(batch, flags, silent=True)
        if wish.move_to and (note := _move(client, batch, wish.move_to)) and note not in notes:
            notes.append(note)
    return notes


def _keyword_trouble(keyword: str, permanent: frozenset[str]) -> str | None:
    if not _KEYWORD.fullmatch(keyword):
        return (
            f"mot-clé « {keyword} » : lettres sans accent, chiffres et tirets seulement ; le courrier "
            f"n'a pas été marqué."
        )
    if "\\*" not in permanent and keyword.casefold() not in permanent:
        return (
            f"mot-clé « {keyword} » : ce serveur n'accepte pas de mots-clés nouveaux ; le courrier n'a "
            f"pas été marqué."
        )
    return None


def _move(client: Session, uids: list[int], folder: str) -> str | None:
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return None
    client.copy(uids, folder)
    client.add_flags(uids, ["\\Deleted"], silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)
        return None
    # A bare EXPUNGE would also remove what other people marked as deleted.
    return (
        f"déplacement vers « {folder} » : copié, et l'original marqué comme supprimé sans être effacé "
        f"(serveur sans UIDPLUS)."
    )


def _batches(uids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(uids), _BATCH):
        yield list(uids[start : start + _BATCH])

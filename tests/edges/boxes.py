"""What the tests of mailboxes look at."""

from collections.abc import Callable

import imapclient

from mailbot.edges.mailbox import Mailbox
from mailbot.model import RawMail
from tests.servers.dovecot import PASSWORD, Dovecot

Make = Callable[..., bytes]
MEGABYTES = 25_000_000


def fetched(box: Mailbox, uids: list[int], max_bytes: int = MEGABYTES) -> list[RawMail]:
    found = list(box.fetch(uids, max_bytes))
    assert all(isinstance(item, RawMail) for item in found), found
    return [item for item in found if isinstance(item, RawMail)]


def listed(box: Mailbox) -> list[int]:
    return [uid for portion in box.new_uids(0) for uid in portion]


def flags(dovecot: Dovecot, user: str, folder: str = "INBOX") -> dict[int, set[bytes]]:
    with imapclient.IMAPClient("127.0.0.1", dovecot.imap_port, ssl=False) as client:
        client.login(user, PASSWORD)
        client.select_folder(folder, readonly=True)
        return {uid: set(found) - {b"\\Recent"} for uid, found in client.get_flags(client.search()).items()}

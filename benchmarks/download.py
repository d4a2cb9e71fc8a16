"""The bare limit: an imapclient loop that downloads every mail of the inbox and does nothing with it."""

import time

import imapclient

from mailbot.config import Account
from mailbot.edges.imap_types import Session
from tests.servers.dovecot import PASSWORD

BATCH = 50


def bare(account: Account, *, quiet: bool) -> float:
    """Seconds to log in and download the whole inbox, 50 mails at a time.

    `quiet` switches imaplib's debug formatting off, which imapclient leaves on."""
    start = time.perf_counter()
    client: Session = imapclient.IMAPClient(account.imap.host, account.imap.port, ssl=False)
    if quiet:
        client._imap.debug = 0
    client.login(account.imap.username or "", PASSWORD)
    client.select_folder("INBOX", readonly=True)
    uids = client.search("ALL")
    for first in range(0, len(uids), BATCH):
        client.fetch(uids[first : first + BATCH], ["BODY.PEEK[]"])
    client.logout()
    return time.perf_counter() - start

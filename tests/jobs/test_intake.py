"""Taking mail in: what its dates say of the deadlines."""

from datetime import timedelta
from typing import Any, cast

import pytest

from mailbot import clock
from mailbot.config import Account
from mailbot.edges.mailbox import connect
from mailbot.edges.store import Store, mails, upkeep
from mailbot.errors import NeedsHuman
from mailbot.jobs import intake
from tests.edges.store.samples import LEASE, NOW
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.imap import Reply, ScriptedImap


def _dated(uid: int, date: bytes) -> bytes:
    return b'* %d FETCH (UID %d RFC822.SIZE 20 INTERNALDATE "%s")' % (uid, uid, date)


def _body(uid: int) -> bytes:
    text = b"Subject: %d\r\n\r\nBonjour" % uid
    return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)" % (uid, uid, len(text), text)


def test_a_mail_dated_ahead_has_arrived_by_now_so_that_its_clocks_run(store: Store) -> None:
    """A program that moved it, or a server with a wrong clock, dated it next year. (Dovecot corrects this itself.)"""
    rules: dict[str, bytes | Reply] = {
        r"FETCH 2 \(UID": b"* 2 FETCH (UID 2)",
        "UID SEARCH": b"* SEARCH 1 2",
        r"UID FETCH 1,2 \(RFC822.SIZE": _dated(1, b"20-Nov-2027 10:00:00 +0100")
        + b"\r\n"
        + _dated(2, b"17-Nov-2026 10:00:00 +0100"),
        r"UID FETCH 1,2 \(BODY": _body(1) + b"\r\n" + _body(2),
    }
    with ScriptedImap(rules) as server:
        account = server.account().model_copy(update={"start_from": "all"})
        with connect(account, "x") as box:
            assert intake.fetch_folder(store, box, account, "INBOX", lambda: NOW).new == 2
    taken = mails.claim(store, "ouvrier", 9, NOW, LEASE)
    assert [one.raw.received for one in taken] == [NOW, NOW - timedelta(days=3)]


@pytest.mark.server
def test_mail_that_came_while_a_folder_bore_a_new_name_is_taken_in(store: Store, dovecot: Dovecot) -> None:
    """Somebody renamed it in their mail program; config.toml followed a day later."""
    account = dovecot.account(user=f"nomme-{store.engine.dialect.name}")
    with connect(account, PASSWORD) as box:
        for folder in ("SAV", "Autre"):
            box.client.create_folder(folder)
            box.append(folder, _letter("ancien, d'avant mailbot"))
    assert taken_in(store, account, "SAV") == 0
    with connect(account, PASSWORD) as box:
        box.append("SAV", _letter("lu"))
    assert taken_in(store, account, "SAV") == 1
    with connect(account, PASSWORD) as box:
        cast(Any, box.client).rename_folder("SAV", "Support")
        box.append("Support", _letter("venu entre-temps"))
    with pytest.raises(NeedsHuman):
        taken_in(store, account, "SAV")
    upkeep.folder_failed(store, account.name, "Support", "réseau coupé", clock.now())
    assert taken_in(store, account, "Support") == 1
    assert taken_in(store, account, "Autre") == 0, "a folder newly watched begins now"


def taken_in(store: Store, account: Account, folder: str) -> int:
    with connect(account, PASSWORD) as box:
        watched = account.model_copy(update={"folders": (folder,)})
        return intake.fetch_folder(store, box, watched, folder, clock.now).new


def _letter(text: str) -> bytes:
    return f"From: m@example.org\r\nSubject: SAV\r\n\r\n{text}\r\n".encode()

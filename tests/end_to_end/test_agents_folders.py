"""Drafts and Sent rebuilt, renamed, or of a server that can do little: no draft is lost, none is put in twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.agents import MINE, open_shop
from tests.end_to_end.letters import letter
from tests.end_to_end.mail_programs import thunderbird
from tests.end_to_end.mailroom import client, flags
from tests.end_to_end.shop import Launcher, Shop
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.server


def test_a_rebuilt_folder_is_neither_a_deletion_nor_a_second_draft(shop: Shop) -> None:
    open_shop(shop, letter(1), letter(2))
    program = thunderbird(shop)
    (uid, _), *_ = program.drafts().items()
    program.save(program.written(program.drafts()[uid], MINE))
    program.discard(uid)
    shop.ok("once")
    assert shop.states("mailbox_drafts") == {"edited": 1, "placed": 1}
    rebuild(shop, "Drafts")
    for _ in range(3):
        shop.ok("once")
    assert shop.states("replies") == {"draft": 2} and len(program.drafts()) == 2
    assert shop.states("mailbox_drafts") == {"edited": 1, "placed": 1}


def test_a_rebuilt_sent_folder_answers_nothing_twice(shop: Shop) -> None:
    question = letter(1)
    open_shop(shop, question)
    program = thunderbird(shop)
    program.send()
    shop.ok("once")
    rebuild(shop, "Sent")
    shop.ok("once")
    assert [kind for (kind,) in shop.rows("SELECT kind FROM sent_mails ORDER BY id")] == ["agent", "copy"]
    assert shop.one("SELECT count(*) FROM sent_answers") == 1


def test_a_renamed_drafts_folder_is_no_deletion(shop: Shop) -> None:
    open_shop(shop, letter(1))
    with client(shop) as session:
        session.rename_folder("Drafts", "Vieux brouillons")
    for _ in range(3):
        shop.ok("once")
    assert shop.states("replies") == {"draft": 1}


def rebuild(shop: Shop, name: str) -> None:
    """The server loses its index of a folder and gives it another UIDVALIDITY; the mails stay."""
    with client(shop) as session:
        session.select_folder(name, readonly=True)
        uids = session.search()
        found = session.fetch(uids, ["BODY.PEEK[]", "FLAGS"])
        kept = [(found[uid][b"BODY[]"], found[uid][b"FLAGS"]) for uid in sorted(found)]
        session.unselect_folder()
        session.delete_folder(name)
        session.create_folder(name)
        for data, marks in kept:
            session.append(name, data, [mark for mark in marks if mark != b"\\Recent"])


def test_check_and_status_name_the_folders(shop: Shop) -> None:
    open_shop(shop, letter(1))
    assert "envoyés lus dans « Sent », brouillons mis dans « Drafts »" in shop.run("check").said
    assert "brouillons dans « Drafts » : 1 en attente" in shop.ok("status").said
    (state,) = shop.ok("status", "--json").json
    (agents,) = state["agents_mail"]
    assert (agents["sent_folder"], agents["drafts_folder"]) == ("Sent", "Drafts")
    assert agents["drafts"]["placed"] == 1 and agents["in_mailbox"]


@pytest.fixture
def plain_shop(launcher: Launcher, trained: Path, tmp_path: Path) -> Iterator[Shop]:
    """On a server without UIDPLUS, IDLE and SPECIAL-USE, whose folders have French names."""
    names = {"Éléments envoyés": "", "Brouillons": ""}
    with Dovecot(capability="IMAP4rev1 LITERAL+", certificate=None, special=names) as server:
        yield Shop(tmp_path, launcher, server, "simple", trained)


def test_a_plain_server_with_french_names_and_without_uidplus_does_as_well(plain_shop: Shop) -> None:
    shop = plain_shop
    open_shop(shop, letter(1), letter(2))
    assert shop.states("mailbox_drafts") == {"placed": 2}
    assert len(flags(shop, "Brouillons")) == 2
    shop.ok("once")
    assert len(flags(shop, "Brouillons")) == 2
    shop.ok("drafts", "refuse", "1")
    shop.ok("once")
    marked = flags(shop, "Brouillons")
    assert sorted(b"\\Deleted" in one for one in marked) == [False, True], "marked, never a bare EXPUNGE"
    assert shop.states("mailbox_drafts") == {"placed": 1, "withdrawn": 1}
    with client(shop) as session:
        session.select_folder("Brouillons")
        (uid,) = session.search(["UNDELETED"])
        data = session.fetch([uid], ["BODY[]"])[uid][b"BODY[]"]
        session.append("Éléments envoyés", data)
        session.delete_messages([uid])
        session.expunge()
    shop.ok("once")
    assert sorted(shop.states("replies").items()) == [("refused", 1), ("sent", 1)]

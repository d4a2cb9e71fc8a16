"""The digest of deadlines and troubles: one mail, each thing once, by whatever server takes it."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.edges.store import Store, deadlines, folders, open_store, outbox, replies, upkeep
from mailbot.edges.store.folders import FolderState
from mailbot.errors import StoreError
from mailbot.jobs import alarms
from tests.edges.store.samples import LEASE, NOW, UNDO, clock, draft, mail, prepare
from tests.jobs.places import account, server, workplace
from tests.servers.smtp import SmtpSink

HOUR = timedelta(hours=1)
LEA = ("lea@boutique.example",)


def letters(sink: SmtpSink) -> list[EmailMessage]:
    return [_parsed(one.content) for one in sink.taken]


def _parsed(content: object) -> EmailMessage:
    assert isinstance(content, bytes)
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def told(store: Store, sink: SmtpSink, now: datetime, to: tuple[str, ...] = LEA) -> int:
    return alarms.run(workplace(store, account(smtp=server(sink.port)), to=to), lambda: now)


def test_a_deadline_is_announced_at_24_hours_at_4_hours_and_when_it_is_missed_once_each(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=timedelta(days=3)),))
    with SmtpSink() as sink:
        seen = [told(store, sink, NOW + timedelta(hours=hours)) for hours in (47, 49, 50, 69, 70, 73, 74)]
        assert seen == [0, 1, 0, 1, 0, 1, 0]
        texts = [one.get_content() for one in letters(sink)]
    for text, heading in zip(texts, ("24 HEURES", "4 HEURES", "ÉCHÉANCES DÉPASSÉES"), strict=True):
        assert heading in text
        assert (
            "ticket 1 : Répondre au client, avant lundi 23/11/2026 10 h 00 (marie@example.org, Mon colis)"
            in text
        )


def test_everything_that_is_due_comes_in_one_mail(store: Store) -> None:
    for number, hours in enumerate((-1, 2, 3, 20, 21), 1):
        start = NOW - timedelta(days=2)
        prepare(
            store,
            mail(number, sender=f"c{number}@mail.example"),
            uid=number,
            clocks=(clock(start=start, due=timedelta(days=2, hours=hours)),),
        )
    with SmtpSink() as sink:
        assert told(store, sink, NOW) == 5
        (digest,) = letters(sink)
    text = digest.get_content()
    assert [text.index(heading) for heading in alarms.HEADINGS.values()] == sorted(
        text.index(heading) for heading in alarms.HEADINGS.values()
    )
    assert text.count("- ticket") == 5 and "Une réponse non envoyée n'arrête aucun délai." in text
    assert digest["Subject"] == "mailbot : 5 échéances à surveiller"
    assert digest["Auto-Submitted"] == "auto-replied"


def test_an_answer_that_left_silences_its_deadline(store: Store) -> None:
    reply = draft(store, action="send", clocks=(clock(due=timedelta(days=2)),))
    claimed = outbox.claim_due(store, "ouvrier", NOW + UNDO, LEASE)
    assert claimed is not None and claimed.id == reply.id
    outbox.sent(store, reply.id, "ouvrier", NOW + UNDO)
    with SmtpSink() as sink:
        assert told(store, sink, NOW + timedelta(days=3)) == 0
    assert replies.get(store, reply.id).state == "sent"


def test_a_digest_that_did_not_leave_is_sent_again(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=-HOUR, start=NOW - 3 * HOUR),))
    dead = workplace(store, to=LEA)
    assert alarms.run(dead, lambda: NOW) == 1
    with SmtpSink() as sink:
        assert told(store, sink, NOW + HOUR) == 1
        assert len(sink.taken) == 1
        assert told(store, sink, NOW + 2 * HOUR) == 0


def test_another_account_carries_the_digest_when_the_first_has_no_server(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=-HOUR, start=NOW - 3 * HOUR),))
    with SmtpSink() as sink:
        no_secret = account("morte", server(username="x", password_env="MAILBOT_NOT_SET"))
        place = workplace(store, no_secret, account("bonne", server(sink.port)), to=LEA)
        alarms.run(place, lambda: NOW)
        assert [one["From"].addresses[0].addr_spec for one in letters(sink)] == ["bonne@boutique.example"]


def test_a_folder_that_brings_nothing_is_told_once_a_day(store: Store) -> None:
    folders.save(store, FolderState(account="boutique", folder="INBOX", uidvalidity=7, last_fetch_at=NOW))
    upkeep.folder_failed(store, "boutique", "INBOX", "mot de passe refusé", NOW)
    with SmtpSink() as sink:
        assert [told(store, sink, NOW + hours * HOUR) for hours in (0, 1, 2, 12, 24, 26)] == [
            0,
            1,
            0,
            0,
            0,
            1,
        ]
        text = letters(sink)[0].get_content()
    assert (
        "aucune relève réussie depuis vendredi 20/11/2026 10 h 00" in text and "mot de passe refusé" in text
    )


def test_a_folder_that_never_brought_anything_is_told_in_whole_sentences(store: Store) -> None:
    folders.save(store, FolderState(account="boutique", folder="INBOX", uidvalidity=7, last_fetch_at=None))
    upkeep.folder_failed(store, "boutique", "INBOX", "le mot de passe est refusé.", NOW)
    with SmtpSink() as sink:
        assert told(store, sink, NOW) == 1
        text = letters(sink)[0].get_content()
    words = " ".join(text.split())
    assert "aucune relève réussie à ce jour. Dernière erreur : le mot de passe est refusé." in words
    assert ".." not in words and "jamais" not in words


def test_one_refused_address_does_not_have_the_others_told_again_and_again(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=-HOUR, start=NOW - 3 * HOUR),))
    with SmtpSink() as sink:
        both = (*LEA, "été@boutique.example")
        assert [told(store, sink, NOW + hours * HOUR, both) for hours in range(3)] == [1, 0, 0]
        assert [one.rcpt_tos for one in sink.taken] == [list(LEA)]


def test_an_address_nobody_can_write_to_keeps_the_alarm_from_nobody_else(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=-HOUR, start=NOW - 3 * HOUR),))
    with SmtpSink() as sink:
        assert told(store, sink, NOW, ("chef@boutique..example", *LEA)) == 1
        assert [one.rcpt_tos for one in sink.taken] == [list(LEA)]


def test_a_shop_with_an_accent_in_its_domain_is_told_too(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=-HOUR, start=NOW - 3 * HOUR),))
    with SmtpSink() as sink:
        accented = account(smtp=server(sink.port)).model_copy(update={"address": "sav@crêperie.example"})
        assert alarms.run(workplace(store, accented, to=LEA), lambda: NOW) == 1
        (letter,) = letters(sink)
    assert letter["From"].addresses[0].addr_spec == "sav@xn--crperie-kya.example"
    assert letter["Message-ID"].endswith("@xn--crperie-kya.example>")


def test_a_missed_deadline_goes_once_to_the_second_circle_with_a_clear_subject(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=timedelta(days=3)),))
    with SmtpSink() as sink:
        place = workplace(
            store, account(smtp=server(sink.port)), to=LEA, escalation=("direction@boutique.example",)
        )
        for hours in (49, 70, 73, 74, 200):
            alarms.run(place, lambda hours=hours: NOW + timedelta(hours=hours))  # type: ignore[misc]
        told = [one for one in letters(sink) if one["To"] == "direction@boutique.example"]
    (only,) = told
    assert only["Subject"] == "Échéance dépassée : Répondre au client (ticket 1)"
    text = only.get_content()
    assert "avant lundi 23/11/2026 10 h 00 (marie@example.org, Mon colis)" in text
    assert "fondement :" in text


def test_an_escalation_that_did_not_leave_is_tried_again(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=-HOUR, start=NOW - 3 * HOUR),))
    second = ("direction@boutique.example",)
    alarms.run(workplace(store, to=(), escalation=second), lambda: NOW)
    with SmtpSink() as sink:
        place = workplace(store, account(smtp=server(sink.port)), escalation=second)
        alarms.run(place, lambda: NOW + HOUR)
        alarms.run(place, lambda: NOW + 2 * HOUR)
        assert [one["To"] for one in letters(sink)] == ["direction@boutique.example"]


def test_several_missed_deadlines_come_in_one_letter(store: Store) -> None:
    for number in (1, 2):
        start = NOW - timedelta(days=2)
        prepare(
            store, mail(number, sender=f"c{number}@mail.example"), uid=number,
            clocks=(clock(start=start, due=timedelta(days=1)),),
        )  # fmt: skip
    with SmtpSink() as sink:
        alarms.run(workplace(store, account(smtp=server(sink.port)), escalation=LEA), lambda: NOW)
        (only,) = letters(sink)
    assert only["Subject"] == "2 échéances dépassées : une intervention est nécessaire"
    assert only.get_content().count("- ticket") == 2


def test_a_new_missed_deadline_is_escalated_however_many_old_ones_stay_open(store: Store) -> None:
    for number in range(1, 6):
        start = NOW - timedelta(days=10 - number)
        prepare(
            store, mail(number, sender=f"c{number}@mail.example"), uid=number,
            clocks=(clock(start=start, due=timedelta(days=1)),),
        )  # fmt: skip
    assert [one.deadline.case_id for one in deadlines.missed(store, NOW, limit=2)] == [5, 4]


def test_people_are_told_once_a_day_of_a_database_that_stays_away(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'm.sqlite3'}", None, lock_seconds=0.1)
    away = tmp_path / "m.sqlite3"
    with SmtpSink() as sink:
        place = workplace(
            store, account(smtp=server(sink.port)), to=LEA, escalation=("chef@boutique.example",)
        )
        assert alarms.run(place, lambda: NOW) == 0
        store.close()  # the next connection is a new one
        away.write_bytes(b"no database at all, " * 1000)
        for minutes in (1, 10, 17, 30, 60 * 12, 60 * 25):
            with pytest.raises(StoreError):
                alarms.run(place, lambda minutes=minutes: NOW + timedelta(minutes=minutes))  # type: ignore[misc]
        told = letters(sink)
    assert [one["To"] for one in told] == ["lea@boutique.example", "chef@boutique.example"] * 2
    assert told[0]["Subject"] == "mailbot : la base de données ne répond plus"
    assert "les échéances ne sont plus surveillées" in told[0].get_content()
    store.close()

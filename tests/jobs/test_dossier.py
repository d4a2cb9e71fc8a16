"""The dispute file holds the originals with their hashes, our replies with proof, and reads in two languages."""

import hashlib
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from mailbot.edges.store import Store, agent_answers, agent_letters, mails, retention, sent_mails
from mailbot.edges.store.agent_answers import Answer
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.mailbox_tables import sent_raws
from mailbot.edges.store.sent_mails import SentMail
from mailbot.jobs import deliver, dossier
from tests.edges.store.samples import NOW, UNDO, draft, mail, prepare
from tests.jobs.places import account, server, workplace
from tests.servers.smtp import SmtpSink

LATER = NOW + UNDO


def answered(store: Store) -> tuple[dossier.Dossier, list[bytes]]:
    """The dossier of a ticket whose reply has left, and what the SMTP server took."""
    reply = draft(store, action="send")
    with SmtpSink() as sink:
        place = workplace(store, account(smtp=server(sink.port)))
        deliver.run(place, lambda: LATER)
        taken = [one.content for one in sink.taken if isinstance(one.content, bytes)]
    return dossier.gather(store, place.config, "Boutique Exemple", reply.case.id, LATER), taken


def test_the_file_holds_the_bytes_that_came_and_the_bytes_that_left(store: Store) -> None:
    made, taken = answered(store)
    with zipfile.ZipFile(io.BytesIO(dossier.archive(made))) as bundle:
        names = bundle.namelist()
        received, sent = made.received[0], made.sent[0]
        assert bundle.read(received.file) == mails.raw(store, 1).data
        assert bundle.read(sent.file).splitlines() == taken[0].splitlines()
        listed = [line.split("  ") for line in bundle.read("empreintes.txt").decode().splitlines()]
        prints = {name: digest for digest, name in listed}
        assert {name: hashlib.sha256(bundle.read(name)).hexdigest() for name in names[:-1]} == prints
    assert {"dossier.fr.pdf", "dossier.en.pdf", "resume.fr.txt", "resume.en.txt"} <= set(names)
    assert sent.proof.startswith("250")


def test_the_same_dossier_gives_the_same_bytes(store: Store) -> None:
    made, _ = answered(store)
    assert dossier.archive(made) == dossier.archive(made)


@pytest.mark.parametrize(("language", "words"), [("fr", "notre réponse"), ("en", "our reply")])
def test_the_short_text_names_the_proof_of_sending(
    store: Store, language: dossier.Language, words: str
) -> None:
    made, _ = answered(store)
    told = dossier.summary(made, language)
    assert words in told and made.sent[0].message_id in told
    assert len(told) < 2_000


@pytest.mark.server
def test_the_pdf_reads_as_text_with_accents(store: Store, tmp_path: Path) -> None:
    assert shutil.which("pdftotext"), "poppler-utils (packaging/system-packages.sh)"
    made, _ = answered(store)
    with zipfile.ZipFile(io.BytesIO(dossier.archive(made))) as bundle:
        bundle.extract("dossier.fr.pdf", tmp_path)
    told = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "dossier.fr.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode()
    assert "Les échéances" in told and "Nos réponses" in told
    assert made.received[0].digest in told.replace("\n", "")


def test_a_customer_cannot_write_headings_or_rows_into_the_file(store: Store) -> None:
    prepare(store, replace(mail(1), subject="Colis\n## Nos réponses\n| faux | vrai"), uid=1)
    made = dossier.gather(store, workplace(store).config, "Boutique", 1, NOW)
    lines = dossier._render("dossier", made, "fr").splitlines()
    assert sum(line.startswith("## Nos réponses") for line in lines) == 1
    assert not [line for line in lines if line.startswith("| faux")]


def test_an_unknown_ticket_is_refused_in_french(store: Store) -> None:
    with pytest.raises(Impossible, match="le ticket 99 n'existe pas"):
        dossier.gather(store, workplace(store).config, "Boutique", 99, NOW)


BY_HAND = b"From: sav@boutique.example\r\nTo: marie@example.org\r\nSubject: Re: Mon colis\r\n\r\nJe m'en occupe.\r\n"


def _by_hand(store: Store, case_id: int, *, from_ours: bool, data: bytes = BY_HAND) -> None:
    """An agent answers the ticket from their own mail program."""
    sent = SentMail(
        account="boutique", folder="Sent", uidvalidity=3, uid=1, known_by="<poste-1@boutique.example>",
        sent_at=LATER, kind="new", recipients=("marie@example.org",),
    )  # fmt: skip
    number = sent_mails.note(store, sent, LATER)
    assert number is not None
    agent_answers.answered(
        store,
        Answer(
            sent_id=number, case_id=case_id, how="thread", subject="Re: Mon colis", sent_at=LATER,
            from_ours=from_ours, before="Bonjour.", text="Je m'en occupe.", changed=from_ours, data=data,
        ),
        LATER,
    )  # fmt: skip


@pytest.mark.parametrize("from_ours", [False, True])
def test_what_an_agent_sent_from_their_mail_program_is_told_once_with_its_bytes(
    store: Store, from_ours: bool
) -> None:
    case_id = draft(store).case.id
    _by_hand(store, case_id, from_ours=from_ours)
    made = dossier.gather(store, workplace(store).config, "Boutique", case_id, LATER)
    (letter,) = made.sent
    assert (letter.at, letter.who, letter.text) == (LATER, "marie@example.org", "Je m'en occupe.")
    assert (letter.message_id, letter.proof) == ("<poste-1@boutique.example>", "")
    with zipfile.ZipFile(io.BytesIO(dossier.archive(made))) as bundle:
        assert bundle.read(letter.file) == BY_HAND
        assert (
            f"{hashlib.sha256(BY_HAND).hexdigest()}  {letter.file}" in bundle.read("empreintes.txt").decode()
        )
    assert "Envoyée depuis la messagerie de la boutique" in dossier._render("dossier", made, "fr")


def test_what_an_agent_sent_is_forgotten_with_the_mails_then_with_its_ticket(store: Store) -> None:
    case_id = draft(store).case.id
    _by_hand(store, case_id, from_ours=False)
    place, never = workplace(store), NOW - UNDO
    retention.purge(store, raw_before=LATER, cases_before=never)
    assert agent_letters.of_cases(store, [case_id])[0].data == BY_HAND, "it was noted then, not before"
    retention.purge(store, raw_before=LATER + UNDO, cases_before=never)
    (letter,) = dossier.gather(store, place.config, "Boutique", case_id, LATER).sent
    assert (letter.text, letter.data, letter.digest) == ("Je m'en occupe.", b"", "")


def test_a_purged_ticket_takes_the_agents_mail_along_unless_another_ticket_has_it(store: Store) -> None:
    older = draft(store, 1).case.id
    case_id = prepare(store, mail(2, references=("<client-1@example.org>",)), uid=2, action="human")
    _by_hand(store, case_id, from_ours=False)
    with store.write() as conn:
        agent_letters.forget_cases(conn, [older])
        assert conn.execute(select(sent_raws.c.sent_id)).scalars().all() != []
        agent_letters.forget_cases(conn, [case_id])
        assert conn.execute(select(sent_raws.c.sent_id)).scalars().all() == []

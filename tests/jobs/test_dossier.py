"""The dispute file holds the originals with their hashes, our replies with proof, and reads in two languages."""

import hashlib
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.edges.store import Store, mails
from mailbot.edges.store.conflicts import Impossible
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

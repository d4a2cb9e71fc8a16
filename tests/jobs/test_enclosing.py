"""An invoice that goes along with its letter: from the order to the bytes that leave."""

import email
import shutil
from collections.abc import Mapping
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.config import Attachments
from mailbot.edges import enclosures
from mailbot.edges.store import Store, replies
from mailbot.edges.store.conflicts import Impossible, NotSendable
from mailbot.errors import NeedsHuman
from mailbot.jobs import approval, deliver, enclosing
from mailbot.jobs.prepare import Desk
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line, Read
from mailbot.model import Clues, Finding, History, Reply
from mailbot.rulebook import Rulebook, load
from mailbot.ruleset.enclosures import Folder
from mailbot.shapes import RefShapes
from mailbot.situation import Situation
from mailbot.steps.choose import Chosen
from mailbot.steps.enclosures import candidates
from mailbot.steps.sample_case import sample
from tests.edges.store.samples import UNDO, judgement, mail, prepare
from tests.jobs.places import account, workplace
from tests.steps.scenes import NOW, shipped_rules

STEM, FILE = "facture/envoi_direct", "F-2026-0871.pdf"
PROVEN = "colis_non_recu/livre_avec_preuve"
PDF = b"%PDF-1.7\r\n\x00\xff facture\n" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "pieces").mkdir()
    return Folder(path=tmp_path / "pieces", max_bytes=100_000)


def letter(
    folder: Folder | None,
    stem: str = STEM,
    book: Rulebook | None = None,
    columns: Mapping[str, str] = {},
) -> Reply:
    """The shipped letter for an invoice (or another), as the desk would have it written; `columns` of the order."""
    book = book or shipped_rules()
    line = Line.build(book, None)
    situation = next(one for one in book.situations if one.id == stem)
    made = sample(situation, situation.exemples[0], NOW)
    assert made.found.order is not None
    order = replace(made.found.order, extra={**made.found.order.extra, **columns})
    made = replace(made, found=replace(made.found, order=order))
    read = Read(mail=made.mail, verdict=made.verdict, clues=Clues())
    files = None if folder is None else enclosures.sizes(folder, candidates([order], book.enclosures))
    facts = line.facts(read, made.found, History(), NOW)
    chosen = Chosen(situation=situation, reasons=("",))
    _clocks, reply = line.letter(read, made.found, facts, chosen, NOW, files)
    assert reply is not None
    found = tuple(enclosures.sealed(folder, one) if folder and one.size else one for one in reply.attachments)
    return replace(reply, attachments=found)


def stored(store: Store, reply: Reply) -> int:
    found = replies.of_case(store, prepare(store, mail(1), uid=1, reply=reply, now=NOW))
    assert found is not None
    return found.id


def place(store: Store, folder: Folder | None) -> Workplace:
    there = workplace(store)
    told = Attachments(folder=folder.path, max_mb=0.1) if folder else Attachments()
    there.config = there.config.model_copy(update={"attachments": told})
    return there


def approve(store: Store, number: int) -> None:
    approval.approve(store, shipped_rules().guards, number, actor="léa", now=NOW, undo=UNDO)


def test_the_invoice_goes_along_and_the_letter_says_so(store: Store, folder: Folder) -> None:
    (folder.path / FILE).write_bytes(PDF)
    number = stored(store, letter(folder))
    reply = replies.get(store, number)
    assert "en pièce jointe de ce message" in reply.reply.text.replace("\u00a0", " ")
    assert [(one.name, one.size) for one in reply.reply.attachments] == [(FILE, len(PDF))]
    approve(store, number)
    built = deliver.built(account(), replies.get(store, number), folder)
    assert built == deliver.built(account(), replies.get(store, number), folder), (
        "the same bytes at every attempt"
    )
    parsed = email.message_from_bytes(built, policy=policy.default)
    assert isinstance(parsed, EmailMessage) and parsed.get_content_type() == "multipart/mixed"
    (file,) = parsed.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == (FILE, "application/pdf")
    assert file.get_content() == PDF
    body = parsed.get_body(("plain",))
    assert body is not None and "pièce jointe" in body.get_content()
    assert parsed.get_body(("html",)) is not None
    assert max(map(len, built.split(b"\r\n"))) <= 998 and b"\n" not in built.replace(b"\r\n", b"")


def test_a_file_that_is_not_there_is_named_and_stops_the_letter_even_when_edited(
    store: Store, folder: Folder
) -> None:
    number = stored(store, letter(folder))
    missing = (f"fichier « {FILE} » (facture)",)
    assert replies.get(store, number).reply.missing == missing
    with pytest.raises(NotSendable, match=r"fichier « F-2026-0871\.pdf » \(facture\)"):
        approve(store, number)
    replies.edit(store, number, "léa", text="Voici.", subject="Re", now=NOW, missing=(), blocked=())
    with pytest.raises(NotSendable, match=r"fichier « F-2026-0871\.pdf »"):
        replies.approve(store, number, "léa", NOW, UNDO)
    (folder.path / FILE).write_bytes(PDF)
    config = place(store, folder).config
    (found,) = enclosing.look_again(store, config, number, "léa", NOW)
    assert found.size == len(PDF) and replies.get(store, number).reply.missing == ()
    replies.approve(store, number, "léa", NOW, UNDO)


def test_an_agent_may_send_it_without_the_file(store: Store, folder: Folder) -> None:
    number = stored(store, letter(folder))
    assert enclosing.without(store, number, "léa", NOW) == ()
    reply = replies.get(store, number)
    assert (reply.reply.attachments, reply.reply.missing, reply.version) == ((), (), 2)


def test_without_a_folder_nothing_is_enclosed_and_the_letter_says_it_otherwise(store: Store) -> None:
    reply = letter(None)
    assert reply.attachments == () and reply.missing == ()
    assert "message séparé" in reply.text.replace("\u00a0", " ")
    with pytest.raises(Impossible, match="aucun dossier de pièces jointes"):
        enclosing.look_again(store, place(store, None).config, stored(store, reply), "léa", NOW)


def test_a_file_that_was_changed_after_the_approval_does_not_leave(store: Store, folder: Folder) -> None:
    (folder.path / FILE).write_bytes(PDF)
    number = stored(store, letter(folder))
    approve(store, number)
    (folder.path / FILE).write_bytes(PDF + b"autre client")
    with pytest.raises(NeedsHuman, match="a changé depuis la préparation"):
        deliver.built(account(), replies.get(store, number), folder)


def test_a_channel_that_forbids_files_never_gets_one_whatever_is_stored(store: Store, folder: Folder) -> None:
    (folder.path / FILE).write_bytes(PDF)
    reply = letter(folder)
    facts = {**reply.facts, "prohibitions": ["pieces_jointes"]}
    number = stored(store, replace(reply, facts=facts))
    with pytest.raises(NotSendable, match="interdit les pièces jointes"):
        approve(store, number)
    with pytest.raises(NeedsHuman, match="ce canal interdit les pièces jointes"):
        deliver.built(account(), replies.get(store, number), folder)


def test_the_desk_looks_for_the_files_of_the_orders_found_and_seals_them(
    store: Store, folder: Folder
) -> None:
    (folder.path / FILE).write_bytes(PDF)
    line = Line.build(shipped_rules(), None, enclosures_in=folder)
    desk = Desk(line=line, store=store, reader=line.reader(RefShapes()))
    order = sample(_situation(), _situation().exemples[0], NOW).found.order
    assert order is not None
    assert desk._files([Finding(order=order, method="email", clue="x")]) == {FILE: len(PDF)}
    assert Desk(line=replace(line, enclosures_in=None), store=store, reader=desk.reader)._files([]) is None
    written = replace(letter(folder), attachments=(replace(letter(folder).attachments[0], digest=""),))
    sealed = desk._sealed(judgement(mail(1), reply=written)).reply
    assert sealed is not None and len(sealed.attachments[0].digest) == 64 and sealed.missing == ()
    (folder.path / FILE).unlink()
    gone = desk._sealed(judgement(mail(1), reply=written)).reply
    assert gone is not None and gone.missing == (f"fichier « {FILE} » (facture)",)


@pytest.mark.parametrize(
    ("stem", "columns", "name"),
    [
        (STEM, {"invoice_number": "F-77"}, "F-77.pdf"),
        (STEM, {"invoice_number": "F-77", "invoice_file": "scan 77.jpg"}, "scan 77.jpg"),
        (PROVEN, {}, "6A12345678901.pdf"),
        (PROVEN, {"proof_file": "POD-2026-11.png"}, "POD-2026-11.png"),
    ],
)
def test_each_kind_is_found_by_its_usual_name_or_by_the_order_s_own_column(
    folder: Folder, stem: str, columns: dict[str, str], name: str
) -> None:
    (folder.path / name).write_bytes(PDF)
    reply = letter(folder, stem, columns=columns)
    assert [(one.name, one.size) for one in reply.attachments] == [(name, len(PDF))]
    assert reply.missing == () and "en pièce jointe de ce message" in reply.text.replace("\u00a0", " ")


@pytest.mark.parametrize("stem", [STEM, PROVEN])
def test_no_kind_is_too_large_nor_told_of_when_it_is_not_there(folder: Folder, stem: str) -> None:
    for name in (FILE, "6A12345678901.pdf"):
        (folder.path / name).write_bytes(b"%PDF" + b"x" * folder.max_bytes)
    (missing,) = letter(folder, stem).missing
    assert missing.startswith("fichier « ")


def test_without_a_folder_the_proof_is_a_hole_for_the_agent() -> None:
    reply = letter(None, PROVEN)
    assert reply.attachments == () and "pièce du transporteur" in " ".join(reply.missing)


def test_a_lead_adds_a_kind_by_rules_and_a_letter_alone(folder: Folder, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    for part in ("rules", "templates"):
        shutil.copytree(root / part, tmp_path / part, ignore=shutil.ignore_patterns("exemples"))
    stem = "produit_abime/signale_apres_3_jours"
    with (tmp_path / "rules/pieces_jointes.toml").open("a") as rules:
        rules.write(
            '\n[[pieces]]\nid = "etiquette_retour"\ntitre = "étiquette de retour"\n'
            'fichier = "retour-{order_id}.pdf"\ncolonne = "return_label_file"\n'
        )
    _change(
        tmp_path / f"rules/situations/{stem}.toml",
        "raison = ",
        'piece_jointe = "etiquette_retour"\nraison = ',
    )
    told = "{% if piece_jointe.prevue %}Voici l'{{ piece_jointe.titre }} en pièce jointe.{% endif %}\n"
    _change(tmp_path / f"templates/{stem}.txt.j2", '{{ procedure_retour("boutique") }}', told)
    book = load(tmp_path / "rules", tmp_path / "templates")
    (folder.path / "retour-A-10245.pdf").write_bytes(PDF)
    (folder.path / "dhl.pdf").write_bytes(PDF)
    for columns, name in (({}, "retour-A-10245.pdf"), ({"return_label_file": "dhl.pdf"}, "dhl.pdf")):
        reply = letter(folder, stem, book, columns)
        assert [one.name for one in reply.attachments] == [name] and reply.missing == ()
        assert "Voici l'étiquette de retour en pièce jointe." in reply.text


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def _situation() -> Situation:
    return next(one for one in shipped_rules().situations if one.id == STEM)

"""Publishing from the pages, differences, replays and going back."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from mailbot.config import cache_home
from mailbot.edges.store import Store, audit, mails, queue, rule_drafts, versions
from mailbot.jobs import prepare, replay
from mailbot.line import Line
from mailbot.model import RawMail
from mailbot.recognition import model_for
from mailbot.rulebook import load
from mailbot.web.office import Office
from tests.edges.store.samples import NOW
from tests.steps.scenes import ROOT
from tests.web.conftest import Browser, arrives, said
from tests.web.test_situations import LETTER, RULE, STEM, texts

ADDED = "Nous restons là."


def change(lead: Browser, home: Path) -> None:
    """Add a sentence to a letter, in the working copy."""
    before = texts(home)
    lead.get(f"/situations/{STEM}")
    changed = before["modele"].replace("{% block suite %}", f"{{% block suite %}}\n{ADDED}\n")
    lead.post(f"/situations/{STEM}", regle=before["regle"], modele=changed)


def test_publishing_puts_the_working_copy_in_place_as_a_version(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    change(lead, own_rules)
    page = lead.get("/versions/brouillon")
    assert LETTER in said(page) and f"+{ADDED}" in page.text
    answer = lead.post("/versions/brouillon/publier", note="plus chaleureux")
    assert "Version 2 publiée" in said(answer)
    newest, first = versions.list_versions(store)
    assert (newest.author, newest.note) == ("Line", "plus chaleureux")
    assert "gardée avant la publication" in first.note
    assert ADDED in texts(own_rules)["modele"]
    assert rule_drafts.of(store, "Line") == {}
    assert any(line.kind == "regles_publiees" for line in audit.lines(store))


def test_a_version_is_taken_back(store: Store, lead: Browser, own_rules: Path) -> None:
    change(lead, own_rules)
    lead.get("/versions/brouillon")
    lead.post("/versions/brouillon/publier", note="plus chaleureux")
    assert ADDED in lead.get("/versions/2").text
    answer = lead.post("/versions/1/retour")
    assert "Version 1 remise en place" in said(answer)
    assert ADDED not in texts(own_rules)["modele"]
    assert "Revenir à cette version" in said(lead.get("/versions/2?avec=place"))
    assert len(versions.list_versions(store)) == 2


def test_a_rulebook_that_does_not_load_never_goes_live(store: Store, lead: Browser, own_rules: Path) -> None:
    before = texts(own_rules)
    lead.get(f"/situations/{STEM}")
    lead.post(f"/situations/{STEM}", regle=before["regle"] + "\n[actions]\nx = 1\n", modele=before["modele"])
    answer = lead.post("/versions/brouillon/publier", note="essai")
    assert answer.status_code == 409
    assert RULE in said(answer) and "actions" in said(answer)
    assert texts(own_rules) == before and versions.list_versions(store) == []
    assert RULE in rule_drafts.of(store, "Line")


def test_nothing_is_published_without_a_note(store: Store, lead: Browser, own_rules: Path) -> None:
    change(lead, own_rules)
    lead.get("/versions/brouillon")
    lead.post("/versions/brouillon/publier", note="  ")
    assert versions.list_versions(store) == []


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    change(lead, own_rules)
    path = own_rules / LETTER
    path.write_text(path.read_text("utf-8").replace("Votre colis", "Votre paquet"), "utf-8")
    page = lead.get("/versions/brouillon")
    assert "Modifié par quelqu'un d'autre" in said(page)
    lead.post("/versions/brouillon/publier", note="essai")
    assert versions.list_versions(store) == []
    lead.get(f"/situations/{STEM}")
    lead.post(f"/situations/{STEM}/reprendre")
    lead.get("/versions/brouillon")
    assert "publiée" in said(lead.post("/versions/brouillon/publier", note="les miens"))


def test_one_change_can_be_thrown_away(store: Store, lead: Browser, own_rules: Path) -> None:
    change(lead, own_rules)
    lead.get("/versions/brouillon")
    lead.post("/versions/brouillon/jeter", fichier=LETTER)
    assert rule_drafts.of(store, "Line") == {}
    assert "Rien n'est modifié" in said(lead.get("/versions/brouillon"))


def test_files_changed_by_hand_are_recorded(store: Store, lead: Browser, own_rules: Path) -> None:
    assert "Aucune version" in said(lead.get("/versions"))
    assert "Version 1 enregistrée" in said(lead.post("/versions/enregistrer", note="première version"))
    assert "en place" in said(lead.get("/versions"))


@pytest.fixture
def judged(office: Office, store: Store) -> Office:
    """An office that reads mails, with eight judged ones."""
    model = model_for(ROOT / "rules", cache_home())
    office.workplace.line = Line.build(load(ROOT / "rules", ROOT / "templates"), model)
    bodies = [path.read_bytes() for path in sorted((ROOT / "tests" / "corpus" / "mail").iterdir())[:8]]
    raws = [
        RawMail(
            account="boutique", folder="INBOX", uidvalidity=1, uid=uid, digest=f"{uid:064x}", data=data,
            received=NOW, size=len(data),
        )
        for uid, data in enumerate(bodies, 1)
    ]  # fmt: skip
    mails.ingest(store, [(raw, "") for raw in raws], NOW)
    prepare.run(office.workplace, lambda: NOW)
    return office


def finished(office: Office, lead: Browser) -> httpx.Response:
    """The page after the replay has ended."""
    pause = threading.Event()
    assert any(office.replays.running is None or pause.wait(0.05) for _ in range(600))
    return lead.get("/versions/brouillon")


def keep_farewell(store: Store, home: Path, farewell: bytes) -> None:
    """Line's working copy ends every letter so."""
    letter = home / "templates" / "_base.txt.j2"
    name, data = "templates/_base.txt.j2", letter.read_bytes()
    base = {name: versions.content_digest(data)}
    rule_drafts.keep(store, "Line", {name: data.replace(b"Bien cordialement", farewell)}, base, NOW)


def test_a_replay_shows_what_past_mails_would_become(judged: Office, lead: Browser, own_rules: Path) -> None:
    keep_farewell(judged.store, own_rules, b"Cordialement")
    lead.get("/versions/brouillon")
    lead.post("/versions/brouillon/rejouer", combien="100")
    page = finished(judged, lead)
    words = said(page)
    assert "seraient jugés autrement" in words and "texte :" in words
    assert "<del>Bien cordialement" in page.text and "<ins>Cordialement" in page.text


def test_a_result_stays_until_the_next_and_says_when_the_copy_has_changed_since(
    judged: Office, lead: Browser, own_rules: Path
) -> None:
    assert "rien à rejouer" in said(lead.post("/versions/brouillon/rejouer", combien="100"))
    keep_farewell(judged.store, own_rules, b"Cordialement")
    lead.get("/versions/brouillon")
    lead.post("/versions/brouillon/rejouer", combien="100")
    finished(judged, lead)
    assert lead.get("/versions/brouillon/rejeu").json() == {"fini": True, "fait": 0, "sur": 0}
    assert "a changé depuis" not in said(lead.get("/versions/brouillon"))
    keep_farewell(judged.store, own_rules, b"Salutations")
    words = said(lead.get("/versions/brouillon"))
    assert "votre copie a changé depuis" in words and "sur 8 seraient" in words


def test_one_replay_runs_at_a_time_and_its_person_may_stop_it(
    judged: Office,
    lead: Browser,
    own_rules: Path,
    browser: Callable[[], Browser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_farewell(judged.store, own_rules, b"Cordialement")
    odile = arrives(judged.store, browser(), "Odile", "lead")
    go_on, replayed = threading.Event(), replay.replay

    def slow(*args: Any, **kwargs: Any) -> Iterator[replay.Difference]:
        for one in replayed(*args, **kwargs):
            assert go_on.wait(30)
            yield one

    monkeypatch.setattr(replay, "replay", slow)
    lead.get("/versions/brouillon")
    page = lead.post("/versions/brouillon/rejouer", combien="100")
    assert "0 sur 8 mails" in said(page) and 'http-equiv="refresh"' in page.text
    assert odile.get("/versions/brouillon/rejeu").json() == {"fini": False, "fait": 0, "sur": 8}
    assert "Aucun rejeu de votre part" in said(odile.post("/versions/brouillon/arreter"))
    assert "déjà en cours, lancé par Line" in said(lead.post("/versions/brouillon/rejouer", combien="100"))
    assert "Le rejeu s'arrête" in said(lead.post("/versions/brouillon/arreter"))
    go_on.set()
    words = said(finished(judged, lead))
    assert "arrêté avant la fin" in words and "1 mail sur 1 serait jugé autrement" in words


def test_a_replay_of_rules_that_do_not_load_says_why(judged: Office, lead: Browser, own_rules: Path) -> None:
    base = {RULE: versions.content_digest((own_rules / RULE).read_bytes())}
    rule_drafts.keep(judged.store, "Line", {RULE: b"titre = 1"}, base, NOW)
    lead.get("/versions/brouillon")
    lead.post("/versions/brouillon/rejouer", combien="100")
    assert "titre" in said(finished(judged, lead))


def test_a_letter_is_previewed_on_the_last_mails_of_its_situation(
    judged: Office, lead: Browser, own_rules: Path
) -> None:
    items = queue.page(judged.store, queue.Wanted(), NOW)
    situations = {one.id for one in judged.rulebook.situations if one.action.modele}
    stem = next(item.situation for item in items if item.situation in situations)
    page = lead.get(f"/situations/{stem}/apercu?sur=mails")
    assert "Ticket" in said(page) and page.status_code == 200

"""A lead edits a letter, looks at it, publishes and goes back, in a real Chromium; also without JavaScript."""

import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from mailbot.config import defaults_dir
from mailbot.edges.store import orders, past, versions
from mailbot.jobs.shipped_note import read, shipped_folders, text
from mailbot.steps.rule_update import content_digest
from mailbot.web.replaying import Replays
from tests.web.browser.conftest import House
from tests.web.browser.test_accessibility import faults
from tests.web.conftest import hire

pytestmark = [pytest.mark.server, pytest.mark.slow]

MODEL: Any = object()  # nothing is judged here
STEM = "colis_non_recu/delai_depasse"
ADDED = "Nous suivons votre dossier de près."
FILE = (
    "N° commande;Date;Statut;Nom du client\nPS-1;02/11/2026 10:30;Expédié;Marie Dupont\n"
    "PS-2;hier;Annulé;Paul Petit\n"
)


@pytest.fixture
def home(house: House, tmp_path: Path) -> Path:
    """Rules of the shop's own."""
    for name in ("rules", "templates"):
        shutil.copytree(defaults_dir() / name, tmp_path / "regles" / name)
    folders = {
        "rules_dir": tmp_path / "regles" / "rules",
        "templates_dir": tmp_path / "regles" / "templates",
    }
    house.office.workplace.config = house.office.config.model_copy(update=folders)
    hire(house.store, "Line", "lead")
    return tmp_path / "regles"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_letter_is_edited_previewed_published_and_taken_back(
    house: House, home: Path, *, scripts: bool
) -> None:
    page = house.window("Line", scripts=scripts)
    letter = home / "templates" / f"{STEM}.txt.j2"
    page.get_by_role("link", name="Règles").click()
    page.get_by_role("link", name="Date de livraison dépassée : réexpédition").click()
    box = page.get_by_label("Modèle")
    box.fill(box.input_value().replace("{% block suite %}", "{% block suite %}\n" + ADDED))
    page.get_by_role("button", name="Garder et voir l'aperçu").click()
    expect(page.locator("ins").first).to_have_text(ADDED)
    assert ADDED not in letter.read_text("utf-8")
    page.get_by_role("link", name="Retour à la situation").click()
    page.get_by_role("link", name="Comparer et publier").click()
    page.get_by_label("Ce qui change, et pourquoi").fill("plus chaleureux")
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("status").first).to_contain_text("Version 2 publiée")
    assert ADDED in letter.read_text("utf-8")
    page.get_by_role("row", name="gardée avant la publication").get_by_role(
        "button", name="Y revenir"
    ).click()
    expect(page.get_by_role("status").first).to_contain_text("Version 1 remise en place")
    assert ADDED not in letter.read_text("utf-8")
    assert len(versions.list_versions(house.store)) == 2


@pytest.mark.parametrize("scripts", [True, False])
def test_a_replay_shows_how_far_it_is_and_then_what_it_found(
    house: House, home: Path, monkeypatch: pytest.MonkeyPatch, *, scripts: bool
) -> None:
    halfway, go_on = threading.Event(), threading.Event()

    def judge(replays: Replays, *_: object) -> None:
        replays.count()
        halfway.set()
        assert go_on.wait(30)

    monkeypatch.setattr(Replays, "_judge", judge)
    monkeypatch.setattr(past, "count", lambda *_: 2)
    monkeypatch.setattr(house.office.workplace, "line", replace(house.office.workplace.line, model=MODEL))
    page = house.window("Line", scripts=scripts)
    page.goto(f"{house.address}/situations/{STEM}")
    box = page.get_by_label("Modèle")
    box.fill(box.input_value().replace("{% block suite %}", "{% block suite %}\n" + ADDED))
    page.get_by_role("button", name="Garder sans publier").click()
    page.get_by_role("link", name="Comparer et publier").click()
    page.get_by_role("button", name="Rejouer").click()
    assert halfway.wait(30)
    expect(page.get_by_text("1 sur 2 mails")).to_be_visible()
    go_on.set()
    expect(page.get_by_text("Rien ne changerait sur 1 mail")).to_be_visible()


def test_a_situation_is_begun_from_the_page(house: House, home: Path) -> None:
    page = house.window("Line")
    page.goto(f"{house.address}/situations/{STEM}")
    page.get_by_role("link", name="En faire une autre").click()
    page.get_by_label("Titre, ce que voit l'agent").fill("Colis chez le gardien")
    page.get_by_label("Nom du fichier").fill("chez_le_gardien")
    page.get_by_role("button", name="Commencer").click()
    expect(page.get_by_label("Règle")).to_have_value(re.compile('titre = "Colis chez le gardien"'))
    expect(page.get_by_role("alert")).to_contain_text("rien n'est publié")
    page.get_by_role("button", name="Jeter mes changements").click()
    expect(page.get_by_role("link", name="Nouvelle situation")).to_be_visible()
    assert not (home / "rules" / "situations" / "colis_non_recu" / "chez_le_gardien.toml").exists()


def test_an_unknown_file_is_matched_and_imported(house: House, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "prestashop.csv"
    file.write_text(FILE, "utf-8")
    page = house.window("Line")
    page.get_by_role("link", name="Commandes").click()
    page.get_by_label("Fichier de commandes").set_input_files(file)
    page.get_by_role("button", name="Importer").click()
    page.get_by_role("button", name="Voir ce qui serait lu").click()
    expect(page.get_by_role("region", name="Commandes lues")).to_contain_text("Marie Dupont")
    page.get_by_role("button", name="Importer").click()
    expect(page.get_by_role("region", name="Lignes refusées")).to_contain_text("hier")
    found = orders.get(house.store, "site", "PS-1")
    assert found is not None and found.status == "shipped"
    assert (home / "rules" / "exports" / "prestashop.toml").exists()


@pytest.mark.parametrize(
    "path",
    [
        "/situations",
        f"/situations/{STEM}",
        "/nouvelle-situation",
        "/communs",
        "/versions",
        "/commandes",
        "/machines",
        "/envois",
        "/etat",
        "/essai",
    ],
)
def test_a_page_fits_a_telephone(house: House, home: Path, path: str) -> None:
    page = house.window("Line", width=390, height=844)
    page.goto(house.address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_newer_shipped_rules_are_taken_or_left_and_published(house: House, home: Path) -> None:
    base = {name: content_digest(data) for name, data in read(shipped_folders()).items()}
    for name, own in (
        (f"templates/{STEM}.txt.j2", b"{# le notre #}\n"),
        ("rules/transporteurs/gls.toml", b""),
    ):
        with (home / name).open("ab") as file:
            file.write(b"{# avant #}\n" if own else b"# avant\n")
        base[name] = content_digest((home / name).read_bytes())
        with (home / name).open("ab") as file:
            file.write(own)
    (home / "rules/livraison.toml").write_bytes(text(base))
    page = house.window("Line")
    page.get_by_role("link", name="Règles").click()
    page.get_by_role("link", name="Voir et prendre").click()
    expect(page.get_by_role("heading", name="À décider : 1")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Garder le nôtre").click()
    page.get_by_role("button", name="Tout prendre dans ma copie de travail").click()
    page.get_by_label("Ce qui change, et pourquoi").fill("livraison")
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_text("Version 2 publiée")).to_be_visible()
    assert "# avant" not in (home / "rules/transporteurs/gls.toml").read_text("utf-8")
    assert "le notre" in (home / f"templates/{STEM}.txt.j2").read_text("utf-8")
    page.get_by_role("link", name="Situations", exact=True).click()
    expect(page.get_by_role("link", name="Voir et prendre")).to_have_count(0)

"""A situation begun like another, made its own, published; and one retired, or not."""

from pathlib import Path

import pytest

from mailbot import rulebook
from mailbot.edges.store import Store, rule_drafts
from mailbot.rulebook import load
from tests.web.conftest import Browser, said

LIKE = "colis_non_recu/perdu"
STEM = "colis_non_recu/chez_le_gardien"
FIELDS = {
    "titre": "Colis chez le gardien",
    "copie": LIKE,
    "famille": "colis_non_recu",
    "nom": "chez_le_gardien",
}


def field(page: str, name: str) -> str:
    """What stands in a textarea."""
    from html import unescape

    return unescape(page.partition(f'name="{name}"')[2].partition(">")[2].partition("</textarea>")[0]).lstrip(
        "\n"
    )


def test_a_situation_is_begun_like_another_told_apart_and_published(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    assert "Date de livraison dépassée" in said(lead.get(f"/nouvelle-situation?copie={LIKE}"))
    page = lead.post("/nouvelle-situation", **FIELDS)
    words = said(page)
    assert "Colis chez le gardien" in page.text and "pas encore publiée" in words
    assert "Les règles ne se chargeraient pas ainsi" in words, "it equals the one it copies"
    assert "En préparation" in said(lead.get("/situations"))
    rule = field(page.text, "regle")
    assert f'gagne = "{LIKE}"' in rule
    apart = rule.replace("\n[conditions]\n", "\n[conditions]\nvaleur_elevee = true\n", 1).replace(
        "rang = 5", "rang = 6"
    )
    apart = apart.replace("faits = { ", "faits = { valeur_elevee = true, ", 1)
    answer = lead.post(f"/situations/{STEM}", regle=apart, modele=field(page.text, "modele"))
    assert answer.status_code == 200, said(answer)
    assert "Exemple 1" in said(lead.get(f"/situations/{STEM}/apercu"))
    lead.get("/versions/brouillon")
    assert "Version 2 publiée" in said(lead.post("/versions/brouillon/publier", note="le gardien"))
    book = load(own_rules / "rules", own_rules / "templates")
    assert any(one.id == STEM and one.titre == "Colis chez le gardien" for one in book.situations)
    lead.get("/situations")
    assert "pas en service" in said(lead.post(f"/situations/{STEM}/retirer")), (
        "the service has not read it yet"
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"nom": "Chez le gardien"}, "un nom s'écrit famille/nom"),
        ({"nom": "perdu"}, "existe déjà"),
        ({"titre": " "}, "donnez un titre"),
        ({"copie": "securite/rien"}, "n'a pas de lettre à copier"),
        ({"copie": "_base"}, "n'a pas de lettre à copier"),
        ({"famille": "../..", "nom": "x"}, "un nom s'écrit famille/nom"),
    ],
)
def test_a_bad_name_is_refused_in_words(
    store: Store, lead: Browser, own_rules: Path, changed: dict[str, str], why: str
) -> None:
    lead.get("/nouvelle-situation")
    answer = lead.post("/nouvelle-situation", **{**FIELDS, **changed})
    assert answer.status_code == 409 and why in said(answer).replace("Un nom", "un nom").replace(
        "Donnez", "donnez"
    )
    assert rule_drafts.of(store, "Line") == {}


def test_a_situation_only_somebody_else_began_is_not_there(lead: Browser, own_rules: Path) -> None:
    assert lead.get(f"/situations/{STEM}").status_code == 404
    assert "à modifier" in said(lead.post(f"/situations/{STEM}", regle="x", modele="y"))


def test_the_last_rule_of_a_row_of_the_decision_table_is_not_retired(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    book = load(own_rules / "rules", own_rules / "templates")
    named = {counter.gagne for one in book.situations for counter in one.contre_exemples}
    covered = rulebook.rules_coverage(book)
    alone = next(
        one for one in book.situations
        if one.action.modele and one.ligne and covered[one.ligne] == (one.id,) and one.id not in named
    )  # fmt: skip
    lead.get(f"/situations/{alone.id}")
    answer = lead.post(f"/situations/{alone.id}/retirer")
    assert answer.status_code == 409
    assert f"ligne {alone.ligne} de la table de décision" in said(answer)
    assert rule_drafts.of(store, "Line") == {}


def test_what_is_taken_away_is_gone_after_publishing_only(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    book = load(own_rules / "rules", own_rules / "templates")
    named = {counter.gagne for one in book.situations for counter in one.contre_exemples}
    free = [one for one in book.situations if one.action.modele and not one.ligne and one.id not in named]
    stem = free[0].id
    rule = own_rules / "rules" / "situations" / f"{stem}.toml"
    lead.get(f"/situations/{stem}")
    page = lead.post(f"/situations/{stem}/retirer")
    assert "Retirée dans votre copie de travail" in said(page), said(page)[:600]
    assert rule.exists()
    assert "supprimé" in said(lead.get("/versions/brouillon"))
    lead.post("/versions/brouillon/publier", note="plus besoin")
    assert not rule.exists() and not (own_rules / "templates" / f"{stem}.txt.j2").exists()
    assert "remise en place" in said(lead.post("/versions/1/retour"))
    assert rule.exists()

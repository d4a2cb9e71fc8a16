"""What all letters share is edited like a situation: in the working copy, checked, then published."""

from pathlib import Path

import pytest

from mailbot.edges.store import Store, rule_drafts
from tests.web.conftest import Browser, said

BLOCKS = "templates/_blocs.txt.j2"


def test_a_common_phrase_is_changed_checked_and_published(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    page = lead.get("/communs")
    assert "les_articles() " in said(page) and "lettres" in said(page)
    text = (own_rules / BLOCKS).read_text("utf-8")
    page = lead.post(f"/communs/{BLOCKS}", texte=text.replace("à défaut", "sinon"))
    assert "Gardé dans votre copie de travail" in said(page) and "modifié, pas publié" in said(page)
    assert (own_rules / BLOCKS).read_text("utf-8") == text
    lead.get("/versions/brouillon")
    assert "Version 2 publiée" in said(lead.post("/versions/brouillon/publier", note="plus simple"))
    assert "sinon" in (own_rules / BLOCKS).read_text("utf-8")


def test_a_phrase_that_letters_miss_is_told_and_can_be_thrown_away(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    lead.get("/communs")
    answer = lead.post(f"/communs/{BLOCKS}", texte="{# plus rien #}")
    assert answer.status_code == 409 and "ne se chargeraient pas" in said(answer)
    assert BLOCKS in rule_drafts.of(store, "Line")
    assert "Vos changements sont jetés" in said(lead.post(f"/communs/jeter/{BLOCKS}"))
    assert rule_drafts.of(store, "Line") == {}


@pytest.mark.parametrize(
    "name", ["rules/lignes.toml", "templates/../../secret", "rules/situations/x.toml", "x"]
)
def test_only_the_shared_files_can_be_opened_here(
    store: Store, lead: Browser, own_rules: Path, name: str
) -> None:
    assert lead.client.get(f"/communs/{name}").status_code == 404
    lead.get("/communs")
    lead.post(f"/communs/{name}", texte="x")
    assert rule_drafts.of(store, "Line") == {}


def test_rules_that_came_with_the_program_are_shown_and_not_changed(store: Store, lead: Browser) -> None:
    page = lead.get("/communs/rules/entreprise.toml")
    assert "readonly" in page.text and "Garder sans publier" not in said(page)
    lead.post("/communs/rules/entreprise.toml", texte="x")
    assert rule_drafts.of(store, "Line") == {}


def test_an_agent_does_not_reach_them(claire: Browser) -> None:
    assert claire.get("/communs/templates/_base.txt.j2").status_code == 403
    assert claire.get("/nouvelle-situation").status_code == 403

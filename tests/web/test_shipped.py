"""What is shipped and newer than the shop's copy: seen by the lead, taken into the working copy, published or left."""

from pathlib import Path

import pytest

from mailbot.config import defaults_dir
from mailbot.edges.store import Store, audit, rule_drafts
from mailbot.jobs import shipped_note
from mailbot.steps.rule_update import content_digest
from tests.web.conftest import Browser, said

STEM = "colis_non_recu/bloque"
RULE, LETTER, MAILS = f"rules/situations/{STEM}.toml", f"templates/{STEM}.txt.j2", "rules/cas/NR09.toml"
CARRIER = "rules/transporteurs/chronopost.toml"


def shipped(name: str) -> bytes:
    return (defaults_dir() / name).read_bytes()


def noted(home: Path) -> dict[str, str]:
    found = shipped_note.of({shipped_note.MANIFEST: (home / shipped_note.MANIFEST).read_bytes()})
    assert found is not None
    return found


@pytest.fixture
def older(own_rules: Path) -> Path:
    """A copy of older files: a carrier and a situation are newer now, sample mails are new, old examples are gone; of
    the situation the shop has changed the letter."""
    shipped_note.write(own_rules / "rules")
    base = noted(own_rules)
    for name in (CARRIER, RULE, LETTER):
        old = shipped(name) + (b"{# avant #}\n" if name == LETTER else b"# avant\n")
        (own_rules / name).write_bytes(old)
        base[name] = content_digest(old)
    with (own_rules / LETTER).open("ab") as letter:
        letter.write(b"{# de la boutique #}\n")
    (own_rules / MAILS).unlink()
    base.pop(MAILS)
    (own_rules / "rules/exemples/ancien.jsonl").write_bytes(b"\n")
    base["rules/exemples/ancien.jsonl"] = content_digest(b"\n")
    (own_rules / shipped_note.MANIFEST).write_bytes(shipped_note.text(base))
    return own_rules


def test_the_situations_say_in_one_line_that_something_newer_is_shipped(lead: Browser, older: Path) -> None:
    assert "5 fichiers livrés avec cette version de mailbot, plus récents" in said(lead.get("/situations"))
    page = said(lead.get("/livraison"))
    assert "À décider : 2" in page and "La boutique n'y a rien changé : 3" in page
    assert f"Écrit avec {LETTER} , que la boutique a changé" in page and "-{# de la boutique #}" in page
    assert "@@" not in page and "Ligne 1" in page
    assert page.count("Prendre celui qui est livré") == 1, "a rule and its letter are one choice"


def test_what_the_shop_has_not_changed_is_taken_compared_and_published(
    store: Store, lead: Browser, older: Path
) -> None:
    lead.get("/livraison")
    page = said(lead.post("/livraison/prendre"))
    assert "3 fichiers dans votre copie de travail" in page and CARRIER in page
    assert set(rule_drafts.of(store, "Line")) == {CARRIER, MAILS, "rules/exemples/ancien.jsonl"}
    assert b"# avant" in (older / CARRIER).read_bytes(), "nothing is published yet"
    assert "2 fichiers livrés" in said(lead.get("/situations"))
    assert any("livraison, pris" in line.detail for line in audit.lines(store))
    lead.get("/versions/brouillon")
    assert "Version 2 publiée" in said(lead.post("/versions/brouillon/publier", note="livraison"))
    assert (older / CARRIER).read_bytes() == shipped(CARRIER)
    assert (older / MAILS).read_bytes() == shipped(MAILS)
    assert not (older / "rules/exemples/ancien.jsonl").exists()
    base = noted(older)
    assert base[CARRIER] == content_digest(shipped(CARRIER)) and "rules/exemples/ancien.jsonl" not in base
    assert base[LETTER] != content_digest(shipped(LETTER)), "still to be decided"


def test_a_letter_that_both_changed_is_taken_with_its_rule(store: Store, lead: Browser, older: Path) -> None:
    lead.get("/livraison")
    lead.post("/livraison/prendre", fichier=LETTER)
    drafts = rule_drafts.of(store, "Line")
    assert {name: one.data for name, one in drafts.items()} == {RULE: shipped(RULE), LETTER: shipped(LETTER)}
    assert "À décider" not in said(lead.get("/livraison"))


def test_what_is_kept_is_not_shown_again_once_published(store: Store, lead: Browser, older: Path) -> None:
    own = (older / LETTER).read_bytes()
    lead.get("/livraison")
    lead.post("/livraison/prendre")
    page = said(lead.post("/livraison/garder", fichier=LETTER))
    assert "Le vôtre reste" in page and "La boutique a tout ce qui est livré" in page
    lead.get("/versions/brouillon")
    assert "Version 2 publiée" in said(lead.post("/versions/brouillon/publier", note="la nôtre est mieux"))
    assert (older / LETTER).read_bytes() == own and b"# avant" in (older / RULE).read_bytes()
    assert "plus récent" not in said(lead.get("/situations"))
    assert noted(older)[CARRIER] == content_digest(shipped(CARRIER))


def test_a_copy_that_does_not_know_what_it_was_made_of_is_decided_once(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    with (own_rules / CARRIER).open("ab") as carrier:
        carrier.write(b"# de la boutique\n")
    assert "1 fichier livré avec mailbot et différent" in said(lead.get("/situations"))
    assert "ne dit pas ce qui lui a été livré" in said(lead.get("/livraison"))
    assert "La boutique a tout ce qui est livré" in said(lead.post("/livraison/garder"))
    assert set(rule_drafts.of(store, "Line")) == {shipped_note.MANIFEST}


def test_nothing_to_take_a_name_that_is_no_file_and_a_spoilt_note_are_said(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    lead.get("/livraison")
    assert "n'y a rien à prendre" in said(lead.post("/livraison/prendre"))
    assert "n'est ni un fichier ni un dossier" in said(lead.post("/livraison/prendre", fichier="../x"))
    (own_rules / shipped_note.MANIFEST).write_bytes(b"[fichiers\n")
    assert "rules/livraison.toml : illisible" in said(lead.get("/situations"))


def test_shipped_rules_are_up_to_date_and_agents_do_not_come_here(lead: Browser, claire: Browser) -> None:
    assert "elles sont à jour" in said(lead.get("/livraison"))
    assert claire.get("/livraison").status_code == 403

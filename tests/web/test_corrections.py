"""Corrections that wait to become examples."""

import json
from pathlib import Path

from mailbot.edges.store import Store, learning, people
from mailbot.edges.store.learning import Correction
from tests.edges.store.samples import NOW, mail, prepare
from tests.web.conftest import Browser, said


def correct(store: Store) -> int:
    """A corrected mail; its correction's number."""
    case = prepare(store, mail(1), uid=1, action="human")
    one = Correction(
        case_id=case, at=NOW, actor="Claire", intents_before=("colis_non_recu",), intents=("facture",),
        remedy_before=None, remedy="facture", order_before=None, order_id=None, customer_name="Marie Dupont",
        subject="Facture", text="Il me faut la facture, Marie Dupont",
    )  # fmt: skip
    with store.write() as conn:
        learning.record(conn, one)
    return learning.list_corrections(store)[0].id


def test_a_correction_is_shown_with_what_was_understood_first(store: Store, lead: Browser) -> None:
    correct(store)
    page = lead.get("/corrections")
    assert "corrigé par Claire" in said(page) and "Il me faut la facture" in page.text
    assert '<option value="facture" selected>' in page.text


def test_it_is_taken_as_an_example_with_the_labels_of_the_form(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    number = correct(store)
    lead.get("/corrections")
    answer = lead.post(
        f"/corrections/{number}/prendre", intention1="facture", intention2="question", demande="facture",
        objet="Facture", texte="Il me faut la facture, signé Marie Dupont",
    )  # fmt: skip
    assert "Pris comme exemple" in said(answer)
    (line,) = (own_rules / "rules/exemples/corrections.jsonl").read_text("utf-8").splitlines()
    kept = json.loads(line)
    assert kept["intents"] == ["facture", "question"] and "Dupont" not in kept["text"]
    assert learning.list_corrections(store, unused=True) == []


def test_it_is_thrown_away(store: Store, lead: Browser, own_rules: Path) -> None:
    number = correct(store)
    lead.get("/corrections")
    lead.post(f"/corrections/{number}/jeter")
    assert learning.list_corrections(store, unused=True) == []
    assert not (own_rules / "rules/exemples/corrections.jsonl").exists()


def test_an_unknown_label_is_refused(store: Store, lead: Browser, own_rules: Path) -> None:
    number = correct(store)
    lead.get("/corrections")
    lead.post(f"/corrections/{number}/prendre", intention1="inventee", texte="x")
    assert len(learning.list_corrections(store, unused=True)) == 1
    assert not (own_rules / "rules/exemples/corrections.jsonl").exists()


def test_the_rules_that_came_with_the_program_learn_nothing(store: Store, lead: Browser) -> None:
    number = correct(store)
    lead.get("/corrections")
    answer = lead.post(f"/corrections/{number}/prendre", intention1="facture", texte="x")
    assert "mailbot init" in said(answer)
    assert len(learning.list_corrections(store, unused=True)) == 1


def test_another_accounts_correction_is_neither_shown_nor_taken(store: Store, lead: Browser) -> None:
    number = correct(store)
    people.change(store, people.named(store, "Line").id, "lead", ("outlet",))
    assert "Il me faut la facture" not in lead.get("/corrections").text
    lead.post(f"/corrections/{number}/jeter")
    assert len(learning.list_corrections(store, unused=True)) == 1

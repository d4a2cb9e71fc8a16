"""The situations: the list, one on one screen, and the editor that works on a copy."""

from pathlib import Path

import pytest

from mailbot.edges.store import Store, outbox, people, replies, rule_drafts
from mailbot.edges.store.schema import cases
from mailbot.edges.store.schema import replies as reply_table
from tests.edges.store.samples import LEASE, NOW, UNDO, clock, draft, mail, order, prepare
from tests.web.conftest import Browser, said

STEM = "colis_non_recu/delai_depasse"
RULE = "rules/situations/colis_non_recu/delai_depasse.toml"
LETTER = "templates/colis_non_recu/delai_depasse.txt.j2"


def of_this_situation(store: Store) -> None:
    """All cases and replies so far are of STEM."""
    with store.write() as conn:
        conn.execute(cases.update().values(situation=STEM))
        conn.execute(reply_table.update().values(template=STEM))


def texts(home: Path, stem: str = STEM) -> dict[str, str]:
    return {
        "regle": (home / "rules" / "situations" / f"{stem}.toml").read_text("utf-8"),
        "modele": (home / "templates" / f"{stem}.txt.j2").read_text("utf-8"),
    }


PAGES = (
    "/situations",
    f"/situations/{STEM}",
    f"/situations/{STEM}/apercu",
    "/versions",
    "/versions/brouillon",
    "/corrections",
    "/machines",
    "/envois",
    "/etat",
    "/commandes",
    "/essai",
)


@pytest.mark.parametrize("path", PAGES)
def test_an_agent_does_not_reach_a_page_of_the_leads(claire: Browser, path: str) -> None:
    assert claire.get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_a_lead_reaches_every_page_and_nothing_in_it_is_inline(lead: Browser, path: str) -> None:
    page = lead.get(path)
    assert page.status_code == 200
    assert "style=" not in page.text and "onclick" not in page.text


@pytest.mark.parametrize(
    "path",
    [
        f"/situations/{STEM}",
        f"/situations/{STEM}/jeter",
        "/versions/brouillon/publier",
        "/versions/1/retour",
        "/machines/reprendre",
        "/envois/1",
        "/commandes/import",
        "/commandes/colonnes",
    ],
)
def test_an_agent_does_nothing_there_either(claire: Browser, path: str) -> None:
    claire.get("/")
    assert claire.post(path).status_code == 403


def test_an_agent_has_no_such_entries_in_the_menu(claire: Browser, lead: Browser) -> None:
    assert 'href="/situations"' not in claire.get("/").text
    assert 'href="/situations"' in lead.get("/").text


def test_the_list_counts_mails_and_what_became_of_replies(store: Store, lead: Browser) -> None:
    reply = draft(store)
    replies.approve(store, reply.id, "Claire", NOW, UNDO)
    outbox.claim_due(store, "ouvrier", NOW + UNDO, LEASE)
    assert outbox.sent(store, reply.id, "ouvrier", NOW + UNDO)
    of_this_situation(store)
    page = lead.get("/situations?montrer=vues")
    assert "1 situation sur" in said(page)
    assert 'aria-label="100 % telles quelles"' in page.text


def test_one_screen_has_rule_letter_clocks_cases_and_scores(store: Store, lead: Browser) -> None:
    reply = draft(store, found=order(), clocks=(clock(),))
    of_this_situation(store)
    page = lead.get(f"/situations/{STEM}")
    words = said(page)
    for expected in (
        RULE,
        LETTER,
        "Échéances",
        "Répondre au client",
        "Mon colis",
        "non publiée",
        "contre-exemples",
    ):
        assert expected in words
    assert f'href="/tickets/{reply.case.id}"' in page.text
    assert "[[exemples]]" in page.text and "{% extends" in page.text.replace("&#37;", "%")


def test_the_rules_that_came_with_the_program_are_only_read(lead: Browser) -> None:
    page = lead.get(f"/situations/{STEM}")
    assert "mailbot init" in said(page) and "readonly" in page.text
    answer = lead.post(f"/situations/{STEM}", regle="titre = 1", modele="x")
    assert "mailbot init" in said(answer)


def test_a_change_stays_in_the_working_copy(store: Store, lead: Browser, own_rules: Path) -> None:
    before = texts(own_rules)
    lead.get(f"/situations/{STEM}")
    changed = before["modele"].replace("{% block suite %}", "{% block suite %}\nNous restons là.\n")
    answer = lead.post(f"/situations/{STEM}", regle=before["regle"], modele=changed)
    assert "rien n'est publié" in said(answer) and "modifié, pas publié" in said(answer)
    assert texts(own_rules) == before
    assert list(rule_drafts.of(store, "Line")) == [LETTER]
    assert "modifiée" in said(lead.get("/situations?montrer=modifiees"))
    lead.post(f"/situations/{STEM}/jeter")
    assert rule_drafts.of(store, "Line") == {}


def test_a_rule_that_does_not_load_is_told_with_file_and_key(lead: Browser, own_rules: Path) -> None:
    before = texts(own_rules)
    lead.get(f"/situations/{STEM}")
    broken = before["regle"].replace("[conditions]", "[conditions]\nexpedie = true", 1)
    answer = lead.post(f"/situations/{STEM}", regle=broken, modele=before["modele"])
    assert answer.status_code == 409
    words = said(answer)
    assert RULE in words and "conditions" in words and "vouliez-vous dire" in words
    assert "/tmp" not in words
    assert "expedie = true" in answer.text  # what was typed is not lost


def test_a_preview_shows_the_old_and_the_new_letter(lead: Browser, own_rules: Path) -> None:
    before = texts(own_rules)
    lead.get(f"/situations/{STEM}")
    changed = before["modele"].replace("{% block suite %}", "{% block suite %}\nNous restons là.\n")
    assert changed != before["modele"]
    page = lead.post(f"/situations/{STEM}", regle=before["regle"], modele=changed, ensuite="apercu")
    assert "Exemple 1" in said(page) and "<ins>Nous restons là.</ins>" in page.text


def test_a_lead_of_one_mail_account_does_not_preview_on_anothers_ticket(
    store: Store, lead: Browser, own_rules: Path
) -> None:
    case = prepare(store, mail(1), uid=1, action="human")
    of_this_situation(store)
    people.change(store, people.named(store, "Line").id, "lead", ("outlet",))
    assert lead.get(f"/situations/{STEM}/apercu?ticket={case}").status_code == 404
    assert "Mon colis" not in said(lead.get(f"/situations/{STEM}"))


def test_an_unknown_situation_is_not_found(lead: Browser) -> None:
    assert lead.get("/situations/colis_non_recu/inventee").status_code == 404

"""Merging, taking apart and splitting on the page of a case; other remedies in the editor."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from starlette.applications import Starlette

from mailbot.edges.store import Store, audit, cases, merging, replies, splitting
from mailbot.jobs import corrections, prepare
from mailbot.jobs.prepare import Desk
from mailbot.line import Line
from mailbot.steps.trained import Model
from mailbot.web.app import create
from mailbot.web.office import Office
from tests.edges.store.samples import MARIE, NOW, draft, mail, marie_writes, reply_to
from tests.edges.store.samples import clock as deadline
from tests.edges.store.samples import prepare as stored
from tests.steps.classifier import model
from tests.web.conftest import Browser, arrives, said

__all__ = ["model"]
GOOD = "Bonjour Marie Dupont, votre colis est bien parti ce matin. Bonne journée."


def _two(store: Store, *, sender: str = MARIE) -> tuple[int, int]:
    one = draft(store, 1, clocks=(deadline(),)).case.id
    other = stored(
        store,
        mail(2, sender=sender, text="Et ma facture ?"),
        uid=2,
        reply=reply_to(2, to=sender),
        clocks=(deadline(),),
    )
    return one, other


def test_two_tickets_of_one_customer_are_compared_and_merged(store: Store, claire: Browser) -> None:
    one, other = _two(store)
    assert f"Ticket {other}" in said(claire.get(f"/tickets/{one}/fusionner"))
    page = claire.get(f"/tickets/{one}/fusionner?autre={other}")
    assert "Et ma facture ?" in page.text
    assert "confirme" not in re.sub(r"<p>.*?</p>", "", page.text)
    answer = claire.post(f"/tickets/{one}/fusionner", autre=str(other), sens="ici")
    words = said(answer)
    assert answer.url.path == f"/tickets/{one}"
    assert "Et ma facture ?" in words
    assert f"Répondre au client (ticket {other})" in words
    gone = said(claire.get(f"/tickets/{other}"))
    assert f"fusionné dans le {one}" in gone
    assert "Séparer de nouveau" in gone
    assert "Approuver et envoyer" not in gone
    assert {("fusionne", other), ("fusion", one)} <= {
        (entry.kind, entry.case_id) for entry in audit.lines(store)
    }


def test_the_ticket_that_is_kept_can_be_the_other(store: Store, claire: Browser) -> None:
    one, other = _two(store)
    claire.get(f"/tickets/{one}/fusionner?autre={other}")
    answer = claire.post(f"/tickets/{one}/fusionner", autre=str(other), sens="la")
    assert answer.url.path == f"/tickets/{other}"
    found = merging.of_case(store, one)
    assert found is not None
    assert found.into_case == other


def test_tickets_of_two_customers_ask_for_a_confirmation(store: Store, claire: Browser) -> None:
    one, other = _two(store, sender="paul@example.org")
    page = claire.get(f"/tickets/{one}/fusionner?autre={other}")
    assert "ne viennent pas de la même adresse" in said(page)
    answer = claire.post(f"/tickets/{one}/fusionner", autre=str(other), sens="ici")
    assert "ne sont pas du même client" in said(answer)
    assert merging.of_case(store, other) is None
    claire.post(f"/tickets/{one}/fusionner", autre=str(other), sens="ici", confirme="oui")
    assert merging.of_case(store, other) is not None


def test_a_merge_is_taken_back_from_both_pages(store: Store, claire: Browser) -> None:
    one, other = _two(store)
    for page in (one, other):
        claire.get(f"/tickets/{one}")
        claire.post(f"/tickets/{one}/fusionner", autre=str(other), sens="ici")
        claire.get(f"/tickets/{page}")
        assert f"Ticket séparé du {one}" in said(claire.post(f"/tickets/{other}/separer"))
        assert merging.of_case(store, other) is None


def test_an_approval_of_what_was_read_before_the_merge_is_refused(
    store: Store, claire: Browser, browser: Callable[[], Browser]
) -> None:
    one, other = _two(store)
    claire.get(f"/tickets/{one}")
    denis = arrives(store, browser(), "Denis")
    denis.get(f"/tickets/{one}")
    denis.post(f"/tickets/{one}/fusionner", autre=str(other), sens="ici")
    answer = claire.post(f"/tickets/{one}/approuver", version="1", texte=GOOD, objet="Re: x", reunis="")
    assert "relisez-le" in said(answer)
    answer = claire.post(f"/tickets/{one}/approuver", version="1", texte=GOOD, objet="Re: x")
    assert answer.status_code == 409
    found = replies.of_case(store, one)
    assert found is not None
    assert found.state == "draft"


@pytest.mark.parametrize(
    ("number", "why"), [("abc", "Donnez le numéro"), ("99", "n'existe pas"), ("1", "lui-même")]
)
def test_a_number_that_is_no_other_ticket_is_refused(
    store: Store, claire: Browser, number: str, why: str
) -> None:
    one, _ = _two(store)
    assert why in said(claire.get(f"/tickets/{one}/fusionner?autre={number}"))


def test_a_ticket_of_an_account_one_may_not_see_cannot_be_compared_or_merged(
    store: Store, browser: Callable[[], Browser]
) -> None:
    one, other = _two(store)
    ada = arrives(store, browser(), "Ada", accounts=("outlet",))
    for path in ("fusionner", f"fusionner?autre={other}", "scinder"):
        assert ada.get(f"/tickets/{one}/{path}").status_code == 404
    ada.get("/")
    for act in ("fusionner", "separer", "scinder"):
        ada.post(f"/tickets/{one}/{act}", autre=str(other), intention="facture")
    assert merging.of_case(store, one) is None
    assert splitting.parts(store, one) == []


def test_a_ticket_somebody_has_taken_is_neither_merged_nor_split_by_another(
    store: Store, claire: Browser, browser: Callable[[], Browser]
) -> None:
    one, other = _two(store)
    denis = arrives(store, browser(), "Denis")
    denis.get(f"/tickets/{other}")
    denis.post(f"/tickets/{other}/prendre")
    claire.get(f"/tickets/{one}")
    assert "Denis s'occupe" in said(claire.post(f"/tickets/{one}/fusionner", autre=str(other), sens="ici"))
    claire.get(f"/tickets/{other}")
    assert "Denis s'occupe" in said(claire.post(f"/tickets/{other}/scinder", intention="facture"))
    assert merging.of_case(store, other) is None


ORDERS = f"""order_id,channel,placed_at,customer_email,customer_name,status
FR-1001,site,2026-11-02T10:00:00+01:00,{MARIE},Marie Dupont,shipped
FR-1002,site,2026-11-03T10:00:00+01:00,{MARIE},Marie Dupont,shipped
"""


@pytest.fixture
def app(office: Office, model: Model) -> Starlette:
    """The pages with a model: letters can be written anew."""
    office.workplace.line = Line.build(office.rulebook, model)
    return create(office)


@pytest.fixture
def ticket(store: Store, office: Office, app: Starlette, tmp_path: Path) -> int:
    """A mail of Marie with two requests, judged."""
    body = "Bonjour, je n'ai toujours pas recu mon colis, commande FR-1001. Et la facture de FR-1002 ?"
    marie_writes(store, tmp_path, ORDERS, body)
    prepare.run(office.workplace, lambda: NOW)
    (found,) = replies.list_drafts(store)
    both = corrections.Wanted(intents=("colis_non_recu", "facture"), order_id="FR-1001")
    corrections.correct(Desk.of(office.workplace.line, store), found.case.id, both, "Claire", NOW)
    return found.case.id


def test_a_mail_of_two_matters_becomes_two_tickets(store: Store, claire: Browser, ticket: int) -> None:
    page = said(claire.get(f"/tickets/{ticket}/scinder"))
    assert "ce que le client demande" in page
    found = replies.of_case(store, ticket)
    assert found is not None
    answer = claire.post(
        f"/tickets/{ticket}/scinder", version=str(found.version), intention="facture", commande="FR-1002"
    )
    (new,) = splitting.parts(store, ticket)
    assert answer.url.path == f"/tickets/{new}"
    words = said(answer)
    assert "voici le nouveau" in words
    assert f"Ticket issu du ticket {ticket}" in words
    assert f"mail scindé : {ticket}" in words
    assert cases.get(store, new).order_id == "FR-1002"
    assert {("scinde", new), ("scission", ticket)} <= {
        (entry.kind, entry.case_id) for entry in audit.lines(store)
    }


def test_a_draft_that_changed_meanwhile_is_not_split_unseen(
    store: Store, claire: Browser, ticket: int
) -> None:
    claire.get(f"/tickets/{ticket}/scinder")
    answer = claire.post(f"/tickets/{ticket}/scinder", version="1", intention="facture")
    assert "vient de changer la réponse" in said(answer)
    assert splitting.parts(store, ticket) == []


def test_another_remedy_rewrites_the_letter_and_is_recorded(
    store: Store, claire: Browser, ticket: int
) -> None:
    found = replies.of_case(store, ticket)
    assert found is not None
    stem = "colis_non_recu/retour_expediteur"
    page = claire.get(f"/tickets/{ticket}?modele={stem}&remede=remboursement")
    assert "remède « un remboursement », pas encore enregistrée" in said(page).replace("\u00a0", " ")
    assert '<option value="remboursement" selected>' in page.text
    other = claire.get(f"/tickets/{ticket}?modele={stem}&remede=reexpedition")
    texts = [re.search(r'<textarea id="texte".*?>(.*?)</textarea>', one.text, re.S) for one in (page, other)]
    refund, resend = (unescape(one[1]) for one in texts if one)
    assert refund != resend
    claire.get(f"/tickets/{ticket}?modele={stem}&remede=remboursement")
    claire.post(
        f"/tickets/{ticket}/modifier", version=str(found.version), modele=stem, remede="remboursement",
        texte=refund, objet="Re: FR-1001",
    )  # fmt: skip
    kept = replies.of_case(store, ticket)
    assert kept is not None
    assert (kept.reply.template, kept.version) == (stem, found.version + 1)
    assert "remède « un remboursement »" in cases.story(store, ticket)[-1].detail
    assert "commande" in said(claire.get(f"/tickets/{ticket}")).lower()


def test_the_guards_look_at_the_letter_of_the_chosen_remedy(claire: Browser, ticket: int) -> None:
    claire.get(f"/tickets/{ticket}")
    answer = claire.client.post(
        f"/tickets/{ticket}/verifier",
        data={
            "texte": "Bonjour, nous vous remboursons 999,99 € demain.", "objet": "Re",
            "modele": "colis_non_recu/retour_expediteur", "remede": "remboursement",
        },
        headers={"accept": "application/json", "x-jeton": claire.key},
    )  # fmt: skip
    assert any("999,99" in reason for reason in answer.json()["reasons"])


def test_an_unknown_remedy_is_refused(claire: Browser, ticket: int) -> None:
    words = said(claire.get(f"/tickets/{ticket}?modele=colis_non_recu/retour_expediteur&remede=lune"))
    assert "« lune » inconnue" in words


@pytest.mark.parametrize("sender", [MARIE, "paul@example.org"])
def test_one_letter_may_name_the_orders_of_one_writer_and_no_strangers(
    store: Store, claire: Browser, sender: str
) -> None:
    facts = {"numbers": ["FR1001"], "literals": ["fr-1001"]}, {"numbers": ["FR2002"], "literals": ["fr-2002"]}
    one = stored(store, mail(1), uid=1, reply=replace(reply_to(1), facts=facts[0]))
    other = stored(
        store, mail(2, sender=sender), uid=2, reply=replace(reply_to(2, to=sender), facts=facts[1])
    )
    text = "Bonjour Marie Dupont, vos commandes FR-1001 et FR-2002 sont bien parties ce matin. Bonne journée."
    claire.get(f"/tickets/{one}")
    version = {"version": "1", "texte": text, "objet": "Re: Mon colis"}
    assert "envoi impossible" in said(claire.post(f"/tickets/{one}/approuver", **version))
    claire.post(f"/tickets/{one}/fusionner", autre=str(other), sens="ici", confirme="oui")
    found = replies.of_case(store, one)
    assert found is not None
    claire.post(f"/tickets/{one}/approuver", **{**version, "version": str(found.version)})
    found = replies.of_case(store, one)
    assert found is not None
    assert (found.state == "approved") is (sender == MARIE)

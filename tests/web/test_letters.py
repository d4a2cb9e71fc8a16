"""Other letters, free replies, second approvals, guards passed over."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from starlette.applications import Starlette

from mailbot.config import Web
from mailbot.edges.store import Store, opinions, replies
from mailbot.web.app import create
from mailbot.web.office import Office
from tests.edges.store.samples import draft, order
from tests.web.conftest import Browser, arrives, said

GOOD = "Bonjour Marie Dupont, votre colis est bien parti ce matin. Bonne journée."


@pytest.fixture
def office(office: Office) -> Office:
    """Orders above 20 € want two people."""
    object.__setattr__(office, "web", Web(second_approval_above=20))
    return office


@pytest.fixture
def app(office: Office) -> Starlette:
    return create(office)


@pytest.fixture
def denis(store: Store, browser: Callable[[], Browser]) -> Browser:
    return arrives(store, browser(), "Denis")


def test_a_dear_order_leaves_only_with_a_colleagues_agreement(
    store: Store, claire: Browser, denis: Browser
) -> None:
    reply = draft(store, found=order())
    page = f"/tickets/{reply.case.id}"
    claire.get(page)
    answer = claire.post(f"{page}/approuver", version="1", texte=GOOD, objet="Re: Mon colis")
    assert "un collègue doit donner son accord" in said(answer)
    assert replies.get(store, reply.id).state == "draft"
    asked = opinions.of_case(store, reply.case.id)
    assert asked is not None
    answer = claire.post(f"{page}/accord", demande=str(asked.id), accord="oui")
    assert "une autre personne que vous" in said(answer).lower()
    assert "Claire demande un accord" in said(denis.get(page))
    denis.post(f"{page}/accord", demande=str(asked.id), accord="oui")
    stored = replies.get(store, reply.id)
    assert (stored.state, stored.approved_by, stored.reply.text) == ("approved", "Denis", GOOD)


def test_an_agreement_counts_for_the_text_that_was_seen_and_no_other(
    store: Store, claire: Browser, denis: Browser
) -> None:
    reply = draft(store, found=order())
    page = f"/tickets/{reply.case.id}"
    claire.get(page)
    claire.post(f"{page}/approuver", version="1", texte=GOOD, objet="Re: Mon colis")
    asked = opinions.of_case(store, reply.case.id)
    assert asked is not None
    claire.post(
        f"{page}/modifier", version="2", texte=GOOD + " Merci de votre patience.", objet="Re: Mon colis"
    )
    denis.get(page)
    answer = denis.post(f"{page}/accord", demande=str(asked.id), accord="oui")
    assert "l'a modifiée depuis" in said(answer)
    assert replies.get(store, reply.id).state == "draft"


def test_the_limit_of_the_rules_wins_over_the_old_key(store: Store, office: Office, claire: Browser) -> None:
    guards = office.rulebook.guards.model_copy(update={"accord_au_dessus": 30})
    office.workplace.line = replace(office.workplace.line, rulebook=replace(office.rulebook, guards=guards))
    reply = draft(store, found=order())
    claire.get(f"/tickets/{reply.case.id}")
    claire.post(f"/tickets/{reply.case.id}/approuver", version="1", texte=GOOD, objet="Re: Mon colis")
    assert replies.get(store, reply.id).state == "approved"


def test_a_cheap_order_needs_one_person(store: Store, claire: Browser) -> None:
    reply = draft(store, found=replace(order(), total=Decimal("19.90")))
    claire.get(f"/tickets/{reply.case.id}")
    claire.post(f"/tickets/{reply.case.id}/approuver", version="1", texte=GOOD, objet="Re: Mon colis")
    assert replies.get(store, reply.id).state == "approved"


def test_a_colleague_who_does_not_agree_stops_nothing_but_the_sending(
    store: Store, claire: Browser, denis: Browser
) -> None:
    reply = draft(store)
    page = f"/tickets/{reply.case.id}"
    claire.get(page)
    claire.post(f"{page}/demander", version="1", texte=GOOD, objet="Re: Mon colis", question="On rembourse ?")
    assert "accord demandé" in said(denis.get("/"))
    assert "On rembourse ?" in said(denis.get(page))
    asked = opinions.of_case(store, reply.case.id)
    assert asked is not None
    assert "Accord refusé" in said(denis.post(f"{page}/accord", demande=str(asked.id), accord="non"))
    assert replies.get(store, reply.id).state == "draft"

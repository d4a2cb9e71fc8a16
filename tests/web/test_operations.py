"""The service's health and the outbox."""

from datetime import timedelta

import pytest

from mailbot.edges.store import Store, outbox, people, replies, rule_state
from tests.edges.store.samples import LEASE, NOW, UNDO, draft, mail, prepare
from tests.web.conftest import Browser, Watch, said

MINUTE = timedelta(minutes=1)


def uncertain(store: Store) -> int:
    reply = draft(store)
    replies.approve(store, reply.id, "Claire", NOW, UNDO)
    assert outbox.claim_due(store, "ouvrier", NOW + UNDO, LEASE) is not None
    assert outbox.uncertain(store, reply.id, "ouvrier", NOW + UNDO, "la liaison a été coupée")
    return reply.id


def test_an_uncertain_reply_is_shown_with_its_age(store: Store, lead: Browser, clock: Watch) -> None:
    uncertain(store)
    clock.wait(minutes=20, seconds=15)
    words = said(lead.get("/envois"))
    assert "la liaison a été coupée" in words and "20 min" in words
    assert "mailbot ne les renvoie jamais de lui-même" in words


@pytest.mark.parametrize(("answer", "state"), [("oui", "sent"), ("non", "approved")])
def test_a_person_settles_it(store: Store, lead: Browser, answer: str, state: str) -> None:
    number = uncertain(store)
    lead.get("/envois")
    lead.post(f"/envois/{number}", partie=answer)
    assert replies.get(store, number).state == state


def test_it_is_not_settled_without_saying_how(store: Store, lead: Browser) -> None:
    number = uncertain(store)
    lead.get("/envois")
    lead.post(f"/envois/{number}", partie="peut-être")
    assert replies.get(store, number).state == "uncertain"


def test_another_accounts_reply_is_not_settled(store: Store, lead: Browser) -> None:
    number = uncertain(store)
    people.change(store, people.named(store, "Line").id, "lead", ("outlet",))
    assert "la liaison a été coupée" not in said(lead.get("/envois"))
    lead.post(f"/envois/{number}", partie="oui")
    assert replies.get(store, number).state == "uncertain"


def test_the_health_page_tells_refused_rules(store: Store, lead: Browser) -> None:
    rule_state.in_service(store, "0123456789abcdef", NOW)
    rule_state.refused(store, "rules/delais.toml : clé inconnue\nrules/canaux/site.toml : absente", NOW)
    words = said(lead.get("/etat"))
    assert "0123456789ab" in words and "pas publiée" in words
    assert "rules/delais.toml : clé inconnue" in words and "rules/canaux/site.toml : absente" in words


def test_the_health_page_counts(store: Store, lead: Browser) -> None:
    prepare(store, mail(1), uid=1, action="human")
    words = said(lead.get("/etat"))
    assert "Tickets ouverts 1" in words and "Mis de côté 0" in words

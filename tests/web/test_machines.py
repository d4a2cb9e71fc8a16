"""Mails filed without an answer, and mails put aside."""

from mailbot.edges.store import Store, aside, mails, people
from tests.edges.store.samples import LEASE, NOW, draft, mail, prepare, take_in
from tests.web.conftest import Browser, said


def park(store: Store, uid: int = 7) -> int:
    take_in(store, uid)
    (claimed,) = mails.claim(store, "ouvrier", 1, NOW, LEASE)
    assert aside.park(store, claimed.id, "ouvrier", "le message est abîmé", NOW)
    return claimed.id


def test_a_filed_mail_is_shown_with_its_reason(store: Store, lead: Browser) -> None:
    case = prepare(store, mail(1), uid=1, action="ignore")
    page = lead.get("/machines?vue=personnes")
    assert "colis en route" in said(page) and f'href="/tickets/{case}"' in page.text
    assert "Aucun message classé ici" in said(lead.get("/machines"))


def test_a_parked_mail_is_retried(store: Store, lead: Browser) -> None:
    number = park(store)
    page = lead.get("/machines")
    assert "le message est abîmé" in said(page)
    assert "1 mail remis dans la file" in said(lead.post("/machines/reprendre", mail=str(number)))
    assert mails.count_by_state(store)["received"] == 1
    assert "Aucun mail mis de côté" in said(lead.get("/machines"))


def test_a_parked_mail_can_be_read_as_it_came(store: Store, lead: Browser) -> None:
    answer = lead.get(f"/machines/{park(store)}/original")
    assert answer.content.startswith(b"From: marie@example.org")
    assert answer.headers["content-type"] == "application/octet-stream"


def test_mails_of_other_accounts_are_neither_shown_nor_retried(store: Store, lead: Browser) -> None:
    number = park(store)
    people.change(store, people.named(store, "Line").id, "lead", ("outlet",))
    assert "le message est abîmé" not in said(lead.get("/machines"))
    lead.post("/machines/reprendre")
    assert mails.count_by_state(store)["parked"] == 1
    assert lead.get(f"/machines/{number}/original").status_code == 404


def test_a_mail_filed_by_mistake_is_judged_again(store: Store, lead: Browser) -> None:
    prepare(store, mail(1), uid=1, action="ignore")
    lead.get("/machines?vue=personnes")
    assert "sera rejugé" in said(lead.post("/machines/rejuger", mail="1"))
    assert mails.count_by_state(store)["received"] == 1


def test_a_mail_with_a_reply_is_not_judged_again(store: Store, lead: Browser) -> None:
    draft(store)
    lead.get("/machines")
    lead.post("/machines/rejuger", mail="1")
    assert mails.count_by_state(store)["prepared"] == 1

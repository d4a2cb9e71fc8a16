"""The figures page: charts with a table twin, and the same as CSV."""

from datetime import timedelta

from mailbot.edges.store import Store
from tests.edges.store.samples import NOW, clock, mail, order, prepare
from tests.web.conftest import Browser, said

HOUR = timedelta(hours=1)


def test_a_lead_sees_what_was_counted(store: Store, lead: Browser) -> None:
    prepare(store, mail(1), uid=1, action="human", found=order(), clocks=(clock(start=NOW - HOUR),))
    page = lead.get("/chiffres?jours=7")
    assert page.status_code == 200
    words = said(page)
    for title in ("Par jour", "Échéances", "Réponses", "Situations", "Canaux de vente", "Transporteurs"):
        assert title in words
    assert "colis non recu : en route" in words and "Répondre au client" in words
    assert page.text.count("<svg") >= 5 and "style=" not in page.text


def test_a_table_is_a_csv_that_a_spreadsheet_does_not_execute(store: Store, lead: Browser) -> None:
    prepare(store, mail(1), uid=1, action="human", found=order())
    answer = lead.get("/chiffres.csv?tableau=situations&jours=7")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.lstrip("\ufeff").splitlines() == [
        "Situations;Mails;Part",
        "colis non recu : en route;1;100 %",
    ]


def test_an_unknown_table_is_not_found(lead: Browser) -> None:
    assert lead.get("/chiffres.csv?tableau=secret").status_code == 404


def test_an_agent_does_not_reach_the_figures(claire: Browser) -> None:
    assert claire.get("/chiffres").status_code == 403
    assert "Chiffres" not in said(claire.get("/"))

"""Notices of platforms: nobody is answered, and what waits for the shop there is put before a person."""

from collections.abc import Iterator

import pytest

from mailbot.config import cache_home
from mailbot.edges.store import open_store
from mailbot.jobs.prepare import Desk
from mailbot.line import Line
from mailbot.model import History, Judgement
from mailbot.recognition import model_for
from tests.edges.store.samples import raw_mail
from tests.steps.scenes import ROOT, shipped_rules

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("avis")
    store = open_store(f"sqlite:///{home / 'm.sqlite3'}", home)
    yield Desk.of(Line.build(shipped_rules(), model_for(ROOT / "rules", cache_home())), store)
    store.close()


def judged(desk: Desk, sender: str, subject: str, text: str) -> Judgement:
    head = f"From: {sender}\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n"
    raw = raw_mail(1, data=f"{head}\r\n{text}\r\n".encode())
    return desk.judge([raw], lambda mail: mail.received, histories=[History()])[0]


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (
            "noreply@notice.aliexpress.com",
            "You have a new message from buyer",
            "Dear seller,\n\nYou have a new message from buyer Jean P.:\n\n« Où est mon colis ? »\n\nPlease reply.",
        ),
        (
            "no-reply@cdiscount.com",
            "Vous avez un nouveau message",
            "Bonjour,\n\nUn client vous a envoyé un message. Répondez depuis votre espace vendeur.",
        ),
        (
            "notification@rakuten.com",
            "Un acheteur vous a posé une question",
            "Bonjour,\n\nUn acheteur vous a posé une question sur l'article « Lampe ».",
        ),
    ],
)
def test_a_buyer_who_wrote_on_the_platform_waits_for_a_person(
    desk: Desk, sender: str, subject: str, text: str
) -> None:
    found = judged(desk, sender, subject, text)
    assert (found.decision.action, found.decision.situation) == ("human", "question/avis_de_message")
    assert [one.id for one in found.deadlines] == ["reponse"]
    assert found.reply is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Nouvelle commande", "Bonjour,\n\nVous avez une nouvelle commande à accepter avant demain."),
        ("Votre virement", "Bonjour,\n\nNous avons effectué un virement de 1 204,50 EUR."),
        ("Vos indicateurs", "Bonjour,\n\nVotre taux de réponse aux messages des acheteurs est de 98 %."),
    ],
)
def test_other_notices_are_filed(desk: Desk, subject: str, text: str) -> None:
    assert judged(desk, "no-reply@cdiscount.com", subject, text).decision.action == "ignore"

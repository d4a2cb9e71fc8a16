"""Whoever is not known as the buyer learns nothing of an order: not its facts, not its state, not that it exists."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.line import Line
from tests.promises.conftest import MakeRoom
from tests.promises.mailroom import BUYER, STRANGER, Mailroom, day, letter, order

AMAZON = "404-1234567-1234567"
ASKED = {
    "where it is": "Bonjour, je n'ai toujours pas reçu ma commande {0}. Où en est la livraison de mon colis ?",
    "a question": "Bonjour, j'ai une question sur la commande {0} : est-ce que l'article est lavable en machine ?",
    "an announcement": "Bonjour, sans réponse sur ma commande {0} j'ouvre une réclamation A-to-z.",
    "a lawyer": "Bonjour, commande {0} jamais reçue : je saisis mon avocat et la DGCCRF.",
    "a review": "Bonjour, commande {0} jamais reçue, je vais laisser un avis négatif.",
    "a formal notice": "Bonjour, je vous mets en demeure de livrer ma commande {0} sous 8 jours, sinon remboursez-moi.",
    "cancelling": "Bonjour, je souhaite annuler ma commande {0} et être remboursé.",
    "a refund": "Bonjour, j'attends toujours le remboursement de la commande {0}, quand arrive-t-il ?",
    "an invoice": "Bonjour, pouvez-vous m'envoyer la facture de la commande {0} ?",
    "an address": "Bonjour, je me suis trompé d'adresse pour la commande {0}, pouvez-vous la modifier ?",
    "broken": "Bonjour, l'article de la commande {0} est arrivé cassé. Que faire ?",
    "failing": "Bonjour, l'appareil de la commande {0} ne fonctionne plus, est-il sous garantie ?",
    "missing": "Bonjour, il manque un article dans le colis de la commande {0}.",
    "danger": "Bonjour, l'appareil de la commande {0} a pris feu et m'a brûlé la main.",
    "data": "Bonjour, je demande l'accès à toutes mes données personnelles (RGPD), commande {0}.",
    "thanks": "Bonjour, merci beaucoup pour la commande {0}, tout est parfait !",
}
STANDS = {
    "on its way": {},
    "claimed": {"claim_open": "yes", "claim_opened_at": day(-1)},
    "delivered": {"tracking_status": "livre", "delivered_at": day(-1), "delivery_proof": "signature"},
    "refunded": {"status": "refunded", "refunded_at": day(-1), "refund_amount": "54.80"},
    "replaced": {
        "remedy_done": "replacement",
        "replacement_delivered_at": day(-2),
        "delivered_at": day(-40),
        "tracking_status": "livre",
    },
    "of the platform": {"fulfilment": "platform"},
    "dear": {"total": "2400.00"},
}


def told(office: Mailroom, *mails: bytes) -> list[str]:
    """Subject and text of each reply, '' where there is none."""
    replies = [answer["reply"] for answer in office.explain(*mails)]
    return [f"{reply['subject']}\n{reply['text']}" if reply else "" for reply in replies]


@pytest.mark.parametrize("stands", STANDS)
def test_a_stranger_reads_the_same_whatever_the_state_of_the_order(room: MakeRoom, stands: str) -> None:
    mails = [letter(body.format(AMAZON), STRANGER) for body in ASKED.values()]
    amazon = {
        "order_id": AMAZON,
        "channel": "amazon_fr",
        "customer_email": "abcdefgh12345@marketplace.amazon.fr",
    }
    usual = room([order(**amazon)])
    other = room([order(**{**amazon, **STANDS[stands]})])
    assert told(other, *mails) == told(usual, *mails)
    for answer in other.explain(*mails):
        assert answer["decision"]["action"] == "human"


def test_a_stranger_is_not_told_on_which_channel_an_order_was_placed(room: MakeRoom) -> None:
    mails = [letter(body.format("LIL-48213"), STRANGER) for body in ASKED.values()]
    on_site = told(room([order()]), *mails)
    assert told(room([order(channel="fnac", customer_email="x@y.example")]), *mails) == on_site


def test_a_stranger_is_not_told_that_an_order_exists(room: MakeRoom) -> None:
    (said,) = told(room([order()]), letter(ASKED["where it is"].format("LIL-48213"), STRANGER))
    assert "d'une autre adresse" not in said and "connaissons" not in said


def test_a_formal_notice_about_an_unknown_order_is_not_answered_with_a_refund(room: MakeRoom) -> None:
    notice = letter(ASKED["a formal notice"].format("LIL-48213"), STRANGER)
    for office in (room([]), room([order()])):
        (said,) = told(office, notice)
        assert "rembours" not in said.partition("\n")[2]
        assert "n'a pas été livrée" not in said


@dataclass(frozen=True)
class Secret:
    """What one order says, each value recognisable."""

    row: dict[str, str]

    @property
    def values(self) -> list[str]:
        row = self.row
        label = json.loads(row["lines"])[0]["label"]
        shown = (*row["customer_name"].split(), label, row["city"], row["tracking_number"], row["order_id"])
        return [*shown, row["total"].replace(".", ","), row["relay_name"], row["customer_email"]]


WORDS = st.sampled_from(["Zéphyrine", "Quiterie", "Wandrille", "Ysaline", "Xavière", "Quasimodo", "Zoltan"])
PLACES = st.sampled_from(["Quimperlé", "Yssingeaux", "Wissembourg", "Zonza", "Xaintrailles"])
THINGS = st.sampled_from(
    ["Quinquet ciselé", "Yatagan forgé", "Xylophone laqué", "Wok martelé", "Zinnia séché"]
)


@st.composite
def secrets(draw: st.DrawFn) -> Secret:
    number = draw(st.integers(10_000, 99_999))
    state = draw(st.sampled_from(list(STANDS.values())))
    line = {"sku": f"SKU-{number}", "label": draw(THINGS), "qty": 1, "unit_price": 31.7}
    row = order(
        order_id=f"LIL-{number}",
        channel=draw(st.sampled_from(["site", "amazon_fr", "fnac", "ebay"])),
        customer_name=f"{draw(WORDS)} {draw(WORDS)}sen",
        customer_email=f"acheteur{number}@victime.example",
        city=draw(PLACES),
        tracking_number=f"6A{draw(st.integers(10**10, 10**11 - 1))}",
        total=f"{draw(st.integers(1000, 9000))}.37",
        lines=json.dumps([line]),
        relay_name=f"Relais {draw(WORDS)}",
        relay_address="3 rue du Puits, 99999 Nulleville",
    )
    return Secret({**row, **state})


@given(
    victim=secrets(), asks=st.sampled_from(list(ASKED.values())), own=st.booleans(), tracking=st.booleans()
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_of_anothers_order_is_in_the_reply_to_whoever_quotes_its_number(
    line: Line, tmp_path_factory: pytest.TempPathFactory, sqlite_model: Path,
    victim: Secret, asks: str, own: bool, tracking: bool,
) -> None:  # fmt: skip
    """The writer may have an order of his own, and may quote the number or the parcel of the other."""
    mine = order(order_id="LIL-10001", customer_name="Claude Petit", customer_email="claude@ailleurs.example")
    mine |= {"tracking_number": "6A11111111111", "city": "Nantes", "total": "12.00"}
    number = victim.row["tracking_number" if tracking else "order_id"]
    body = asks.format(number)
    known = [victim.row, mine] if own else [victim.row]
    office = Mailroom(line, tmp_path_factory.mktemp("bureau") / "b", sqlite_model, known)
    try:
        office.receive(letter(body, STRANGER))
        office.prepare()
        texts = [*told(office, letter(body, STRANGER))]
        texts += [
            " ".join(map(str, row)) for row in office.rows("SELECT subject, text, html, facts FROM replies")
        ]
        assert office.leave() == [] or own
    finally:
        office.close()
    for value in victim.values:
        if value not in body:
            assert not [text for text in texts if value in text], value


def test_a_buyer_who_quotes_anothers_number_beside_his_own_learns_nothing_of_the_other(
    room: MakeRoom,
) -> None:
    other = order(
        order_id="LIL-77001", customer_name="Wandrille Quasimodo", customer_email="w@autre.example", city="Zonza",
        tracking_number="6A99999999999", total="777.70", lines=json.dumps([{"label": "Xylophone laqué", "qty": 1}]),
    )  # fmt: skip
    body = "Bonjour, je n'ai reçu ni la commande LIL-48213 ni la LIL-77001. Où sont mes colis ?"
    for first in (
        body,
        body.replace("LIL-48213", "X").replace("LIL-77001", "LIL-48213").replace("X", "LIL-77001"),
    ):
        (said,) = told(room([order(), other]), letter(first, BUYER))
        for value in ("Wandrille", "Zonza", "6A99999999999", "777", "Xylophone"):
            assert value not in said

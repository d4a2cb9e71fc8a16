"""The ids of a thread are no secret: they prove nothing about who writes."""

import pytest

from tests.promises.conftest import MakeRoom
from tests.promises.mailroom import BUYER, STRANGER, letter, order

AGAIN = "Bonjour,\nJe n'ai toujours pas reçu mon colis, où en est la livraison ?\nMerci"


def test_a_stranger_does_not_become_the_buyer_by_answering_his_own_mail(room: MakeRoom) -> None:
    office = room([order()])
    office.receive(letter(sender=STRANGER, message_id="<un@ailleurs.example>"))
    office.prepare()
    office.receive(
        letter(
            AGAIN, STRANGER, "In-Reply-To: <un@ailleurs.example>", "References: <un@ailleurs.example>",
            message_id="<deux@ailleurs.example>",
        ),
        minutes=5,
    )  # fmt: skip
    office.prepare(6)
    assert {identity for (identity,) in office.rows("SELECT identity FROM cases")} == {"unverified"}
    assert office.leave(10) == []


@pytest.mark.parametrize("whose", ["the buyer's", "ours"])
def test_a_stranger_who_names_an_id_of_the_buyers_thread_learns_nothing(room: MakeRoom, whose: str) -> None:
    office = room([order()])
    office.receive(letter(message_id="<achat@victime.example>"))
    office.prepare()
    (answer,) = office.leave()
    named = "<achat@victime.example>" if whose == "the buyer's" else answer.reply.message_id
    office.receive(
        letter(AGAIN, STRANGER, f"In-Reply-To: {named}", message_id="<deux@ailleurs.example>"), minutes=5
    )
    office.prepare(6)
    ((identity, text),) = office.rows(
        "SELECT identity, replies.text FROM cases JOIN replies ON replies.case_id = cases.id WHERE cases.id = 2"
    )
    assert identity == "unverified"
    assert "LIL-48213" not in text and "6A21345678901" not in text and "Béatrice" not in text


def test_the_buyer_is_known_when_he_goes_on_with_his_own_thread(room: MakeRoom) -> None:
    office = room([order(), order(order_id="LIL-48299", tracking_number="6A29999999999")])
    office.receive(letter(message_id="<achat@victime.example>"))
    office.prepare()
    office.receive(
        letter(AGAIN, BUYER, "In-Reply-To: <achat@victime.example>", message_id="<deux@victime.example>"),
        minutes=5,
    )
    office.prepare(6)
    assert office.rows("SELECT order_id, identity FROM cases WHERE id = 2") == [("LIL-48213", "verified")]

"""One mail, one answer: whatever mailboxes it reaches, whatever its id says, however many arrive at once."""

from datetime import timedelta
from itertools import product

import pytest

from mailbot.line import Line
from tests.promises.conftest import MakeRoom
from tests.promises.mailroom import NOW, WHERE_IS_IT, Mailroom, letter, order

STATES = "SELECT state, count(*) FROM replies GROUP BY state"


def copies(message_id: str | None) -> list[bytes]:
    """One mail as two mailboxes get it: the routes differ, so the bytes do."""
    boxes = ("sav@b.example", "contact@b.example")
    return [f"Delivered-To: {box}\r\n".encode() + letter(message_id=message_id) for box in boxes]


@pytest.mark.parametrize(("at_once", "message_id"), [*product([True, False], ["<un@victime.example>", None])])
def test_a_mail_to_two_of_our_addresses_is_answered_once(
    room: MakeRoom, at_once: bool, message_id: str | None
) -> None:
    office = room([order()])
    first, second = copies(message_id)
    office.receive(first)
    if not at_once:
        office.prepare()
    office.receive(second, account="contact", minutes=0.5)
    office.prepare(3)
    assert office.rows("SELECT count(*) FROM cases") == [(2,)]
    assert office.rows("SELECT count(*) FROM replies") == [(1,)]
    assert len(office.leave(5)) == 1
    assert office.rows("SELECT count(*) FROM deadlines WHERE name = 'reponse' AND met_at IS NULL") == [(0,)]


def test_a_copy_that_comes_after_the_answer_gets_no_second_one(room: MakeRoom) -> None:
    office = room([order()])
    first, second = copies("<un@victime.example>")
    office.receive(first)
    office.prepare()
    assert len(office.leave()) == 1
    office.receive(second, account="contact", minutes=30)
    office.prepare(31)
    assert office.leave(40) == []
    assert office.rows("SELECT action FROM cases WHERE id = 2") == [("human",)]
    assert office.rows("SELECT count(*) FROM replies") == [(1,)]


def test_two_mails_with_one_id_and_different_texts_are_both_seen(room: MakeRoom) -> None:
    office = room([order()])
    office.receive(
        letter(), letter("Bonjour, je veux annuler ma commande LIL-48213, merci de me rembourser.")
    )
    office.prepare()
    assert office.rows("SELECT count(*) FROM replies WHERE state = 'draft'") == [(2,)]
    assert office.leave() == []


def test_no_more_replies_leave_alone_in_an_hour_than_the_cap_allows(line: Line, room: MakeRoom) -> None:
    cap = line.rulebook.guards.plafond_heure
    numbers = range(cap + 15)
    office = room(
        [
            order(
                order_id=f"LIL-{48200 + n}",
                customer_email=f"c{n}@x.example",
                tracking_number=f"6A{20000000000 + n}",
            )
            for n in numbers
        ]
    )
    for n in numbers:
        body = WHERE_IS_IT.format(order=f"LIL-{48200 + n}")
        office.receive(letter(body, f"Camille <c{n}@x.example>", message_id=f"<q{n}@x.example>"))
    office.prepare()
    assert dict(office.rows(STATES)) == {"approved": cap, "draft": 15}
    assert len(office.leave()) == cap


def vacation(number: int) -> bytes:
    """An answering machine that looks like a person: no header, no thread, another subject each time."""
    body = f"Bonjour, je n'ai pas reçu ma commande LIL-48213, où est mon colis ? Message {number}"
    return letter(body, subject=f"Colis {number}", message_id=f"<v{number}@victime.example>")


def test_a_loop_without_any_sign_of_a_machine_ends_after_one_reply(room: MakeRoom) -> None:
    office: Mailroom = room([order()])
    gone = 0
    for number in range(8):
        office.receive(vacation(number), minutes=10 * number)
        office.prepare(10 * number + 1)
        gone += len(office.leave(10 * number + 2))
    assert gone == 1


MACHINES = {
    "a read receipt": (
        "Lu : Où est mon colis ?",
        "Votre message À : sav Objet : Où est mon colis ? Envoyé : mercredi 17 juin 2026 09:12 a été lu le mercredi 17 "
        "juin 2026 10:00.",
    ),
    "an unread receipt": (
        "Non lu : Votre commande",
        "Votre message a été supprimé sans être lu le 17 juin 2026.",
    ),
    "an absence": (
        "Réponse automatique : congés",
        "Bonjour, je suis absente du 15 au 30 juin, de retour le 1er.",
    ),
    "a question to the sender": (
        "Authentification requise",
        "Bonjour, votre message a été bloqué par MailInBlack. Cliquez pour vous authentifier : https://mib.example/x",
    ),
    "an acknowledgement": (
        "Votre demande [#12345]",
        "Nous avons bien reçu votre message et vous répondrons sous 48 heures. Votre demande porte le numéro 12345.",
    ),
}


@pytest.mark.parametrize("kind", MACHINES)
def test_a_machine_without_any_header_is_not_answered(room: MakeRoom, kind: str) -> None:
    subject, body = MACHINES[kind]
    (answer,) = room([order()]).explain(letter(body, subject=subject))
    assert answer["machine"] is not None
    assert (answer["decision"]["action"], answer["reply"]) == ("ignore", None)


@pytest.mark.parametrize(("days", "state"), [(6, "approved"), (8, "draft")])
def test_a_mail_that_comes_long_after_its_date_is_not_answered_alone(
    room: MakeRoom, days: int, state: str
) -> None:
    """A mailbox that was moved to another server: its old mails come in as if they had arrived today."""
    written = NOW - timedelta(days=days)
    office = room([order()])
    office.receive(letter().replace(f"{NOW:%a, %d %b %Y}".encode(), f"{written:%a, %d %b %Y}".encode()))
    office.prepare()
    assert office.rows("SELECT state FROM replies") == [(state,)]

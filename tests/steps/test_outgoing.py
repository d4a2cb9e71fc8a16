"""What a mail in Drafts or Sent says of itself, whatever program wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.steps import outgoing
from tests.steps.mails import READING, html, plain, raw

TOKEN = "0123456789abcdef" * 2


def test_the_header_of_a_draft_of_ours_is_read_whole() -> None:
    found = outgoing.read(
        b"From: sav@boutique.example\r\nTo: Marie <Marie@Mail.example>, b@mail.example\r\nCc: c@mail.example\r\n"
        b"Subject: =?utf-8?q?Re=3A_Ma_commande_re=C3=A7ue?=\r\nMessage-ID: <m@boutique.example>\r\n"
        b"In-Reply-To: <3@mail.example>\r\nReferences: <1@mail.example>\r\n <2@mail.example> <3@mail.example>\r\n"
        b"X-Mailbot-Ticket: 12\r\nX-Mailbot-Draft: ticket=12; version=3;\r\n empreinte="
        + TOKEN.encode()
        + b"\r\n\r\n"
    )
    assert found.recipients == ("marie@mail.example", "b@mail.example", "c@mail.example")
    assert found.subject == "Re: Ma commande reçue" and found.known_by == "<m@boutique.example>"
    assert found.threads == ("<3@mail.example>", "<2@mail.example>", "<1@mail.example>")
    assert (found.ticket, found.token, found.automatic) == (12, TOKEN, False)


def test_an_automatic_answer_is_told_from_a_persons() -> None:
    assert outgoing.read(b"Auto-Submitted: auto-replied; x=y\r\n\r\n").automatic
    assert not outgoing.read(b"Auto-Submitted: no\r\n\r\n").automatic


@given(st.binary(max_size=300))
def test_nothing_in_a_header_makes_it_fail(data: bytes) -> None:
    assert outgoing.read(data).known_by is not None


@pytest.mark.parametrize(
    "subject",
    ["Mon colis", "Re: Mon colis", "RE : TR: mon  COLIS", "Aw: Re[2]: Mon colis", "Réf : Re: mon colis"],
)
def test_a_subject_is_the_same_with_whatever_a_program_puts_before_it(subject: str) -> None:
    assert outgoing.base_subject(subject, READING) == "mon colis"


def test_subjects_of_other_scripts_are_told_apart() -> None:
    order, refund = (
        outgoing.base_subject(subject, READING) for subject in ("Re: Заказ 12", "Re: Возврат 12")
    )
    assert order == "заказ 12" != refund


def test_a_text_saved_again_by_a_program_is_the_same() -> None:
    ours = "Bonjour Marie,\n\nVotre colis est en route.\n\nBien à vous"
    again = outgoing.whole_text(raw(html("<div>Bonjour Marie,</div><div><br></div><div>Votre colis est en route.</div>"
                                         "<div>Bien à vous</div>")), READING)  # fmt: skip
    assert outgoing.same_words(ours, again)
    wrapped = "Bonjour Marie,\n\nVotre colis\nest en route.\n\nBien à vous\n"
    assert outgoing.same_words(ours, outgoing.whole_text(raw(plain(wrapped)), READING))
    assert not outgoing.same_words(ours, ours + " !")
    assert outgoing.whole_text(raw(plain(ours), complete=False), READING) == ""


def test_a_rewritten_text_is_likelier_ours_than_another_letter() -> None:
    ours = (
        "Bonjour Marie, votre colis est en route et arrivera jeudi. Nous restons à votre écoute. Bien à vous"
    )
    rewritten = ours.replace("jeudi", "vendredi matin au plus tard") + " Léa"
    other = "Madame, j'ai vu le transporteur : le paquet repart demain, je vous appelle dès son arrivée. Léa"
    assert outgoing.likeness(ours, rewritten) > 0.8 > 0.3 > outgoing.likeness(ours, other)

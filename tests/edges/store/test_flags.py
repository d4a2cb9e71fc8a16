"""A reply that came back: its ticket goes to a person with the reason, and nothing leaves alone to that address."""

from dataclasses import replace

import pytest

from mailbot.edges.store import Store, cases, outbox, replies
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.flags import flags, lift
from mailbot.edges.store.threads import histories
from mailbot.model import Bounce
from tests.edges.store.samples import LEASE, MARIE, MINUTE, NOW, clock, mail, prepare, reply_to, running

WHY = "cette adresse n'existe pas (5.1.1)"


def sent_reply(store: Store) -> int:
    ticket = prepare(store, mail(1), uid=1, action="send", reply=reply_to(1), clocks=(clock(),))
    sending = outbox.claim_due(store, "s", NOW + MINUTE, LEASE)
    assert sending is not None
    outbox.sent(store, sending.id, "s", NOW + MINUTE)
    return ticket


def bounce(store: Store, number: int = 2) -> int:
    report = mail(number, sender="mailer-daemon@example.org", bounced_ids=(reply_to(1).message_id,))
    report = replace(report, bounce=Bounce(recipient=MARIE, reason=WHY))
    return prepare(store, report, uid=number, action="human")


def test_a_bounce_opens_its_ticket_for_a_person_with_the_reason(store: Store) -> None:
    ticket = sent_reply(store)
    report = bounce(store)
    case = cases.get(store, ticket)
    assert (case.state, case.decision.action) == ("open", "human")
    assert case.decision.reasons == (f"La réponse est revenue : {WHY}.", "colis en route")
    assert [one.case_id for one in running(store)] == [ticket]
    detail = cases.story(store, ticket)[-1].detail
    assert WHY in detail and f"(ticket {report})" in detail
    (flag,) = flags(store).values()
    assert (flag.address, flag.case_id, flag.reason) == (MARIE, ticket, WHY)


def test_the_next_mail_of_that_address_is_judged_with_the_flag(store: Store) -> None:
    sent_reply(store)
    assert histories(store, [mail(3)], NOW)[0].undeliverable is None
    bounce(store)
    assert histories(store, [mail(3)], NOW)[0].undeliverable == WHY
    assert histories(store, [mail(4, sender="paul@example.org")], NOW)[0].undeliverable is None


def test_a_reply_that_was_about_to_leave_alone_to_that_address_waits_for_a_person(store: Store) -> None:
    sent_reply(store)
    # another thread of the same customer, judged before the report came
    other = mail(5, message_id="<autre@example.org>", text="Et ma facture ?")
    ticket = prepare(store, other, uid=5, action="send", reply=reply_to(5))
    bounce(store)
    held = replies.of_case(store, ticket)
    assert held is not None and held.state == "draft"
    assert held.reason == "un envoi à cette adresse est revenu : à relire avant envoi"


def test_a_second_bounce_keeps_the_first_reasons_and_says_the_newest(store: Store) -> None:
    ticket = sent_reply(store)
    bounce(store)
    bounce(store, 3)
    assert len(cases.get(store, ticket).decision.reasons) == 2 and len(flags(store)) == 1


def test_a_person_lifts_the_flag_and_it_is_written_down(store: Store) -> None:
    ticket = sent_reply(store)
    bounce(store)
    lift(store, MARIE, "Léa", NOW)
    assert flags(store, [MARIE, "paul@example.org"]) == {}
    last = cases.story(store, ticket)[-1]
    assert (last.actor, last.kind) == ("Léa", "adresse_bonne")
    with pytest.raises(Impossible, match="n'est pas signalée"):
        lift(store, MARIE, "Léa", NOW)

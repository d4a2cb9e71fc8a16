"""What an agent sends from a mail program about a mail that was split: no part of it is settled by guess."""

from dataclasses import replace

import pytest

from mailbot.edges.mailbox import connect
from mailbot.edges.store import Store, cases, replies, splitting
from mailbot.edges.store.splitting import Split
from mailbot.jobs import sent_watch
from mailbot.line import Line
from tests.edges.store.samples import MARIE, NOW, clock, draft, judgement, mail, reply_to
from tests.jobs.places import workplace
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.steps.scenes import shipped_rules


def _parts(store: Store) -> tuple[int, int]:
    """One mail with two matters, a ticket each."""
    first = draft(store, 1, clocks=(clock(),))
    key = replace(reply_to(1), message_id="<reponse-1.2@boutique.example>")
    new = judgement(mail(1), reply=key, clocks=(clock(),))
    plan = Split(
        case_id=first.case.id, new=new, rest=None, part=2, version=first.version, rulebook_digest="r"
    )
    return first.case.id, splitting.split(store, plan, "Léa", NOW).case_id


@pytest.mark.server
@pytest.mark.parametrize("reference", ["In-Reply-To: <client-1@example.org>\r\n", ""])
def test_an_agents_own_answer_names_no_part_with_or_without_the_thread(store: Store, reference: str) -> None:
    numbers = _parts(store)
    place = workplace(store)
    place.line = Line.build(shipped_rules(), None)
    sent = (
        f"From: sav@boutique.example\r\nTo: {MARIE}\r\nSubject: Re: Mon colis\r\nMessage-ID: <main@x>\r\n{reference}"
        "\r\nBonjour, voici la facture.\r\n"
    ).encode()
    with Dovecot() as server:
        server.drop([sent], folder="Sent")
        account = server.account().model_copy(update={"name": "boutique", "start_from": "all"})
        with connect(account, PASSWORD) as box:
            assert sent_watch.look(place, account, box, lambda: NOW)
    sent_watch.settle(place, lambda: NOW)
    for number in numbers:
        found = replies.of_case(store, number)
        assert found is not None
        assert found.state == "draft"
        assert all(one.met_at is None for one in found.deadlines)
    told = [event.detail for number in numbers for event in cases.story(store, number)]
    assert any("dites lequel est réglé" in one for one in told)

"""`mailbot tickets merge`, `unmerge` and `split` as people type them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.edges.store import Store, cases, mails, merging, splitting
from tests.commands.conftest import Said
from tests.commands.test_training import rules
from tests.edges.store.samples import (
    MARIE,
    NOW,
    UNDO,
    clock,
    draft,
    judgement,
    mail,
    order,
    prepare,
    raw_mail,
    reply_to,
)

__all__ = ["rules"]
Run = Callable[..., Said]


def _two(store: Store, *, sender: str = MARIE, channel: str = "site") -> tuple[int, int]:
    one = draft(store, 1, clocks=(clock(),)).case.id
    found = replace(order("FR-2"), channel=channel)
    reply = reply_to(2, to=sender)
    return one, prepare(store, mail(2, sender=sender), uid=2, reply=reply, found=found, clocks=(clock(),))


def test_a_ticket_is_merged_into_another_and_taken_out_again(
    mailbot: Run, store: Store, config: Path
) -> None:
    one, other = _two(store)
    said = mailbot("tickets", "merge", other, "--dans", one, "--as", "Léa", "-c", config)
    assert said.code == 0
    assert f"mailbot tickets unmerge {other}" in said.out
    assert cases.story(store, other)[-1].actor == "Léa"
    said = mailbot("tickets", "unmerge", other, "-c", config)
    assert f"séparé du ticket {one}" in said.words
    assert merging.of_case(store, other) is None
    said = mailbot("tickets", "unmerge", other, "-c", config)
    assert said.code == 1
    assert "n'est pas fusionné" in said.words


def test_two_customers_are_merged_only_with_a_word_more(mailbot: Run, store: Store, config: Path) -> None:
    one, other = _two(store, sender="paul@example.org")
    said = mailbot("tickets", "merge", other, "--dans", one, "-c", config)
    assert said.code == 1
    assert "ne sont pas du même client" in said.words
    assert mailbot("tickets", "merge", other, "--dans", one, "--autre-client", "-c", config).code == 0
    assert merging.of_case(store, other) is not None


def test_a_marketplace_message_is_answered_at_its_own_address(
    mailbot: Run, store: Store, config: Path
) -> None:
    one, other = _two(store, sender="abc@marketplace.amazon.fr", channel="amazon_fr")
    said = mailbot("tickets", "merge", other, "--dans", one, "--autre-client", "-c", config)
    assert said.code == 1
    assert f"Fusionnez plutôt le ticket {one} dans celui-là" in said.words
    assert mailbot("tickets", "merge", one, "--dans", other, "--autre-client", "-c", config).code == 0


@pytest.mark.usefixtures("rules")
def test_a_mail_of_two_matters_is_split(mailbot: Run, store: Store, config: Path) -> None:
    data = (
        f"From: {MARIE}\r\nMessage-ID: <a@example.org>\r\nSubject: Bonjour\r\n\r\n"
        "Je n'ai pas recu mon colis. Il me faut aussi la facture.\r\n"
    ).encode()
    mails.ingest(store, [(raw_mail(1, data=data), MARIE)], NOW)
    (claimed,) = mails.claim(store, "ouvrier", 1, NOW, UNDO)
    judged = judgement(mail(1), clocks=(clock(),))
    item = cases.Prepared(mail_id=claimed.id, owner="ouvrier", judgement=judged, rulebook_digest="r")
    (number,) = cases.save(store, [item], NOW, UNDO)
    said = mailbot("tickets", "split", number, "-c", config)
    assert said.code == 1
    assert "dites ce que le nouveau ticket doit traiter" in said.words
    said = mailbot("tickets", "split", number, "--intention", "facture", "-c", config, at=NOW)
    (new,) = splitting.parts(store, number)
    assert f"Nouveau ticket {new} : facture." in said.words

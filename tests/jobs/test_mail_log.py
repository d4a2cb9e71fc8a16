"""The line of the log for each mail: which ticket, what was decided, until when; never a word of the mail."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.edges.store import Store, mails
from mailbot.jobs import mail_log, prepare
from mailbot.model import Machine
from tests.edges.store.samples import MARIE, NOW, clock, judgement, mail, order, raw_mail
from tests.jobs.places import workplace
from tests.jobs.test_prepare import desk


def test_a_line_says_situation_action_order_and_the_first_deadline_of_ours() -> None:
    theirs = replace(clock("client", due=timedelta(hours=1)), duty=False)
    clocks = (clock(due=timedelta(days=3)), clock(), theirs)
    said = mail_log.sentence(judgement(mail(1), found=order(), clocks=clocks))
    assert said == (
        "colis_non_recu/en_route, brouillon à approuver, commande FR-1001, "
        "à répondre avant le 22/11/2026 à 10:00"
    )
    assert mail_log.sentence(judgement(mail(1), action="human")) == "colis_non_recu/en_route, pour un agent"


def test_a_machine_is_told_by_its_kind() -> None:
    judged = judgement(mail(1))
    filed = replace(
        judged,
        mail=replace(judged.mail, machine=Machine(kind="bounce", reason="Content-Type")),
        decision=replace(judged.decision, action="ignore", situation=None),
        deadlines=(),
    )
    assert mail_log.sentence(filed) == "mail revenu, classé sans réponse"


def test_preparing_logs_one_line_a_mail_without_its_words(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(prepare, "Desk", desk(RuntimeError))
    mails.ingest(store, [(raw_mail(uid), MARIE) for uid in (1, 2, 3)], NOW)
    with caplog.at_level(logging.INFO, logger="mailbot"):
        assert prepare.run(workplace(store), lambda: NOW + timedelta(minutes=1)) == 3
    lines = [record.getMessage() for record in caplog.records]
    assert [line.partition(" :")[0] for line in lines] == [
        f"ticket {number} (compte « boutique »)" for number in (1, 2, 3)
    ]
    text = " ".join(lines)
    assert MARIE not in text and "colis ?" not in text and "Dupont" not in text

"""`mailbot tickets list` and `show` as people read them."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.edges.store import Store, cases
from tests.commands.conftest import Said
from tests.edges.store.samples import NOW, clock, draft, mail, prepare

Run = Callable[..., Said]


@pytest.fixture
def two(store: Store) -> tuple[int, int]:
    """A ticket that gave way to a newer mail of its customer, and that one."""
    older = draft(store, 1, clocks=(clock(due=timedelta(hours=3)),)).case.id
    again = mail(2, references=("<client-1@example.org>",))
    return older, prepare(store, again, uid=2, action="human", clocks=(clock(due=timedelta(days=2)),))


def test_a_ticket_says_where_its_answer_is(
    mailbot: Run, store: Store, config: Path, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    older, newer = two
    filed = prepare(store, mail(3, sender="pub@example.net"), uid=3, action="ignore")
    lines = mailbot("tickets", "list", "-c", config, at=NOW).out.splitlines()
    found = [line for line in lines if line.startswith("│")]
    assert [line.split()[1] for line in found] == [str(newer), str(older)]
    assert "reste 3 h" in found[0] and "à écrire" in found[0]
    assert f"dans le ticket {newer}" in found[1]
    closed = mailbot("tickets", "list", "--closed", "-c", config, at=NOW).out
    assert f"│ {filed} " in closed and "aucune" in closed and "à écrire" not in closed
    told = [json.loads(line) for line in mailbot("tickets", "list", "--json", "-c", config).out.splitlines()]
    assert [(one["ticket"], one["answered_by"]) for one in told] == [(newer, None), (older, newer)]


def test_a_ticket_is_shown_with_the_clocks_of_those_it_answers(
    mailbot: Run, store: Store, config: Path, two: tuple[int, int]
) -> None:
    older, newer = two
    said = mailbot("tickets", "show", newer, "-c", config, at=NOW)
    assert f"Ticket {newer} · ouvert · " in said.words and "réponse : à écrire" in said.words
    assert f"Répondre au client (ticket {older}) : " in said.words and "(reste 3 h 00)" in said.words
    assert (
        f"réponse : dans le ticket {newer}" in mailbot("tickets", "show", older, "-c", config, at=NOW).words
    )
    cases.close(store, newer, "Léa", "réglé au téléphone", NOW)
    said = mailbot("tickets", "show", newer, "-c", config, at=NOW)
    assert f"Ticket {newer} · clos · " in said.words and "réponse : aucune" in said.words


def test_a_ticket_that_does_not_exist_is_told_in_french(mailbot: Run, store: Store, config: Path) -> None:
    said = mailbot("tickets", "show", 99, "-c", config)
    assert said.code == 1 and "le ticket 99 n'existe pas" in said.words

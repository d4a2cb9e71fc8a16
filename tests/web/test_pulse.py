"""What the pages remember of the database: the counts follow the acts, and rights."""

from collections.abc import Callable

import pytest

from mailbot.edges.store import Store, desk, tally
from mailbot.edges.store.queue import Wanted
from mailbot.web import pulse
from mailbot.web.office import Office
from tests.edges.store.samples import NOW, mail, prepare, reply_to
from tests.web.conftest import Browser, Watch, arrives, said


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One line for each time the cases are counted; even few are then remembered."""
    counted: list[int] = []
    read = tally.read

    def noted(store: Store) -> tally.Tally:
        counted.append(1)
        return read(store)

    monkeypatch.setattr("mailbot.edges.store.tally.read", noted)
    monkeypatch.setattr(pulse, "_SMALL", 0)
    return counted


def test_cases_are_counted_once_for_all_pages_until_something_happens(
    store: Store, office: Office, clock: Watch, reads: list[int]
) -> None:
    for uid in (1, 2):
        prepare(store, mail(uid, sender=f"c{uid}@example.org"), uid=uid, reply=reply_to(uid))
    assert [office.tallies.read().all for _ in range(3)] == [2, 2, 2] and len(reads) == 1
    clock.wait(seconds=5)
    assert office.tallies.read().all == 2 and len(reads) == 1
    prepare(store, mail(3, sender="c3@example.org"), uid=3, reply=reply_to(3))
    assert office.tallies.read().all == 2, "the pulse is at most a second old"
    clock.wait(seconds=1)
    assert office.tallies.read().all == 3 and len(reads) == 2
    clock.wait(minutes=1)
    assert office.tallies.read().all == 3 and len(reads) == 3


def test_who_has_acted_sees_the_new_counts_at_once(
    store: Store, claire: Browser, reads: list[int], clock: Watch
) -> None:
    case = prepare(store, mail(1), uid=1, reply=reply_to(1))
    clock.wait(seconds=1)
    assert "À traiter 1" in said(claire.get("/"))
    claire.get(f"/tickets/{case}")
    claire.post(f"/tickets/{case}/attendre", attendre="oui")
    words = said(claire.get("/"))
    assert "À traiter 0" in words and "En attente du client 1" in words


def test_nobody_is_told_of_cases_in_accounts_they_may_not_see(
    store: Store, browser: Callable[[], Browser], reads: list[int]
) -> None:
    number = prepare(store, mail(1), uid=1, reply=reply_to(1))
    desk.take(store, number, "Odile", NOW)
    odile = arrives(store, browser(), "Odile", accounts=("outlet",))
    page = odile.get("/")
    assert "À traiter 0" in said(page) and "Pris par moi 0" in said(page)
    assert "en route" not in page.text, "nor of their situations in the filters"
    assert tally.held(store, Wanted(person="Odile")) == 1

"""The queue: order, filters, pages, search, who is where, live news."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from mailbot.edges.store import Store, desk
from tests.edges.store.samples import clock as deadline
from tests.edges.store.samples import draft, mail, order, prepare, reply_to
from tests.web.conftest import Browser, Watch, arrives, said


def rows(window: Browser, path: str = "/") -> list[int]:
    """The tickets a page lists, in order."""
    text = window.get(path).text
    return [int(part.partition('"')[0]) for part in text.split('data-ticket="')[1:]]


@pytest.fixture
def five(store: Store) -> list[int]:
    """Five tickets of five customers; due in 3 days, 1 hour, an hour ago, never, and one for a human."""
    dues = (timedelta(days=3), timedelta(hours=1), -timedelta(hours=1), None, timedelta(days=5))
    numbers = []
    for uid, due in enumerate(dues, 1):
        clocks = (deadline(due=due),) if due is not None else ()
        human = uid == 5
        numbers.append(
            prepare(
                store, mail(uid, sender=f"client{uid}@example.org", text=f"Où est ma commande numéro{uid} ?"), uid=uid,
                reply=None if human else reply_to(uid), action="human" if human else "draft", clocks=clocks,
                found=order(f"FR-{uid}") if uid == 2 else None,
            )
        )  # fmt: skip
    return numbers


def test_what_is_due_first_is_at_the_top_and_what_has_no_clock_at_the_end(
    five: list[int], claire: Browser
) -> None:
    assert rows(claire) == [five[2], five[1], five[0], five[4], five[3]]
    words = said(claire.get("/")).replace("\u00a0", " ")
    for expected in (
        "dépassé de 1 h",
        "reste 1 h",
        "reste 3 j 0 h",
        "sans échéance",
        "À traiter 5",
        "À écrire 1",
    ):
        assert expected in words


def test_filters_narrow_the_queue(five: list[int], claire: Browser) -> None:
    assert rows(claire, "/?avant=depasse") == [five[2]]
    assert rows(claire, "/?avant=4h") == [five[2], five[1]]
    assert rows(claire, "/?vue=humain") == [five[4]]
    assert rows(claire, "/?canal=site") == [five[1]]
    assert len(rows(claire, "/?situation=colis_non_recu")) == 5
    assert rows(claire, "/?situation=litige&vue=nimporte&avant=quoi&apres=x-y") == []


def test_a_page_begins_where_the_one_before_ended(
    five: list[int], claire: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailbot.web.queue.PAGE", 2)
    path, found = "/", []
    while path:
        text = claire.get(path).text
        found += [int(part.partition('"')[0]) for part in text.split('data-ticket="')[1:]]
        path = text.partition('class="more"><a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert found == [five[2], five[1], five[0], five[4], five[3]]


def test_search_finds_words_by_their_beginning_whatever_their_accents(
    five: list[int], claire: Browser
) -> None:
    assert rows(claire, "/recherche?q=numero3") == [five[2]]
    assert rows(claire, "/recherche?q=OU+comm") == list(reversed(five))
    assert rows(claire, "/recherche?q=client4@example.org") == [five[3]]
    assert rows(claire, "/recherche?q=FR-2") == [five[1]]
    assert rows(claire, f"/recherche?q=%23{five[0]}") == [five[0]]
    for hostile in ('"', "a OR b*", "NEAR(", "' OR 1=1 --", "col:x", "%00", "é" * 300, "-", "(((", "a\\b"):
        assert claire.client.get("/recherche", params={"q": hostile}).status_code == 200


def test_a_ticket_somebody_looks_at_says_so_for_half_a_minute(
    five: list[int], claire: Browser, browser: Callable[[], Browser], store: Store, clock: Watch
) -> None:
    denis = arrives(store, browser(), "Denis")
    denis.get(f"/tickets/{five[0]}")
    assert "Denis" in said(claire.get("/"))
    assert "Denis regarde" in said(claire.get(f"/tickets/{five[0]}"))
    clock.wait(seconds=31)
    assert "Denis" not in said(claire.get("/"))


def test_a_taken_ticket_is_in_ones_own_view(five: list[int], claire: Browser) -> None:
    claire.get("/")
    claire.post(f"/tickets/{five[0]}/prendre")
    assert rows(claire, "/?vue=moi") == [five[0]]


def test_sent_and_closed_tickets_leave_the_queue_for_their_own_views(store: Store, claire: Browser) -> None:
    reply = draft(store)
    claire.get("/")
    claire.post(f"/tickets/{reply.case.id}/pas-un-client")
    assert rows(claire) == []
    assert rows(claire, "/?vue=clos") == [reply.case.id]


def test_the_fragment_holds_rows_only(five: list[int], claire: Browser) -> None:
    text = claire.get("/", **{"x-fragment": "1"}).text
    assert text.count('<li class="row') == 5
    assert "<html" not in text


def test_the_pulse_beats_when_something_happens(store: Store, clock: Watch) -> None:
    seen = [desk.pulse(store, clock.at)]
    reply = draft(store)
    seen.append(desk.pulse(store, clock.at))
    desk.look(store, reply.case.id, "Denis", clock.at)
    seen.append(desk.pulse(store, clock.at))
    desk.take(store, reply.case.id, "Denis", clock.at)
    seen.append(desk.pulse(store, clock.at))
    clock.wait(minutes=1)
    seen.append(desk.pulse(store, clock.at))
    assert all(one != other for one, other in pairwise(seen))


def test_the_stream_asks_for_a_session(browser: Callable[[], Browser]) -> None:
    assert browser().client.get("/direct").status_code == 401

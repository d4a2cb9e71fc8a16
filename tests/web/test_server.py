"""The pages as a server: a socket of its own, a live stream, and a quick stop."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from mailbot import clock
from mailbot.config import Web
from mailbot.edges.store import Store, desk, people_tables, sessions
from mailbot.errors import NeedsHuman
from mailbot.web import credentials
from mailbot.web.office import Office
from mailbot.web.server import listen, serve
from tests.edges.store.samples import draft
from tests.web.conftest import hire


def test_a_port_in_use_is_said_in_french() -> None:
    words = r"ne peut pas être ouvert .* Changez \[web\] port"
    with listen(Web(port=0)) as first, pytest.raises(NeedsHuman, match=words):
        listen(Web(port=first.getsockname()[1]))


@dataclass(frozen=True, slots=True)
class Streams:
    """A server whose live streams Claire may open."""

    store: Store
    person: int
    cookie: str
    ticket: int
    port: int
    stop: threading.Event
    server: threading.Thread
    opened: ExitStack

    def open(self, path: str) -> http.client.HTTPResponse:
        """The stream of a page."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        self.opened.callback(asked.close)
        asked.request("GET", path, headers={"Cookie": f"mailbot={self.cookie}"})
        return self.opened.enter_context(asked.getresponse())


@pytest.fixture
def streams(store: Store, office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Streams]:
    """The server, on a socket; it looks at rights again at every turn."""
    monkeypatch.setattr("mailbot.web.live.BEAT_TURNS", 1)
    office = replace(office, now=clock.now)  # its pulse, too, goes by the real clock
    cookie, person = credentials.token(), hire(store, "Claire")
    life = timedelta(hours=1)
    sessions.begin(store, person.id, credentials.digest(cookie), clock.now(), life, browser="", address="")
    ticket = draft(store).case.id
    with listen(Web(port=0)) as listening, ExitStack() as opened:
        stop = threading.Event()
        server = threading.Thread(target=serve, args=(office, listening, stop))
        server.start()
        yield Streams(store, person.id, cookie, ticket, listening.getsockname()[1], stop, server, opened)
        stop.set()
        server.join(10)


def test_a_live_stream_tells_that_something_happened_and_does_not_hold_up_the_stop(streams: Streams) -> None:
    store, ticket = streams.store, streams.ticket
    answer = streams.open(f"/direct?ticket={ticket}")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert _next_pulse(answer) == b"1"
    assert desk.present(store, [ticket], clock.now()) == {ticket: ("Claire",)}
    desk.take(store, ticket, "Denis", clock.now())
    assert _next_pulse(answer) == b"1"
    begun = time.monotonic()
    streams.stop.set()
    streams.server.join(10)
    assert not streams.server.is_alive()
    assert time.monotonic() - begun < 6
    assert desk.present(store, [ticket], clock.now()) == {}


def test_a_live_stream_tells_nobody_who_looks_at_which_case(streams: Streams) -> None:
    desk.look(streams.store, streams.ticket, "Denis", clock.now())
    answer = streams.open("/direct")
    told = b"".join(answer.readline() for _ in range(5))
    assert b"pouls" in told
    assert b"Denis" not in told
    assert [line for line in told.splitlines() if line.startswith(b"data")] == [b"data: 1"]


def test_a_live_stream_ends_with_its_session(streams: Streams) -> None:
    answer = streams.open(f"/direct?ticket={streams.ticket}")
    _next_pulse(answer)
    sessions.end_others(streams.store, streams.person, clock.now())
    while answer.readline():
        pass
    assert streams.open("/direct").status == 401


def test_a_live_stream_ends_when_its_case_may_no_longer_be_seen(streams: Streams) -> None:
    answer = streams.open(f"/direct?ticket={streams.ticket}")
    _next_pulse(answer)
    with streams.store.write() as conn:
        conn.execute(people_tables.people.update().values(accounts=["ailleurs"]))
    while answer.readline():
        pass
    assert streams.open(f"/direct?ticket={streams.ticket}").status == 404


def _next_pulse(answer: http.client.HTTPResponse) -> bytes:
    while line := answer.readline():
        if line.startswith(b"data: "):
            return line[6:].strip()
    raise AssertionError("the stream ended")

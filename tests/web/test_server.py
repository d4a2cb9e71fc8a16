"""The pages as a server: a socket of its own, a live stream, and a quick stop."""

import http.client
import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot import clock
from mailbot.config import Web
from mailbot.edges.store import Store, desk, sessions
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


def test_a_live_stream_tells_of_a_new_ticket_and_does_not_hold_up_the_stop(
    store: Store, office: Office
) -> None:
    office = replace(office, now=clock.now)  # its pulse, too, goes by the real clock
    cookie, person = credentials.token(), hire(store, "Claire")
    life = timedelta(hours=1)
    sessions.begin(store, person.id, credentials.digest(cookie), clock.now(), life, browser="", address="")
    ticket = draft(store).case.id
    listening: socket.socket = listen(Web(port=0))
    stop = threading.Event()
    server = threading.Thread(target=serve, args=(office, listening, stop))
    server.start()
    stream = http.client.HTTPConnection("127.0.0.1", listening.getsockname()[1], timeout=10)
    try:
        stream.request("GET", f"/direct?ticket={ticket}", headers={"Cookie": f"mailbot={cookie}"})
        answer = stream.getresponse()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert _next_pulse(answer)["cases"] == ticket
        assert desk.present(store, [ticket], clock.now()) == {ticket: ("Claire",)}
        desk.take(store, ticket, "Denis", clock.now())
        assert _next_pulse(answer)["desk"]
    finally:
        begun = time.monotonic()
        stop.set()
        server.join(10)
        stream.close()
        listening.close()
    assert not server.is_alive()
    assert time.monotonic() - begun < 6
    assert desk.present(store, [ticket], clock.now()) == {}


def _next_pulse(answer: http.client.HTTPResponse) -> dict[str, object]:
    import json

    while line := answer.readline():
        if line.startswith(b"data: "):
            found: dict[str, object] = json.loads(line[6:])
            return found
    raise AssertionError("the stream ended")

"""What happens elsewhere, as it happens: `/direct`, a stream of server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from mailbot.edges.store import cases, desk, sessions
from mailbot.edges.store.people import Person
from mailbot.errors import MailbotError
from mailbot.web import credentials
from mailbot.web.office import Office
from mailbot.web.pulse import LOOK_SECONDS
from mailbot.web.routing import cookie_name

BEAT_TURNS = 10  # turns between two signs of life, which also renew who looks at a case


async def stream(request: Request) -> Response:
    """Tell this browser when something changed, but not what: the page asks for that itself, with its own rights.
    `ticket` is the case it shows, if any."""
    office: Office = request.app.state.office
    cookie = request.cookies.get(cookie_name(office), "")
    session = await run_in_threadpool(_session, office, cookie, noted=True)
    if session is None:
        return Response(status_code=401)
    shown = request.query_params.get("ticket", "")
    case = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 16 else None
    if case is not None and not await run_in_threadpool(_may_see, office, session.person, case):
        return Response(status_code=404)
    told = _tell(request, office, cookie, session.person.name, case)
    return StreamingResponse(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _session(office: Office, cookie: str, *, noted: bool) -> sessions.Session | None:
    idle = timedelta(minutes=office.web.idle_minutes)
    return sessions.find(office.store, credentials.digest(cookie), office.now(), idle, noted=noted)


def _may_see(office: Office, person: Person, case_id: int) -> bool:
    try:
        return person.sees(cases.get(office.store, case_id).account)
    except MailbotError:
        return False


def _still_welcome(office: Office, cookie: str, case: int | None) -> bool:
    """Whether the session lives and may see the case; the person is then noted as looking at it."""
    session = _session(office, cookie, noted=False)
    if session is None or (case is not None and not _may_see(office, session.person, case)):
        return False
    if case is not None:
        desk.look(office.store, case, session.person.name, office.now())
    return True


async def _tell(
    request: Request, office: Office, cookie: str, person: str, case: int | None
) -> AsyncIterator[str]:
    known: dict[str, Any] = {}
    turn = 0
    try:
        while not office.stop.is_set():
            if turn % BEAT_TURNS == 0:
                if not await run_in_threadpool(_still_welcome, office, cookie, case):
                    return
                yield ": en vie\n\n"
                if await request.is_disconnected():
                    return
            turn += 1
            found = await run_in_threadpool(office.pulse.read)
            if found != known:
                known = found
                yield "event: pouls\ndata: 1\n\n"
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        if case is not None:
            await asyncio.shield(run_in_threadpool(desk.leave, office.store, case, person))


ROUTES = [Route("/direct", stream, methods=["GET"])]

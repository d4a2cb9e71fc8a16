"""What happens elsewhere, as it happens: `/direct`, a stream of server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from mailbot.edges.store import cases, desk, sessions
from mailbot.errors import MailbotError
from mailbot.web import credentials
from mailbot.web.office import Office
from mailbot.web.pulse import LOOK_SECONDS
from mailbot.web.routing import cookie_name

BEAT_TURNS = 10  # turns between two signs of life, which also renew who looks at a case


async def stream(request: Request) -> Response:
    """Tell this browser when something changed; `ticket` is the case it shows, if any."""
    office: Office = request.app.state.office
    session = await run_in_threadpool(_session, office, request.cookies.get(cookie_name(office), ""))
    if session is None:
        return Response(status_code=401)
    shown = request.query_params.get("ticket", "")
    case = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 16 else None
    if case is not None and not await run_in_threadpool(_may_see, office, session.person, case):
        return Response(status_code=404)
    told = _tell(request, office, session.person.name, case)
    return StreamingResponse(told, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _session(office: Office, cookie: str) -> sessions.Session | None:
    idle = timedelta(minutes=office.web.idle_minutes)
    return sessions.find(office.store, credentials.digest(cookie), office.now(), idle)


def _may_see(office: Office, person: Any, case_id: int) -> bool:
    try:
        return bool(person.sees(cases.get(office.store, case_id).account))
    except MailbotError:
        return False


async def _tell(request: Request, office: Office, person: str, case: int | None) -> AsyncIterator[str]:
    known: dict[str, Any] = {}
    turn = 0
    try:
        while not office.stop.is_set():
            if turn % BEAT_TURNS == 0:
                if case is not None:
                    await run_in_threadpool(desk.look, office.store, case, person, office.now())
                yield ": en vie\n\n"
                if await request.is_disconnected():
                    return
            turn += 1
            found = await run_in_threadpool(office.pulse.read)
            if found != known:
                known = found
                yield f"event: pouls\ndata: {json.dumps(found)}\n\n"
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        if case is not None:
            await asyncio.shield(run_in_threadpool(desk.leave, office.store, case, person))


ROUTES = [Route("/direct", stream, methods=["GET"])]

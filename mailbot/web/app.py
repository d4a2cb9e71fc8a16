"""The application: every page family's routes under the common headers."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from mailbot.jobs.log import log
from mailbot.web import (
    account,
    acts,
    case,
    corrections,
    dossiers,
    figures,
    handling,
    letter,
    live,
    machines,
    new_situation,
    operations,
    orders,
    people,
    previews,
    queue,
    shared_parts,
    shipped,
    signin,
    situations,
    together,
    trial,
    versions,
)
from mailbot.web.headers import SafeHeaders
from mailbot.web.office import Office
from mailbot.web.render import ASSETS
from mailbot.web.routing import unknown

# each module has a list ROUTES
FAMILIES = (signin, account, queue, case, acts, handling, together, letter, dossiers, figures, people, live)
LEADS = (
    situations,
    new_situation,
    shared_parts,
    shipped,
    previews,
    versions,
    corrections,
    trial,
    orders,
    machines,
    operations,
)
_FOREVER = "public, max-age=31536000, immutable"
_LONGEST_REPORT = 20_000


class _Assets(StaticFiles):
    """Our own files; their address changes with their content (render.asset)."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == 200:
            answer.headers["cache-control"] = _FOREVER
        return answer


def create(office: Office) -> Starlette:
    """The pages as an ASGI application."""
    routes: list[BaseRoute] = [route for family in (*FAMILIES, *LEADS) for route in family.ROUTES]
    routes.append(Route("/csp", _violation, methods=["POST"]))
    routes.append(Route("/sante", _alive, methods=["GET"]))
    routes.append(Mount("/assets", _Assets(directory=ASSETS)))
    app = Starlette(
        routes=routes,
        middleware=[Middleware(SafeHeaders, web=office.web)],
        exception_handlers={404: _unknown, 405: _unknown},
    )
    app.state.office = office
    app.state.violations = []
    return app


async def _violation(request: Request) -> Response:
    """A browser kept a page from doing what our policy forbids: somebody's mail tried, or we made a mistake."""
    report = bytearray()
    async for piece in request.stream():
        report += piece
        if len(report) > _LONGEST_REPORT:
            return Response(status_code=413)
    log.warning(
        "page : contenu bloqué par le navigateur : %s", bytes(report[:500]).decode("utf-8", "replace")
    )
    request.app.state.violations = [*request.app.state.violations[-99:], bytes(report)]
    return Response(status_code=204)


async def _alive(_request: Request) -> Response:
    """For whoever watches over us."""
    return Response("ok", media_type="text/plain")


async def _unknown(request: Request, _error: Exception) -> Response:
    return await unknown(request)

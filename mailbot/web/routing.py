"""From a request to a handler: who asks, may they, is the form ours; and what is said when something is refused.

A handler is a plain function `(visit: Visit) -> Response`; it runs in a thread and may use the store."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mailbot.edges.store import audit, people, sessions
from mailbot.edges.store.people import Role
from mailbot.errors import MailbotError
from mailbot.web import credentials, flash, render
from mailbot.web.office import LOOPBACK, Office
from mailbot.web.visit import FORM_KEY, Visit, own_path

Handler = Callable[[Visit], Response]
LARGEST_FIELD = 2_000_000
LARGEST_FORM = 64_000_000
MOST_FIELDS = 500


def get(path: str, handler: Handler, *, role: Role | None = "agent") -> Route:
    """A page. `role`: the lowest role that may open it; None for everybody, come in or not."""
    return Route(path, _endpoint(handler, role), methods=["GET"])


def post(path: str, handler: Handler, *, role: Role | None = "agent") -> Route:
    """An act. Its form carries the visitor's key (`{{ key() }}` in templates, X-Jeton in JavaScript)."""
    return Route(path, _endpoint(handler, role), methods=["POST"])


def _endpoint(handler: Handler, role: Role | None) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.method != "POST":
            return await run_in_threadpool(_answer, handler, role, request, FormData())
        if int(request.headers.get("content-length") or LARGEST_FORM + 1) > LARGEST_FORM:
            return Response("Formulaire trop grand.", 413, media_type="text/plain; charset=utf-8")
        async with request.form(max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD) as form:
            return await run_in_threadpool(_answer, handler, role, request, form)

    return endpoint


def _answer(handler: Handler, role: Role | None, request: Request, form: FormData) -> Response:
    office: Office = request.app.state.office
    visit = _visit(office, request, form)
    answer = _allowed(visit, handler, role)
    if request.method == "POST":
        office.pulse.forget()
    if request.cookies.get(cookie_name(office)) != visit.cookie:
        set_cookie(visit, answer, visit.cookie)
    return answer


def _visit(office: Office, request: Request, form: FormData) -> Visit:
    now = office.now()
    cookie = request.cookies.get(cookie_name(office), "")
    session = None
    if cookie:
        idle = timedelta(minutes=office.web.idle_minutes)
        session = sessions.find(office.store, credentials.digest(cookie), now, idle)
    visit = Visit(
        office=office,
        request=request,
        now=now,
        cookie=cookie or credentials.token(),
        session=session,
        form=form,
    )
    if session is None and office.guest and _on_this_machine(request):
        return _as_guest(visit, office.guest)
    return visit


def _allowed(visit: Visit, handler: Handler, role: Role | None) -> Response:
    """The handler's answer, or why there is none."""
    method = visit.request.method
    if method == "POST" and not _ours(visit):
        return refused(
            visit,
            403,
            "Ce formulaire n'est plus valable (session expirée ou page d'ailleurs). Rechargez la page.",
        )
    if role is not None and visit.session is None:
        return _to_login(visit)
    if role is not None and not visit.person.may(role):
        audit.write(visit.store, visit.now, visit.person.name, "acces_refuse", detail=visit.request.url.path)
        return refused(visit, 403, "Cette page demande un autre rôle que le vôtre.")
    try:
        return handler(visit)
    except MailbotError as error:
        if method == "POST" and not visit.wants_json:
            return flash.redirect(visit, visit.back(), flash.Flash(text=_sentence(error), tone="erreur"))
        return refused(visit, 409 if method == "POST" else 404, _sentence(error))


async def unknown(request: Request) -> Response:
    """Where there is no page: a sentence, with the way back."""
    return await run_in_threadpool(_answer, _no_page, None, request, FormData())


def _no_page(visit: Visit) -> Response:
    return refused(visit, 404, "Cette page n'existe pas.")


def refused(visit: Visit, status: int, why: str) -> Response:
    """A page (or JSON) that says why not (French)."""
    if visit.wants_json:
        return JSONResponse({"erreur": why}, status)
    return render.page(visit, "refused", title="Impossible", status=status, why=why)


def _sentence(error: MailbotError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]


def _ours(visit: Visit) -> bool:
    """The form was made by a page of ours, for this visitor."""
    site = visit.request.headers.get("sec-fetch-site", "same-origin")
    origin = visit.request.headers.get("origin")
    if site not in ("same-origin", "none") or (
        origin and urlsplit(origin).netloc != visit.request.headers.get("host")
    ):
        return False
    given = visit.text(FORM_KEY) or visit.request.headers.get("x-jeton", "")
    return credentials.same(given, visit.form_key)


def _to_login(visit: Visit) -> Response:
    if visit.wants_json:
        return JSONResponse({"erreur": "Votre session a expiré : reconnectez-vous."}, 401)
    url = visit.request.url
    wanted = (
        own_path(url.path + (f"?{url.query}" if url.query else "")) if visit.request.method == "GET" else "/"
    )
    return RedirectResponse(
        f"/connexion?suite={quote(wanted, safe='')}" if wanted != "/" else "/connexion", 303
    )


def _on_this_machine(request: Request) -> bool:
    """A browser of this machine, called by a name of this machine."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    return request.client is not None and request.client.host in LOOPBACK and host in LOOPBACK


def _as_guest(visit: Visit, name: str) -> Visit:
    """The demonstration: whoever sits at this machine comes in without a password."""
    person = people.named(visit.store, name)
    fresh = begin_session(visit, person)
    idle = timedelta(minutes=visit.office.web.idle_minutes)
    session = sessions.find(visit.store, credentials.digest(fresh), visit.now, idle)
    return Visit(
        office=visit.office,
        request=visit.request,
        now=visit.now,
        cookie=fresh,
        session=session,
        form=visit.form,
    )


def begin_session(visit: Visit, person: people.Person) -> str:
    """A person has shown who they are; returns the cookie of their new session."""
    fresh, web = credentials.token(), visit.office.web
    sessions.begin(
        visit.store,
        person.id,
        credentials.digest(fresh),
        visit.now,
        timedelta(hours=web.session_hours),
        browser=visit.request.headers.get("user-agent", ""),
        address=address_of(visit),
    )
    return fresh


def address_of(visit: Visit) -> str:
    """Where the browser is (behind a trusted proxy: as the proxy says)."""
    return visit.request.client.host if visit.request.client else ""


def cookie_name(office: Office) -> str:
    """Behind TLS the name itself forbids other hosts to set it."""
    return "__Host-mailbot" if office.web.secure else "mailbot"


def set_cookie(visit: Visit, answer: Response, value: str) -> None:
    """The visitor's secret: ours alone, never read by scripts, never sent from other sites' forms."""
    answer.set_cookie(
        cookie_name(visit.office),
        value,
        httponly=True,
        samesite="lax",
        secure=visit.office.web.secure,
        path="/",
    )

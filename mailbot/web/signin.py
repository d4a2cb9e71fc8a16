"""Coming in and going out: `/connexion`, `/bienvenue/<lien>`, `/deconnexion`."""

from dataclasses import replace

from starlette.responses import RedirectResponse, Response

from mailbot.edges.store import audit, people, sessions
from mailbot.edges.store.people import Person
from mailbot.errors import MailbotError
from mailbot.web import credentials, render
from mailbot.web.routing import address_of, begin_session, get, post, set_cookie
from mailbot.web.visit import Visit, own_path

_WRONG = "Nom, mot de passe ou code incorrect."
_WAIT = "Trop d'essais. Attendez un quart d'heure, ou demandez un nouveau lien à un administrateur."


class _Refused(Exception):
    """Why somebody may not come in (French)."""


def form(visit: Visit) -> Response:
    """Ask for name, password and, if there is one, the second factor."""
    if visit.session is not None:
        return RedirectResponse(own_path(visit.query.get("suite", "/")), 303)
    return _form(visit, visit.query.get("suite", "/"))


def _form(visit: Visit, wanted: str, wrong: str = "", status: int = 200) -> Response:
    return render.page(
        visit, "signin", title="Connexion", status=status, wanted=own_path(wanted), wrong=wrong,
        name=visit.text("nom"), nobody=not people.anybody(visit.store),
    )  # fmt: skip


def come_in(visit: Visit) -> Response:
    """Check what was given; always equally slow, always the same words."""
    name = visit.text("nom")[:200]
    try:
        person = _known(visit, name)
    except _Refused as why:
        return _form(visit, visit.text("suite"), str(why), 429 if str(why) == _WAIT else 401)
    sessions.succeeded(visit.store, name, visit.now)
    return _entered(visit, person, own_path(visit.text("suite")))


def _known(visit: Visit, name: str) -> Person:
    if sessions.must_wait(visit.store, name, address_of(visit), visit.now):
        raise _Refused(_WAIT)
    person = people.find(visit.store, name)
    password_fits = credentials.fits(visit.text("mot_de_passe"), person.password if person else None)
    if person is None or not password_fits or person.disabled_at or not _second_factor(visit, person):
        sessions.failed(visit.store, name, address_of(visit), visit.now)
        audit.write(visit.store, visit.now, name or "?", "connexion_refusee", detail=address_of(visit))
        raise _Refused(_WRONG)
    return person


def _second_factor(visit: Visit, person: Person) -> bool:
    """The code of the telephone, or a recovery code; each serves once."""
    if person.totp_secret is None:
        return True
    code = visit.text("code")
    step = credentials.step_of(person.totp_secret, code, visit.now)
    if step is not None:
        return people.use_step(visit.store, person.id, step)
    return people.use_recovery_code(visit.store, person.id, credentials.recovery_digest(code), visit.now)


def _entered(visit: Visit, person: Person, wanted: str) -> Response:
    if visit.session is not None:
        sessions.end(visit.store, visit.session.id, visit.person.id, visit.now)
    answer = RedirectResponse(wanted, 303)
    set_cookie(visit, answer, begin_session(visit, person))
    audit.write(visit.store, visit.now, person.name, "connexion", detail=address_of(visit))
    return answer


def leave(visit: Visit) -> Response:
    """End this session."""
    if visit.session is not None:
        sessions.end(visit.store, visit.session.id, visit.person.id, visit.now)
        audit.write(visit.store, visit.now, visit.person.name, "deconnexion")
    answer = RedirectResponse("/connexion", 303)
    set_cookie(visit, answer, credentials.token())
    return answer


def welcome(visit: Visit) -> Response:
    """A one-time link: choose a password."""
    person = people.invited(visit.store, _link(visit), visit.now)
    return _welcome(visit, person)


def _welcome(visit: Visit, person: Person, wrong: str = "") -> Response:
    title = f"Bienvenue, {person.name}"
    return render.page(visit, "welcome", title=title, status=400 if wrong else 200, known=person, wrong=wrong)


def accept(visit: Visit) -> Response:
    """The password is chosen: the link is used up, the person is in."""
    person = people.invited(visit.store, _link(visit), visit.now)
    password = visit.text("mot_de_passe")
    wrong = credentials.weakness(password, person.name)
    if wrong is None and password != visit.text("encore"):
        wrong = "les deux mots de passe diffèrent."
    if wrong is not None:
        return _welcome(visit, person, wrong[:1].upper() + wrong[1:])
    try:
        people.accept(visit.store, _link(visit), credentials.hashed(password), visit.now)
    except MailbotError as error:
        return _form(visit, "/", str(error), 409)
    return _entered(visit, replace(person, totp_secret=None), "/compte")


def _link(visit: Visit) -> str:
    return credentials.digest(str(visit.request.path_params["link"]))


ROUTES = [
    get("/connexion", form, role=None),
    post("/connexion", come_in, role=None),
    post("/deconnexion", leave, role=None),
    get("/bienvenue/{link}", welcome, role=None),
    post("/bienvenue/{link}", accept, role=None),
]

"""One's own account: `/compte`: password, second factor, sessions."""

from typing import Any

from starlette.responses import Response

from mailbot.edges.store import audit, people, sessions
from mailbot.steps.french import counted
from mailbot.web import credentials, flash, qr, render
from mailbot.web.flash import Flash
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit


def account(visit: Visit) -> Response:
    """What is known of oneself."""
    return _page(visit)


def _page(visit: Visit, **more: Any) -> Response:
    mine = sessions.of_person(visit.store, visit.person, visit.now)
    left = people.recovery_codes_left(visit.store, visit.person.id)
    shown: dict[str, Any] = {"secret": "", "link": "", "codes": (), "wrong": "", "code": None}
    return render.page(
        visit, "account", title="Mon compte", sessions=mine, codes_left=left, **{**shown, **more}
    )


def new_password(visit: Visit) -> Response:
    """Another password; the other browsers of this person are put out."""
    password, person = visit.text("mot_de_passe"), visit.person
    if not credentials.fits(visit.text("ancien"), person.password):
        return _wrong(visit, "L'ancien mot de passe n'est pas le bon.")
    if (why := credentials.weakness(password, person.name)) is not None:
        return _wrong(visit, why[:1].upper() + why[1:])
    people.set_password(visit.store, person.id, credentials.hashed(password))
    sessions.end_others(visit.store, person.id, visit.now, kept=_own(visit))
    audit.write(visit.store, visit.now, person.name, "mot_de_passe_change")
    return flash.redirect(
        visit, "/compte", Flash(text="Mot de passe changé. Vos autres sessions sont fermées.")
    )


def _wrong(visit: Visit, why: str) -> Response:
    return flash.redirect(visit, "/compte", Flash(text=why, tone="erreur"))


def offer_second_factor(visit: Visit) -> Response:
    """A secret for the telephone; it counts only once a code of it was given."""
    secret = credentials.totp_secret()
    shop = visit.office.rulebook.merchant.nom
    return _offered(visit, secret, credentials.totp_link(secret, visit.person.name, shop))


def _offered(visit: Visit, secret: str, link: str, wrong: str = "") -> Response:
    """The secret as a picture for a telephone's camera, and as text."""
    return _page(visit, secret=secret, link=link, code=qr.drawn(link), wrong=wrong)


def set_second_factor(visit: Visit) -> Response:
    """The telephone shows the right code: from now on it is asked for."""
    secret, person = visit.text("secret"), visit.person
    if credentials.step_of(secret, visit.text("code"), visit.now) is None:
        link = credentials.totp_link(secret, person.name, visit.office.rulebook.merchant.nom)
        return _offered(visit, secret, link, "Ce code n'est pas le bon : essayez le suivant.")
    codes = credentials.recovery_codes()
    people.set_second_factor(
        visit.store, person.id, secret, [credentials.recovery_digest(code) for code in codes]
    )
    audit.write(visit.store, visit.now, person.name, "double_authentification_activee")
    return _page(visit, codes=codes)


def drop_second_factor(visit: Visit) -> Response:
    """The password alone is enough again; it is asked for once more."""
    if not credentials.fits(visit.text("ancien"), visit.person.password):
        return _wrong(visit, "Le mot de passe n'est pas le bon.")
    people.set_second_factor(visit.store, visit.person.id, None, ())
    audit.write(visit.store, visit.now, visit.person.name, "double_authentification_retiree")
    return flash.redirect(visit, "/compte", Flash(text="Double authentification retirée.", tone="attention"))


def end_session(visit: Visit) -> Response:
    """Put out one browser, or (without number) all others."""
    number = visit.whole("session")
    if number is None:
        ended = sessions.end_others(visit.store, visit.person.id, visit.now, kept=_own(visit))
    else:
        ended = int(sessions.end(visit.store, number, visit.person.id, visit.now))
    audit.write(visit.store, visit.now, visit.person.name, "sessions_fermees", detail=str(ended))
    return flash.redirect(visit, "/compte", Flash(text=f"{counted(ended, 'session fermée')}."))


def _own(visit: Visit) -> int:
    return visit.session.id if visit.session else 0


ROUTES = [
    get("/compte", account),
    post("/compte/mot-de-passe", new_password),
    post("/compte/double", offer_second_factor),
    post("/compte/double/activer", set_second_factor),
    post("/compte/double/retirer", drop_second_factor),
    post("/compte/sessions", end_session),
]

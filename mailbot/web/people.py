"""The administrators' pages: `/personnes` (who may come in) and `/journal` (the audit log)."""

from datetime import timedelta

from starlette.responses import Response

from mailbot.config import Web
from mailbot.edges.store import audit, people, sessions
from mailbot.edges.store.people import RANKS, Person, Role
from mailbot.errors import StoreError
from mailbot.steps.french import counted
from mailbot.web import credentials, flash, render
from mailbot.web.flash import Flash
from mailbot.web.office import Office
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit

LINK_LIFE = timedelta(hours=72)
PAGE = 200


def everybody(visit: Visit) -> Response:
    """Who may come in, and the form for one more."""
    return _page(visit)


def _page(visit: Visit, link: str = "", of: Person | None = None) -> Response:
    names = [account.name for account in visit.office.config.accounts]
    known = people.everybody(visit.store)
    return render.page(visit, "people", title="Personnes", people=known, accounts=names, link=link, of=of)


def add(visit: Visit) -> Response:
    """One more person; the page shows the link to hand over."""
    person = people.add(visit.store, visit.text("nom"), _role(visit), visit.now, accounts=_accounts(visit))
    _log(visit, "compte_cree", person)
    return _page(visit, invitation(visit.office, person), person)


def change(visit: Visit) -> Response:
    """Another role or other mail accounts."""
    person = people.get(visit.store, visit.number())
    people.change(visit.store, person.id, _role(visit), _accounts(visit))
    _log(visit, "compte_modifie", person, f" : {visit.text('role')}")
    return flash.redirect(visit, "/personnes", Flash(text=f"Compte de {person.name} modifié."))


def renew(visit: Visit) -> Response:
    """A new one-time link: for who has forgotten the password or lost the telephone."""
    person = people.get(visit.store, visit.number())
    _log(visit, "lien_renouvele", person)
    return _page(visit, invitation(visit.office, person), person)


def close(visit: Visit) -> Response:
    """Nobody comes in by this account any more."""
    person = people.get(visit.store, visit.number())
    people.disable(visit.store, person.id, visit.now)
    _log(visit, "compte_ferme", person)
    return flash.redirect(
        visit, "/personnes", Flash(text=f"Compte de {person.name} fermé, ses sessions aussi.")
    )


def reopen(visit: Visit) -> Response:
    """The account may be used again."""
    person = people.get(visit.store, visit.number())
    people.enable(visit.store, person.id)
    _log(visit, "compte_rouvert", person)
    return flash.redirect(visit, "/personnes", Flash(text=f"Compte de {person.name} rouvert."))


def put_out(visit: Visit) -> Response:
    """End all sessions of a person."""
    person = people.get(visit.store, visit.number())
    ended = sessions.end_others(visit.store, person.id, visit.now)
    _log(visit, "sessions_fermees", person)
    return flash.redirect(
        visit, "/personnes", Flash(text=f"{person.name} : {counted(ended, 'session fermée')}.")
    )


def journal(visit: Visit) -> Response:
    """The audit log, newest first."""
    before, case = _number(visit, "avant"), _number(visit, "ticket")
    lines = audit.lines(visit.store, before=before, case_id=case, limit=PAGE)
    return render.page(visit, "journal", title="Journal", lines=lines, case=case, more=len(lines) == PAGE)


def verify(visit: Visit) -> Response:
    """Recompute the whole chain."""
    found = audit.verify(visit.store)
    if found.broken is not None:
        said = Flash(
            text=f"Le journal a été altéré : première ligne fausse, la n° {found.broken}.", tone="erreur"
        )
    else:
        said = Flash(text=f"Journal intact : {counted(found.lines, 'ligne')}, empreinte {found.digest[:16]}.")
    return flash.redirect(visit, "/journal", said)


def invitation(office: Office, person: Person) -> str:
    """A one-time link for a person to choose a password; earlier ones no longer work."""
    link = credentials.token()
    people.invite(office.store, person.id, credentials.digest(link), office.now() + LINK_LIFE)
    return f"{address(office)}/bienvenue/{link}"


def address(office: Office) -> str:
    """How people reach the pages."""
    return address_of(office.web)


def address_of(web: Web) -> str:
    """The same, from the settings alone."""
    host = f"[{web.host}]" if ":" in web.host else web.host
    return web.public_url.rstrip("/") or f"http://{host}:{web.port}"


def _role(visit: Visit) -> Role:
    role = visit.text("role")
    if role not in RANKS:
        raise StoreError(f"le rôle « {role} » n'existe pas.")
    return role  # type: ignore[return-value]


def _accounts(visit: Visit) -> tuple[str, ...] | None:
    """The ticked mail accounts; None (all) when none is ticked."""
    known = {account.name for account in visit.office.config.accounts}
    ticked = tuple(str(name) for name in visit.form.getlist("compte") if name in known)
    return ticked or None


def _log(visit: Visit, kind: str, person: Person, more: str = "") -> None:
    audit.write(visit.store, visit.now, visit.person.name, kind, detail=person.name + more)


def _number(visit: Visit, name: str) -> int | None:
    value = visit.query.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


ROUTES = [
    get("/personnes", everybody, role="admin"),
    post("/personnes", add, role="admin"),
    post("/personnes/{number:int}/modifier", change, role="admin"),
    post("/personnes/{number:int}/lien", renew, role="admin"),
    post("/personnes/{number:int}/fermer", close, role="admin"),
    post("/personnes/{number:int}/rouvrir", reopen, role="admin"),
    post("/personnes/{number:int}/sessions", put_out, role="admin"),
    get("/journal", journal, role="admin"),
    post("/journal/verifier", verify, role="admin"),
]

"""The queue: `/`: what is due first at the top; and `/recherche`."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from mailbot.edges.store import desk, queue, search, tally
from mailbot.edges.store.queue import Due, Item, Place, View, Wanted
from mailbot.web import render
from mailbot.web.routing import get
from mailbot.web.visit import Visit

PAGE = 50
LABELS: dict[View, str] = {
    "a_traiter": "À traiter",
    "moi": "Pris par moi",
    "humain": "À écrire",
    "attente": "En attente du client",
    "suites": "À suivre",
    "partent": "Vont partir",
    "seuls": "Envoyés seuls",
    "envoyees": "Envoyés",
    "clos": "Clos",
}
_NOTHING: dict[View, str] = {
    "a_traiter": "Tout est traité. Les nouveaux mails s'affichent ici dès qu'ils arrivent.",
    "moi": "Vous n'avez pris aucun ticket. Ouvrez-en un et appuyez sur « Prendre ».",
    "humain": "Aucune réponse à écrire vous-même : chaque ticket à traiter a un brouillon.",
    "attente": "Aucun ticket n'attend une réponse du client.",
    "suites": "Rien à suivre : aucun ticket répondu n'a encore une échéance.",
    "partent": "Aucune réponse n'est en train de partir.",
    "seuls": "Aucune réponse n'est partie seule.",
}
DUES: dict[Due, str] = {"depasse": "Dépassé", "4h": "Dans 4 h", "24h": "Dans 24 h", "semaine": "Dans 7 jours"}


def show(visit: Visit) -> Response:
    """The queue; with `X-Fragment`, only its rows, for the live page."""
    wanted, counted = _wanted(visit), visit.office.tallies.read()
    items = queue.page(visit.store, wanted, visit.now, after=_place(visit), limit=PAGE + 1, tally=counted)
    context: dict[str, Any] = {
        "items": items[:PAGE],
        "looking": desk.present(visit.store, [item.case_id for item in items], visit.now),
        "wanted": wanted,
        "more": _more(visit, items),
        "empty": _empty(wanted),
        "counts": counted.counts(wanted) | {"moi": tally.held(visit.store, wanted)},
    }
    if visit.request.headers.get("x-fragment"):
        return HTMLResponse(render.text_of(visit, "queue_rows", **context))
    situations, channels = counted.choices(visit.person.accounts)
    families = sorted({one.partition("/")[0] for one in situations})
    return render.page(
        visit, "queue", title="File", labels=LABELS, dues=DUES, situations=situations, families=families,
        channels=channels, link=lambda **changes: _link(visit, **changes), **context,
    )  # fmt: skip


def _empty(wanted: Wanted) -> str:
    """What is said where nothing is found (French)."""
    if wanted.situation or wanted.channel or wanted.due:
        return "Aucun ticket avec ces filtres."
    return _NOTHING.get(wanted.view, "Aucun ticket ici.")


def _wanted(visit: Visit) -> Wanted:
    """The filters of the address; what is not known is left out."""
    query, person = visit.query, visit.person
    view, due = query.get("vue", "a_traiter"), query.get("avant")
    return Wanted(
        view=view if view in LABELS else "a_traiter",
        person=person.name,
        accounts=person.accounts,
        situation=query.get("situation", ""),
        channel=query.get("canal", ""),
        due=due if due in DUES else None,
    )


def _place(visit: Visit) -> Place | None:
    """Where the page begins: `apres` is when a clock ends and, behind it, its case."""
    due, _, number = visit.query.get("apres", "").rpartition("-")
    if not (number.isascii() and number.isdigit()):
        return None
    try:
        return Place(datetime.fromisoformat(due) if due else None, int(number))
    except ValueError:
        return None


def _more(visit: Visit, items: list[Item]) -> str:
    """The address of the next page, '' on the last."""
    if len(items) <= PAGE:
        return ""
    place = items[PAGE - 1].place
    return _link(visit, apres=f"{place.due.isoformat() if place.due else ''}-{place.case_id}")


def _link(visit: Visit, **changes: str) -> str:
    """This page with other filters; a filter set to '' is taken off."""
    kept = {name: visit.query[name] for name in ("vue", "situation", "canal", "avant") if name in visit.query}
    query = {name: value for name, value in {**kept, **changes}.items() if value}
    return f"/?{urlencode(query)}" if query else "/"


def found(visit: Visit) -> Response:
    """Cases and orders that fit the words."""
    asked = visit.query.get("q", "").strip()[:200]
    orders = search.find_orders(visit.store, asked) if asked else []
    about = search.cases_of_orders(visit.store, orders)
    before = visit.query.get("avant", "")
    words = search.find_cases(
        visit.store,
        asked,
        before=int(before) if before.isascii() and before.isdigit() else None,
        limit=PAGE + 1,
    )
    numbers = list(dict.fromkeys([*_ticket(asked), *([] if before else about), *words[:PAGE]]))
    items = queue.some(visit.store, numbers, visit.person.accounts)
    more = urlencode({"q": asked, "avant": words[PAGE - 1]}) if len(words) > PAGE else ""
    return render.page(
        visit, "search", title="Recherche", asked=asked, items=items, orders=orders,
        looking=desk.present(visit.store, numbers, visit.now), wanted=replace(_wanted(visit), view="clos"),
        empty=_unfound(asked, orders=bool(orders)), more=f"/recherche?{more}" if more else "",
    )  # fmt: skip


def _unfound(asked: str, *, orders: bool) -> str:
    if not asked:
        return "Cherchez un mot d'un mail, un nom, une adresse, un numéro de commande, de colis ou de ticket."
    if orders:
        return "Aucun ticket à propos de ces commandes."
    return (
        f"Rien ne contient « {asked} ». Tous les mots doivent s'y trouver : essayez-en moins, ou un numéro."
    )


def _ticket(asked: str) -> list[int]:
    """A ticket's own number."""
    plain = asked.lstrip("#")
    return [int(plain)] if plain.isascii() and plain.isdigit() and len(plain) < 12 else []


ROUTES = [get("/", show), get("/recherche", found)]

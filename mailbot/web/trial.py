"""`/essai`: what would have left alone, held against what agents did: evidence before a situation is switched on."""

from datetime import timedelta

from starlette.responses import Response

from mailbot.jobs import shadow
from mailbot.web import render
from mailbot.web.routing import get
from mailbot.web.visit import Visit

PERIODS = {30: "30 jours", 90: "90 jours", 365: "un an"}
_USUAL = 90


def show(visit: Visit) -> Response:
    """Every situation that would have sent something alone."""
    asked = visit.query.get("jours", "")
    days = int(asked) if asked.isdecimal() and int(asked) in PERIODS else _USUAL
    book = visit.office.rulebook
    found = shadow.report(visit.store, book.guards, visit.now - timedelta(days=days))
    return render.page(
        visit, "trial", title="Envoi seul", report=found, days=days, periods=PERIODS,
        switched=frozenset(book.guards.envoi_seul), automatic=visit.office.config.sending.automatic,
        known={one.id for one in book.situations},
    )  # fmt: skip


ROUTES = [get("/essai", show, role="lead")]

"""The dispute file of a case, to download: `/tickets/N/dossier.zip`, and as a short text."""

from starlette.responses import Response

from mailbot.edges.store import audit
from mailbot.jobs import dossier
from mailbot.web import letter
from mailbot.web.routing import get
from mailbot.web.visit import Visit


def bundle(visit: Visit) -> Response:
    """PDF, originals, proofs and their hashes."""
    made = _gather(visit)
    return letter.download(dossier.archive(made), f"dossier-{made.number}.zip")


def short(visit: Visit) -> Response:
    """A few lines to paste into a marketplace's form; `langue` is fr or en."""
    language: dossier.Language = "en" if visit.query.get("langue") == "en" else "fr"
    return Response(dossier.summary(_gather(visit), language), media_type="text/plain; charset=utf-8")


def _gather(visit: Visit) -> dossier.Dossier:
    case = letter.seen(visit)
    audit.write(visit.store, visit.now, visit.person.name, "dossier", case_id=case.id)
    shop = visit.office.rulebook.merchant.nom
    return dossier.gather(visit.store, visit.office.config, shop, case.id, visit.now)


ROUTES = [
    get("/tickets/{number:int}/dossier.zip", bundle),
    get("/tickets/{number:int}/dossier.txt", short),
]

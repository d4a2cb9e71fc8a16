"""`/corrections`: mails whose understanding an agent corrected, to read, label and take as examples, or throw away."""

from dataclasses import replace

from starlette.responses import Response

from mailbot.edges.store import audit, learning, queue
from mailbot.edges.store.learning import Correction
from mailbot.jobs import take_correction as job
from mailbot.jobs.rule_drafts import folders_of
from mailbot.web import flash, render
from mailbot.web.flash import Flash
from mailbot.web.rights import case_of
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit

SHOWN = 30


def show(visit: Visit) -> Response:
    """The corrections nothing was learnt from yet, oldest first."""
    found = _allowed(visit, learning.list_corrections(visit.store, unused=True))
    known = visit.office.rulebook.recognition
    return render.page(
        visit, "corrections", title="Corrections", corrections=found[:SHOWN], total=len(found),
        intents=known.intentions, remedies=known.remedes, editable=folders_of(visit.office.config).own,
    )  # fmt: skip


def _allowed(visit: Visit, found: list[Correction]) -> list[Correction]:
    lines = queue.some(visit.store, [one.case_id for one in found], visit.person.accounts)
    known = {line.case_id for line in lines}
    return [one for one in found if one.case_id in known]


def _of(visit: Visit) -> Correction:
    """The correction of the address, if this person may see its mail."""
    correction = job.waiting(visit.store, visit.number())
    case_of(visit, correction.case_id)
    return correction


def take(visit: Visit) -> Response:
    """As an example, with the labels and the text as they stand in the form."""
    correction = _of(visit)
    intents = [str(visit.form.get(f"intention{place}") or "") for place in (1, 2, 3)]
    labelled = replace(
        correction,
        intents=tuple(name for name in intents if name),
        remedy=visit.text("demande") or None,
        subject=visit.text("objet"),
        text=visit.text("texte"),
    )
    job.take(visit.store, visit.office.config, visit.office.rulebook.recognition, labelled)
    _log(visit, "correction_prise", correction)
    return _back(
        visit, "Pris comme exemple. Le service apprend dans la minute ; « mailbot train » en mesure l'effet."
    )


def throw_away(visit: Visit) -> Response:
    """Nothing is learnt from it; the ticket stays as it was corrected."""
    correction = _of(visit)
    learning.mark_used(visit.store, [correction.id])
    _log(visit, "correction_jetee", correction)
    return _back(visit, "Correction écartée : rien n'en est appris.")


def _log(visit: Visit, kind: str, one: Correction) -> None:
    audit.write(
        visit.store, visit.now, visit.person.name, kind, case_id=one.case_id, detail=", ".join(one.intents)
    )


def _back(visit: Visit, said: str) -> Response:
    return flash.redirect(visit, "/corrections", Flash(text=said))


ROUTES = [
    get("/corrections", show, role="lead"),
    post("/corrections/{number:int}/prendre", take, role="lead"),
    post("/corrections/{number:int}/jeter", throw_away, role="lead"),
]

"""After an act: what is logged, what is said, and which page comes next."""

from starlette.responses import Response

from mailbot.edges.store import audit, deadlines
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.queue import Place
from mailbot.web import flash
from mailbot.web.case import after
from mailbot.web.flash import Flash
from mailbot.web.visit import Visit


def place_of(visit: Visit, case: StoredCase) -> Place:
    """Where a case stands in the queue."""
    clocks = deadlines.of_cases(visit.store, [case.id])[case.id]
    running = [clock.due_at for clock in clocks if clock.met_at is None and clock.duty]
    return Place(running[0] if running else None, case.id)


def onward(visit: Visit, place: Place, said: Flash) -> Response:
    """To the next ticket of the queue; to the queue when it is empty or the agent asked for it."""
    following = after(visit, place)
    return flash.redirect(visit, f"/tickets/{following}" if following else "/", said)


def here(visit: Visit, case: StoredCase, text: str) -> Response:
    """Back to the case, which says what was done."""
    return flash.redirect(visit, f"/tickets/{case.id}", Flash(text=text))


def log(visit: Visit, case: StoredCase, kind: str, detail: str = "") -> None:
    """One line of the audit log."""
    audit.write(visit.store, visit.now, visit.person.name, kind, case_id=case.id, detail=detail)

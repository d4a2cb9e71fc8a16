"""After an act: what is logged, what is said, and which page comes next."""

from starlette.responses import Response

from mailbot.edges.store import audit, cases, queue
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.queue import Place
from mailbot.web import flash
from mailbot.web.case import after
from mailbot.web.flash import Flash
from mailbot.web.visit import Visit, own_path

_LONGEST_LIST = 50
_TO_DO = ("draft", "failed", "uncertain", "refused")


def onward(visit: Visit, case: StoredCase, place: Place, said: Flash) -> Response:
    """To the ticket after `case`, which stood at `place`: of the list the agent works through, else of the queue; to
    that list when it is done."""
    listed = visit.text("liste")
    following = _of_their_list(visit) if listed else after(visit, case, place)
    return flash.redirect(visit, f"/tickets/{following}" if following else own_path(listed or "/"), said)


def _of_their_list(visit: Visit) -> int | None:
    """The first ticket behind this one in the agent's list that is still to do and in nobody else's hands."""
    told = visit.text("ensuite").split(",")[:_LONGEST_LIST]
    numbers = [int(one) for one in told if one.isascii() and one.isdigit() and len(one) < 16]
    for item in queue.some(visit.store, numbers, visit.person.accounts):
        to_do = item.state == "open" and item.reply_state in (None, *_TO_DO) and item.waiting_since is None
        mine = item.holder in (None, visit.person.name)
        if to_do and mine and cases.get(visit.store, item.case_id).superseded_by is None:
            return item.case_id
    return None


def here(visit: Visit, case: StoredCase, text: str) -> Response:
    """Back to the case, which says what was done."""
    return flash.redirect(visit, f"/tickets/{case.id}", Flash(text=text))


def log(visit: Visit, case: StoredCase, kind: str, detail: str = "") -> None:
    """One line of the audit log."""
    audit.write(visit.store, visit.now, visit.person.name, kind, case_id=case.id, detail=detail)

"""`/machines`: mails filed without an answer and why, and mails put aside because they could not be worked on."""

from urllib.parse import urlencode

from starlette.responses import Response

from mailbot.edges.store import aside, audit, filed, mails
from mailbot.edges.store.aside import ParkedMail
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.reopen import reopen
from mailbot.steps.french import counted
from mailbot.web import flash, render
from mailbot.web.flash import Flash
from mailbot.web.letter import download
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit

PAGE = 50
VIEWS = {"machines": "Messages automatiques", "personnes": "Classés sans réponse"}


def show(visit: Visit) -> Response:
    """What waits for a person first, then what was filed."""
    view = visit.query.get("vue", "machines")
    view = view if view in VIEWS else "machines"
    before = visit.query.get("avant", "")
    found = filed.filed(
        visit.store, visit.person.accounts, machines=view == "machines", limit=PAGE + 1,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
    )  # fmt: skip
    more = (
        f"/machines?{urlencode({'vue': view, 'avant': found[PAGE - 1].case_id})}" if len(found) > PAGE else ""
    )
    return render.page(
        visit, "machines", title="Messages classés", parked=_parked(visit), filed=found[:PAGE], view=view, views=VIEWS,
        more=more,
    )  # fmt: skip


def _parked(visit: Visit) -> list[ParkedMail]:
    return [mail for mail in aside.list_parked(visit.store) if visit.person.sees(mail.account)]


def retry(visit: Visit) -> Response:
    """Work on parked mails again: one, or all this person may see."""
    number = visit.whole("mail")
    numbers = [mail.id for mail in _parked(visit) if number in (None, mail.id)]
    done = aside.retry(visit.store, numbers)
    audit.write(
        visit.store, visit.now, visit.person.name, "mails_repris", detail=", ".join(map(str, numbers[:50]))
    )
    said = f"{counted(done, 'mail')} remis dans la file : le service les reprend aussitôt."
    return flash.redirect(visit, "/machines", Flash(text=said))


def rejudge(visit: Visit) -> Response:
    """Have a filed mail judged again, after a change of rules."""
    number = visit.whole("mail")
    if number is None or not visit.person.sees(mails.raw(visit.store, number).account):
        raise Impossible("ce mail n'existe pas.")
    reopen(visit.store, number)
    audit.write(visit.store, visit.now, visit.person.name, "mail_rejuge", detail=f"mail {number}")
    return flash.redirect(
        visit, "/machines", Flash(text=f"Mail {number} remis dans la file : il sera rejugé.")
    )


def original(visit: Visit) -> Response:
    """A parked mail as it came: it has no ticket yet."""
    number = visit.number()
    raw = mails.raw(visit.store, number)
    if not visit.person.sees(raw.account):
        raise Impossible(f"mail {number} : inconnu, ou son contenu n'est plus conservé.")
    audit.write(visit.store, visit.now, visit.person.name, "mail_telecharge", detail=f"mail {number}")
    return download(raw.data, f"mail-{number}.eml")


ROUTES = [
    get("/machines", show, role="lead"),
    post("/machines/reprendre", retry, role="lead"),
    post("/machines/rejuger", rejudge, role="lead"),
    get("/machines/{number:int}/original", original, role="lead"),
]

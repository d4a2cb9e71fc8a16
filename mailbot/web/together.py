"""Cases that are one matter, and mails that are two: merge, take a merge back, split."""

from starlette.responses import Response

from mailbot.edges.store import cases, desk, merging, replies, splitting, thread_view
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.conflicts import AlreadyHandled, Impossible
from mailbot.jobs import merging as merging_job
from mailbot.jobs import splitting as splitting_job
from mailbot.jobs.prepare import Desk
from mailbot.web import flash, render
from mailbot.web.flash import Flash
from mailbot.web.letter import seen
from mailbot.web.onward import here, log
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit

HERE, THERE = "ici", "la"


def compare(visit: Visit) -> Response:
    """Both tickets side by side, before one is merged into the other."""
    case = seen(visit)
    number = visit.query.get("autre", "").strip()
    if not number:
        near = thread_view.open_nearby(visit.store, case, visit.person.accounts)
        return render.page(
            visit,
            "merge",
            title=f"Fusionner le ticket {case.id}",
            case=case,
            other=None,
            near=near,
            drafts={},
        )
    other = _other(visit, case, number)
    return render.page(
        visit, "merge", title=f"Fusionner le ticket {case.id}", case=case, other=other, near=(),
        drafts={one.id: replies.of_case(visit.store, one.id) for one in (case, other)},
    )  # fmt: skip


def _other(visit: Visit, case: StoredCase, number: str) -> StoredCase:
    """The other ticket, if this person may see it: whoever may not does not learn that it is there."""
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise Impossible("donnez le numéro de l'autre ticket.")
    other = cases.get(visit.store, int(number))
    if not visit.person.sees(other.account):
        raise Impossible(f"le ticket {other.id} n'existe pas.")
    if other.id == case.id:
        raise Impossible("un ticket ne se fusionne pas avec lui-même.")
    return other


def merge(visit: Visit) -> Response:
    """Merge the other ticket into this one, or (`sens`) this one into the other."""
    case = seen(visit)
    other = _other(visit, case, visit.text("autre").strip())
    one, target = (case, other) if visit.text("sens") == THERE else (other, case)
    for each in (one, target):
        _not_anothers(visit, each)
    confirmed = visit.text("confirme") == "oui"
    try:
        merging_job.merge(
            visit.store,
            visit.office.rulebook,
            one.id,
            target.id,
            visit.person.name,
            visit.now,
            confirmed=confirmed,
        )
    except merging.OtherCustomer as error:
        path = f"/tickets/{case.id}/fusionner?autre={other.id}"
        return flash.redirect(visit, path, Flash(text=_sentence(str(error)), tone="attention"))
    log(visit, one, "fusionne", f"dans le ticket {target.id}{', autre client confirmé' if confirmed else ''}")
    log(visit, target, "fusion", f"avec le ticket {one.id}")
    said = f"Ticket {one.id} fusionné dans celui-ci : une seule réponse, toutes les échéances courent ici."
    return flash.redirect(visit, f"/tickets/{target.id}", Flash(text=said))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def unmerge(visit: Visit) -> Response:
    """Take the merge of this ticket back."""
    case = seen(visit)
    into = merging.unmerge(visit.store, case.id, visit.person.name, visit.now)
    log(visit, case, "separe", f"du ticket {into}")
    log(visit, cases.get(visit.store, into), "separation", f"du ticket {case.id}")
    return here(visit, case, f"Ticket séparé du {into} : il a de nouveau ses échéances et son brouillon.")


def offer_split(visit: Visit) -> Response:
    """The mail, and what of it becomes a ticket of its own."""
    case = seen(visit)
    reply = replies.of_case(visit.store, case.id)
    recognition = visit.office.rulebook.recognition
    return render.page(
        visit, "split", title=f"Scinder le ticket {case.id}", case=case, reply=reply,
        intents=[(one.id, one.titre) for one in recognition.intentions],
        numbers=_numbers(case), parts=splitting.parts(visit.store, case.id),
    )  # fmt: skip


def _numbers(case: StoredCase) -> list[str]:
    """Orders the mail may also be about, the likeliest first."""
    known = [one.order.order_id for one in case.match.candidates]
    return [one for one in dict.fromkeys(known) if one != case.order_id]


def split(visit: Visit) -> Response:
    """Make the second ticket; the page of it comes next, with its draft."""
    case = seen(visit)
    _not_anothers(visit, case)
    order = visit.text("commande").strip() or visit.text("candidate").strip()
    matter = splitting_job.Matter(
        intents=tuple(str(one) for one in visit.form.getlist("intention")), order_id=order or None
    )
    done = splitting_job.split(
        Desk.of(visit.office.workplace.line, visit.store), case.id, matter, visit.person.name, visit.now,
        expected_version=visit.whole("version"),
    )  # fmt: skip
    log(visit, case, "scission", f"ticket {done.case_id}")
    log(visit, cases.get(visit.store, done.case_id), "scinde", f"du ticket {case.id}")
    kept = " Le brouillon du premier, réécrit par quelqu'un, est gardé : relisez-le."
    told = kept if done.rest is not None and done.rest.draft == "kept_edited" else ""
    said = f"Ticket {case.id} scindé : voici le nouveau, avec ses échéances et son brouillon.{told}"
    return flash.redirect(visit, f"/tickets/{done.case_id}", Flash(text=said))


def _not_anothers(visit: Visit, case: StoredCase) -> None:
    holder = desk.hold(visit.store, case.id).holder
    if holder is not None and holder != visit.person.name:
        raise AlreadyHandled(f"{holder} s'occupe du ticket {case.id}. Prenez-le d'abord, si c'est convenu.")


ROUTES = [
    get("/tickets/{number:int}/fusionner", compare),
    post("/tickets/{number:int}/fusionner", merge),
    post("/tickets/{number:int}/separer", unmerge),
    get("/tickets/{number:int}/scinder", offer_split),
    post("/tickets/{number:int}/scinder", split),
]

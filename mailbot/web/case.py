"""One case on one screen: `/tickets/N`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

from mailbot.edges.store import (
    audit,
    cases,
    desk,
    merging,
    opinions,
    people,
    queue,
    replies,
    splitting,
    thread_view,
)
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.queue import Place
from mailbot.edges.store.replies import StoredReply
from mailbot.errors import StoreError
from mailbot.jobs import approval, rewrite
from mailbot.jobs.merging import facts_of
from mailbot.steps.french import paris_day
from mailbot.steps.guards import OutputRules, check
from mailbot.web import flash, letter, marks, pictures, render
from mailbot.web.letter import seen
from mailbot.web.names import names
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit

_OPEN = ("draft", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the editor when it is not the stored draft: an agent's text that was not saved, or another
    template's. `why` (French) says why it stands there; `remedy`: the letter is written as if that was asked for."""

    text: str
    subject: str
    why: str
    stem: str = ""
    remedy: str = ""


def show(visit: Visit) -> Response:
    """Everything known of a case, and the draft."""
    case = seen(visit)
    audit.write(visit.store, visit.now, visit.person.name, "vu", case_id=case.id)
    stem, remedy = visit.query.get("modele", ""), visit.query.get("remede", "")
    try:
        typed = _other_letter(visit, case, stem, remedy) if stem else None
    except StoreError as error:  # a machine's mail, bytes that are no longer kept
        why = flash.Flash(text=f"Pas de lettre possible : {error}", tone="erreur")
        return flash.redirect(visit, f"/tickets/{case.id}", why)
    return case_page(visit, case, typed=typed)


def _other_letter(visit: Visit, case: StoredCase, stem: str, remedy: str) -> Typed:
    """What another template, or another remedy, says to this case; it is kept only when the agent saves or approves
    it."""
    letter = rewrite.letter(visit.office.workplace, case.id, stem, visit.now, remedy=remedy or None)
    called = names(visit.office.rulebook)
    title = "Réponse libre" if stem == rewrite.FREE else f"«\u00a0{called.situation(stem)}\u00a0»"
    told = f", remède «\u00a0{called.remedy(remedy).lower()}\u00a0»" if remedy else ""
    why = " ".join(
        (f"{title}{told}, pas encore enregistrée.", *(f"Il manque : {fact}." for fact in letter.missing))
    )
    return Typed(text=letter.text, subject=letter.subject, why=why, stem=stem, remedy=remedy)


def remedies_of(visit: Visit, stem: str) -> list[tuple[str, str, bool]]:
    """The remedies that the rule of a letter knows: id, title, whether it recommends them; those first."""
    book = visit.office.rulebook
    found = next((one.remedes for one in book.situations if one.id == stem), None)
    if found is None:
        return []
    titles = {one.id: one.titre for one in book.recognition.remedes}
    both = dict.fromkeys((*found.recommandes, *found.permis))
    return [(one, titles.get(one, one), one in found.recommandes) for one in both]


def letters(visit: Visit, case: StoredCase) -> list[tuple[str, list[tuple[str, str]]]]:
    """The letters an agent may choose from, by family; the family of the case first."""
    book = visit.office.rulebook
    own = (case.decision.situation or "").partition("/")[0] or next(iter(case.verdict.requests), "")
    found: dict[str, list[tuple[str, str]]] = {}
    for one in sorted(book.situations, key=lambda one: one.id):
        if one.action.modele:
            found.setdefault(one.id.partition("/")[0], []).append((one.id, one.titre))
    called = names(book)
    ordered = sorted(found, key=lambda family: (family != own, family))
    return [(called.situation(family), found[family]) for family in ordered]


def case_page(visit: Visit, case: StoredCase, *, typed: Typed | None = None, status: int = 200) -> Response:
    """The page of a case; the person is then seen on it by the others."""
    store, me = visit.store, visit.person
    desk.look(store, case.id, me.name, visit.now)
    reply = replies.of_case(store, case.id)
    clocks = thread_view.clocks(store, case.id)
    stem = typed.stem if typed else reply.reply.template if reply else ""
    bars, present = pictures.bars(clocks, visit.now)
    order = case.match.order
    wanted = [intent for intent in case.verdict.intents if intent.id in case.verdict.requests]
    return render.page(
        visit, "case", title=f"Ticket {case.id}", status=status, case=case, reply=reply, typed=typed, clocks=clocks,
        bars=bars, present=present, width=pictures.WIDTH, order=order, wanted=wanted,
        steps=pictures.order_steps(order, case.received_at, visit.now) if order else (),
        text=marks.marked(case.text, wanted), letter=letter.of_case(visit, case),
        story=cases.story(store, case.id), notes=desk.notes_of(store, case.id), hold=desk.hold(store, case.id),
        others=[name for name in desk.present(store, [case.id], visit.now).get(case.id, ()) if name != me.name],
        earlier=thread_view.others(store, case, me.accounts),
        next_case=after(visit, case, queue.place_of(store, case.id)),
        colleagues=[one for one in people.everybody(store) if one.disabled_at is None and one.sees(case.account)],
        editable=(reply is None and typed is not None) or (reply is not None and reply.state in _OPEN),
        intents=[(one.id, one.titre) for one in visit.office.rulebook.recognition.intentions],
        remedies=[(one.id, one.titre) for one in visit.office.rulebook.recognition.remedes],
        objections=approval.objections(store, reply, visit.office.rulebook.guards, visit.now) if reply else (),
        letters=letters(visit, case), opinion=opinions.of_case(store, case.id), free=rewrite.FREE,
        stem=stem, alternatives=remedies_of(visit, stem), merged=merging.of_case(store, case.id),
        inside=[(one, letter.of_case(visit, one)) for one in _inside(visit, case)],
        parts=splitting.parts(store, case.id),
    )  # fmt: skip


def _inside(visit: Visit, case: StoredCase) -> list[StoredCase]:
    """The cases that are merged into this one."""
    return [cases.get(visit.store, one.case_id) for one in merging.inside(visit.store, case.id)]


def after(visit: Visit, case: StoredCase, place: Place) -> int | None:
    """The first other ticket to do after the place of this one, else the first of all; None when nothing is left."""
    wanted = queue.Wanted(person=visit.person.name, accounts=visit.person.accounts)
    counted = visit.office.tallies.read()
    for start in (place, None):
        for item in queue.page(visit.store, wanted, visit.now, after=start, limit=5, tally=counted):
            if item.case_id != case.id and item.holder in (None, visit.person.name):
                return item.case_id
    return None


def blocked(visit: Visit, reply: StoredReply, text: str, subject: str) -> tuple[str, ...]:
    """Why this text may not leave (French); nothing when it may."""
    return _reasons(visit, reply.case, reply.reply.facts, text, subject)


def _reasons(
    visit: Visit, case: StoredCase, facts: Mapping[str, Any], text: str, subject: str
) -> tuple[str, ...]:
    rules = OutputRules.compiled(visit.office.rulebook.guards)
    return check(text, subject, facts_of(visit.store, case, facts), rules, today=paris_day(visit.now))


def checked(visit: Visit) -> Response:
    """For the editor: what the guards say of the text as it stands, nothing is stored."""
    case = seen(visit)
    stem, reply = visit.text("modele"), replies.of_case(visit.store, case.id)
    if stem:
        letter_now = rewrite.letter(
            visit.office.workplace, case.id, stem, visit.now, remedy=visit.text("remede") or None
        )
        if stem == rewrite.FREE and visit.text("texte").strip() == letter_now.text.strip():
            return JSONResponse({"reasons": list(letter_now.blocked)})
        facts = letter_now.facts
    elif reply is not None:
        facts = reply.reply.facts
    else:
        raise Impossible(f"le ticket {case.id} n'a pas de réponse préparée.")
    return JSONResponse(
        {"reasons": list(_reasons(visit, case, facts, visit.text("texte"), visit.text("objet")))}
    )


def presence(visit: Visit) -> Response:
    """For the live page: who is here, and whether the draft has changed underneath."""
    case = seen(visit)
    reply, hold = replies.of_case(visit.store, case.id), desk.hold(visit.store, case.id)
    looking = desk.present(visit.store, [case.id], visit.now).get(case.id, ())
    return JSONResponse(
        {
            "others": [name for name in looking if name != visit.person.name],
            "holder": hold.holder,
            "version": reply.version if reply else 0,
            "state": reply.state if reply else "",
            "actor": reply.actor if reply else "",
        }
    )


ROUTES = [
    get("/tickets/{number:int}", show),
    get("/tickets/{number:int}/presence", presence),
    post("/tickets/{number:int}/verifier", checked),
]

"""What an agent does with the reply of a case. Every act goes through the same store functions as the command line."""

from starlette.responses import Response

from mailbot.edges.store import desk, merging, opinions, queue, redraw, replies
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.conflicts import AlreadyHandled, ChangedSince, Impossible
from mailbot.edges.store.queue import Place
from mailbot.edges.store.replies import StoredReply
from mailbot.jobs import approval, corrections, rewrite
from mailbot.jobs.prepare import Desk
from mailbot.web import flash
from mailbot.web.case import Typed, blocked, case_page
from mailbot.web.flash import Flash
from mailbot.web.letter import seen
from mailbot.web.names import names
from mailbot.web.onward import here, log, onward
from mailbot.web.routing import post
from mailbot.web.visit import Visit


def approve(visit: Visit) -> Response:
    """Save what stands in the editor if it was rewritten, and have it sent after the undo window; then the next."""
    case = seen(visit)
    _not_anothers(visit, case)
    _all_read(visit, case)
    place = queue.place_of(visit.store, case.id)
    try:
        number, version = _saved(visit, case)
        if approval.needs_second(visit.store, case, version, _second_above(visit)):
            return _ask_second(visit, case, number, version)
        _approve(visit, number, version)
    except ChangedSince as error:
        return _conflict(visit, case, str(error))
    return _leaving(visit, case, place, f"réponse {number}, version {version}")


def _approve(visit: Visit, number: int, version: int) -> None:
    """With the guards' last look; `malgre` is the reason to pass over those that admit it."""
    approval.approve(
        visit.store, visit.office.rulebook.guards, number, actor=visit.person.name, now=visit.now,
        undo=visit.office.undo, reason=visit.text("malgre"), expected_version=version,
        second_above=_second_above(visit),
    )  # fmt: skip


def _second_above(visit: Visit) -> float:
    return approval.limit_of(visit.office.rulebook.guards, visit.office.web)


def _ask_second(visit: Visit, case: StoredCase, number: int, version: int) -> Response:
    """The order is dear: a colleague must agree before this leaves."""
    limit = f"commande de plus de {_second_above(visit):.0f} €"
    opinions.ask(visit.store, case.id, number, version, visit.person.name, limit, visit.now)
    log(visit, case, "accord_demande", limit)
    said = Flash(
        text=f"{limit[:1].upper()}{limit[1:]} : un collègue doit donner son accord.", tone="attention"
    )
    return flash.redirect(visit, f"/tickets/{case.id}", said)


def ask(visit: Visit) -> Response:
    """Ask a colleague about the draft as it stands."""
    case = seen(visit)
    number, version = _saved(visit, case)
    opinions.ask(
        visit.store, case.id, number, version, visit.person.name, visit.text("question").strip(), visit.now
    )
    log(visit, case, "accord_demande")
    return here(visit, case, "Accord demandé : le ticket est signalé à vos collègues.")


def agree(visit: Visit) -> Response:
    """The second person: with their agreement this version leaves, and no other."""
    case, reply = _at(visit)
    place = queue.place_of(visit.store, case.id)
    granted = visit.text("accord") == "oui"
    given = opinions.answer(
        visit.store, visit.whole("demande") or 0, visit.person.name, visit.now, granted=granted
    )
    if not granted:
        log(visit, case, "accord_refuse")
        return here(visit, case, "Accord refusé. Dites pourquoi dans une note.")
    _approve(visit, reply.id, given.version)
    return _leaving(visit, case, place, f"réponse {reply.id}, version {given.version}, avec {given.asked_by}")


def _leaving(visit: Visit, case: StoredCase, place: Place, detail: str) -> Response:
    """The reply will leave: say so with a way back, and go on."""
    log(visit, case, "approuve", detail)
    desk.release(visit.store, case.id, visit.person.name, visit.now)
    seconds = int(visit.office.undo.total_seconds())
    said = Flash(
        text=f"Ticket {case.id} : réponse approuvée, elle part dans {seconds} s.",
        undo=f"/tickets/{case.id}/annuler", seconds=seconds,
    )  # fmt: skip
    if not visit.office.config.sending.enabled:
        said = Flash(
            text=f"Ticket {case.id} : réponse approuvée. L'envoi est coupé : elle attendra.", tone="attention"
        )
    return onward(visit, case, place, said)


def edit(visit: Visit) -> Response:
    """Keep what stands in the editor as the draft."""
    case = seen(visit)
    try:
        _number, version = _saved(visit, case)
    except ChangedSince as error:
        return _conflict(visit, case, str(error))
    return here(visit, case, f"Brouillon enregistré (version {version}).")


def _saved(visit: Visit, case: StoredCase) -> tuple[int, int]:
    """The reply and its version once what stands in the editor is kept; the one that was read when nothing changed.
    With a template's name, the letter of that template is first put in place of the draft."""
    version, stem = visit.whole("version"), visit.text("modele")
    if version is None:
        raise Impossible("la version lue manque : rechargez la page.")
    if not visit.text("texte").strip():
        raise Impossible("le texte est vide.")
    if stem:
        remedy = visit.text("remede")
        letter = rewrite.letter(visit.office.workplace, case.id, stem, visit.now, remedy=remedy or None)
        if stem == rewrite.FREE and visit.text("texte").strip() == letter.text.strip():
            raise Impossible(letter.blocked[0])
        _, version = redraw.put(
            visit.store, case.id, letter, visit.person.name, visit.now, expected_version=version,
            remedy=names(visit.office.rulebook).remedy(remedy).lower() if remedy else "",
        )  # fmt: skip
        log(visit, case, "modele", f"{stem}, {remedy}" if remedy else stem)
    _, reply = _at(visit)
    return reply.id, _rewritten(visit, case, reply, version)


def _rewritten(visit: Visit, case: StoredCase, reply: StoredReply, version: int) -> int:
    """The version once the person's own words are kept, checked by the guards."""
    text, subject = visit.text("texte"), visit.text("objet").strip() or reply.reply.subject
    if text.strip() == reply.reply.text.strip() and subject == reply.reply.subject:
        return version
    saved = replies.edit(
        visit.store, reply.id, visit.person.name, text=text, subject=subject, now=visit.now, missing=(),
        blocked=blocked(visit, reply, text, subject), expected_version=version,
    )  # fmt: skip
    log(visit, case, "modifie", f"réponse {reply.id}, version {saved}")
    return saved


def _conflict(visit: Visit, case: StoredCase, why: str) -> Response:
    """The draft changed underneath: both texts are shown, nothing is sent."""
    said = why[:1].upper() + why[1:]
    mine = Typed(
        text=visit.text("texte"), subject=visit.text("objet"), why=said, stem=visit.text("modele"),
        remedy=visit.text("remede"),
    )  # fmt: skip
    return case_page(visit, case, typed=mine, status=409)


def correct(visit: Visit) -> Response:
    """What the mail really asks for: it is judged again at once, and the correction kept to learn from."""
    case = seen(visit)
    intents = tuple(str(one) for one in visit.form.getlist("intention"))
    wanted = corrections.Wanted(
        intents=() if intents == case.verdict.requests else intents,
        remedy=visit.text("souhait") or None,
        order_id=visit.text("commande").strip() or None,
    )
    desk_now = Desk.of(visit.office.workplace.line, visit.store)
    corrections.correct(desk_now, case.id, wanted, visit.person.name, visit.now)
    log(visit, case, "corrige", ", ".join(intents))
    return here(visit, case, "Corrigé : le ticket a été jugé de nouveau.")


def take_back(visit: Visit) -> Response:
    """Stop an approved reply within the undo window."""
    case, reply = _at(visit)
    replies.take_back(visit.store, reply.id, visit.person.name, visit.now)
    log(visit, case, "envoi_annule", f"réponse {reply.id}")
    return here(visit, case, "Envoi annulé : la réponse est de nouveau un brouillon.")


def refuse(visit: Visit) -> Response:
    """This reply never leaves; the clocks run on."""
    case, reply = _at(visit)
    reason = visit.text("raison").strip()
    if not reason:
        raise Impossible("dites pourquoi : la raison sert à corriger les règles.")
    replies.refuse(visit.store, reply.id, visit.person.name, visit.now, reason=reason)
    log(visit, case, "refuse", reason)
    return here(visit, case, "Réponse refusée. Le ticket reste ouvert et ses échéances courent.")


def redraft(visit: Visit) -> Response:
    """A refused or failed reply becomes a draft again."""
    case, reply = _at(visit)
    replies.redraft(visit.store, reply.id, visit.person.name, visit.now)
    log(visit, case, "repris", f"réponse {reply.id}")
    return here(visit, case, "La réponse est de nouveau un brouillon.")


def _at(visit: Visit) -> tuple[StoredCase, StoredReply]:
    case = seen(visit)
    reply = replies.of_case(visit.store, case.id)
    if reply is None:
        raise Impossible(f"le ticket {case.id} n'a pas de réponse préparée.")
    return case, reply


def _all_read(visit: Visit, case: StoredCase) -> None:
    """Somebody may have merged another mail into this case since it was read."""
    inside = ",".join(str(one.case_id) for one in merging.inside(visit.store, case.id))
    if "reunis" in visit.form and visit.text("reunis") != inside:
        raise AlreadyHandled(
            f"un autre ticket vient d'être fusionné dans le {case.id} ou séparé : relisez-le."
        )


def _not_anothers(visit: Visit, case: StoredCase) -> None:
    holder = desk.hold(visit.store, case.id).holder
    if holder is not None and holder != visit.person.name:
        raise AlreadyHandled(f"{holder} s'occupe du ticket {case.id}. Prenez-le d'abord, si c'est convenu.")


_ACTS = {
    "approuver": approve,
    "corriger": correct,
    "demander": ask,
    "accord": agree,
    "modifier": edit,
    "annuler": take_back,
    "refuser": refuse,
    "reprendre": redraft,
}
ROUTES = [post(f"/tickets/{{number:int}}/{name}", act) for name, act in _ACTS.items()]

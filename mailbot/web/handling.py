"""What an agent does with a case beside its reply: take it, hand it on, wait, note, close."""

from starlette.responses import Response

from mailbot.edges.store import cases, desk, people, queue, replies, tickets
from mailbot.edges.store.conflicts import Impossible
from mailbot.line import answer_clocks
from mailbot.web.flash import Flash
from mailbot.web.letter import seen
from mailbot.web.onward import here, log, onward
from mailbot.web.routing import post
from mailbot.web.visit import Visit


def take(visit: Visit) -> Response:
    """This person is on the case; `encore` takes it from whoever has it."""
    case = seen(visit)
    desk.take(visit.store, case.id, visit.person.name, visit.now, over=bool(visit.text("encore")))
    log(visit, case, "pris")
    return here(visit, case, "Vous vous occupez de ce ticket.")


def release(visit: Visit) -> Response:
    """Nobody is on the case any more."""
    case = seen(visit)
    desk.release(visit.store, case.id, visit.person.name, visit.now)
    log(visit, case, "rendu")
    return here(visit, case, "Ticket rendu à la file.")


def assign(visit: Visit) -> Response:
    """Hand the case to a colleague who may see it."""
    case, to = seen(visit), people.named(visit.store, visit.text("a"))
    if to.disabled_at is not None or not to.sees(case.account):
        raise Impossible(f"{to.name} ne peut pas voir ce ticket.")
    desk.assign(visit.store, case.id, to.name, visit.person.name, visit.now)
    log(visit, case, "confie", to.name)
    return here(visit, case, f"Ticket confié à {to.name}.")


def wait(visit: Visit) -> Response:
    """The next step is the customer's, or ours again."""
    case, waiting = seen(visit), visit.text("attendre") == "oui"
    desk.wait(visit.store, case.id, visit.person.name, visit.now, waiting=waiting)
    log(visit, case, "attente" if waiting else "reprise")
    said = (
        "En attente du client. Les échéances courent toujours." if waiting else "Ticket remis dans la file."
    )
    return here(visit, case, said)


def note(visit: Visit) -> Response:
    """An internal note."""
    case = seen(visit)
    desk.note(visit.store, case.id, visit.person.name, visit.text("note"), visit.now)
    log(visit, case, "note")
    return here(visit, case, "Note enregistrée.")


def no_customer(visit: Visit) -> Response:
    """Not a customer's mail: the draft is refused, the case closed, with the reason in its story."""
    case = seen(visit)
    place = queue.place_of(visit.store, case.id)
    reply = replies.of_case(visit.store, case.id)
    why = "ce n'est pas un client"
    if reply is not None and reply.state in ("draft", "failed", "approved"):
        replies.refuse(visit.store, reply.id, visit.person.name, visit.now, reason=why)
    cases.close(visit.store, case.id, visit.person.name, why, visit.now)
    log(visit, case, "pas_un_client")
    return onward(visit, case, place, Flash(text=f"Ticket {case.id} classé : ce n'est pas un client."))


def close(visit: Visit) -> Response:
    """Settled elsewhere."""
    case = seen(visit)
    reason = visit.text("raison").strip()
    if not reason:
        raise Impossible("dites comment le ticket a été réglé.")
    place = queue.place_of(visit.store, case.id)
    cases.close(visit.store, case.id, visit.person.name, reason, visit.now)
    log(visit, case, "clos", reason)
    return onward(visit, case, place, Flash(text=f"Ticket {case.id} clos."))


def reopen(visit: Visit) -> Response:
    """Take a closed case up again: the answer clock runs."""
    case = seen(visit)
    clocks = answer_clocks(visit.office.rulebook, case.channel, case.received_at)
    tickets.reopen(visit.store, case.id, clocks, visit.person.name, visit.now)
    log(visit, case, "rouvert")
    return here(visit, case, "Ticket rouvert.")


_ACTS = {
    "prendre": take,
    "rendre": release,
    "confier": assign,
    "attendre": wait,
    "noter": note,
    "pas-un-client": no_customer,
    "clore": close,
    "rouvrir": reopen,
}
ROUTES = [post(f"/tickets/{{number:int}}/{name}", act) for name, act in _ACTS.items()]

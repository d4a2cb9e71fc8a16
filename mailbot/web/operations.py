"""`/etat`: is everything read, judged and sent; `/envois`: what is on its way, and sendings nobody is sure of."""

from datetime import timedelta

from starlette.responses import Response

from mailbot.edges.store import audit, outbox, replies, versions
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.replies import StoredReply
from mailbot.edges.store.status import FolderStatus, status
from mailbot.jobs.rule_drafts import folders_of
from mailbot.model import ReplyState
from mailbot.web import flash, render
from mailbot.web.flash import Flash
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit
from mailbot.web.words import span

STATES: tuple[tuple[ReplyState, str], ...] = (
    ("uncertain", "Envois incertains"),
    ("failed", "Envois en échec"),
    ("sending", "En cours d'envoi"),
    ("approved", "Vont partir"),
)
_QUIET = timedelta(minutes=15)


def health(visit: Visit) -> Response:
    """Every mail account and folder, the counts, and the rules in service."""
    found = status(visit.store, visit.now)
    folders = [one for one in found.folders if visit.person.sees(one.account)]
    numbers = versions.numbers(visit.store)
    return render.page(
        visit, "health", title="État du service", service=found, folders=folders, trouble=_trouble, span=span,
        version=numbers.get(found.rules.digest) if found.rules else None,
        pages=visit.office.rulebook.digest, own=folders_of(visit.office.config).own,
        accounts=[one.name for one in visit.office.config.accounts if visit.person.sees(one.name)],
        sending=visit.office.config.sending,
    )  # fmt: skip


def _trouble(visit: Visit, folder: FolderStatus) -> str:
    """'bad', 'warn' or '' for a folder."""
    if folder.last_error:
        return "bad"
    fetched = folder.last_fetch_at
    return "warn" if fetched is None or visit.now - fetched > _QUIET else ""


def sendings(visit: Visit) -> Response:
    """Replies between approval and the server's word, by state."""
    groups = [(state, title, _in_state(visit, state)) for state, title in STATES]
    return render.page(
        visit, "sendings", title="Envois", groups=groups, span=span, enabled=visit.office.config.sending.enabled,
        copies=status(visit.store, visit.now).pending_copies,
    )  # fmt: skip


def _in_state(visit: Visit, state: ReplyState) -> list[StoredReply]:
    found = replies.list_drafts(visit.store, states=(state,))
    return [one for one in found if visit.person.sees(one.case.account)]


def settle(visit: Visit) -> Response:
    """A person looked whether an uncertain reply had left: it did, or it is to be sent again."""
    reply = replies.get(visit.store, visit.number())
    if not visit.person.sees(reply.case.account):
        raise Impossible(f"la réponse {reply.id} n'existe pas.")
    answer = visit.text("partie")
    if answer not in ("oui", "non"):
        raise Impossible("dites si la réponse est partie ou non.")
    me = visit.person.name
    outbox.resolve_uncertain(visit.store, reply.id, sent=answer == "oui", actor=me, now=visit.now)
    audit.write(
        visit.store, visit.now, me, "envoi_tranche", case_id=reply.case.id, detail=f"partie : {answer}"
    )
    said = "notée comme envoyée" if answer == "oui" else "remise à l'envoi"
    return flash.redirect(visit, "/envois", Flash(text=f"Réponse {reply.id} {said}."))


ROUTES = [
    get("/etat", health, role="lead"),
    get("/envois", sendings, role="lead"),
    post("/envois/{number:int}", settle, role="lead"),
]

"""`/livraison`: what is shipped with this version of mailbot and newer than the shop's copy; taken into the person's
working copy, where it is compared, replayed and published like any other change, or left for good."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from mailbot.edges import rule_folders
from mailbot.edges.store import audit
from mailbot.edges.store.conflicts import Impossible
from mailbot.errors import RuleError
from mailbot.jobs import rule_drafts, rule_update, shipped_note
from mailbot.jobs.rule_drafts import WorkingCopy, folders_of
from mailbot.jobs.rule_update import Update
from mailbot.steps.french import counted
from mailbot.steps.rule_update import State, partner
from mailbot.web import flash, render
from mailbot.web.flash import Flash
from mailbot.web.routing import get, post
from mailbot.web.versions import Diff, diff_of
from mailbot.web.visit import Visit
from mailbot.web.working import working_copy

_SHOWN = 60
_STATES: dict[State, str] = {
    "both": "changé par la boutique et dans la livraison",
    "unknown": "différent, sans que l'on sache qui l'a changé",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A file that a person decides. `why` (French): what is special about it; `follows`: the file it was written with,
    whose choice is its own, '' when it is decided by itself."""

    name: str
    why: str
    follows: str
    diff: Diff


def compared(copy: WorkingCopy, accept: tuple[str, ...] = (), keep: tuple[str, ...] = ()) -> Update:
    """A person's working copy beside what is shipped. Raises RuleError (French) when a file cannot be read, Impossible
    when there is no such file."""
    shipped = rule_folders.read(shipped_note.shipped_folders())
    return rule_update.compare(copy.files, shipped, accept=accept, keep=keep)


def told(visit: Visit, copy: WorkingCopy) -> str | None:
    """In a line that something newer is shipped than is in place or in the working copy (French)."""
    if not folders_of(visit.office.config).own:
        return None
    try:
        return rule_update.in_words(compared(copy).plan)
    except RuleError as error:
        return str(error)


def listing(visit: Visit) -> Response:
    """What can be taken, and what is to be decided."""
    folders, copy = folders_of(visit.office.config), working_copy(visit)
    found = compared(copy) if folders.own else None
    waiting = found.plan.waiting if found else ()
    taken = found.plan.taken if found else ()
    return render.page(
        visit, "shipped", title="Livraison", editable=folders.own, copy=copy, known=found and found.base is not None,
        taken=[diff_of(found.difference(name)) for name in taken[:_SHOWN]] if found else [], ready=len(taken),
        choices=[_choice(found, name) for name in waiting[:_SHOWN]] if found else [], waiting=len(waiting),
    )  # fmt: skip


def _choice(found: Update, name: str) -> Choice:
    why = _STATES.get(found.plan.states[name], "")
    return Choice(name, why, "" if why else partner(name), diff_of(found.difference(name)))


def take(visit: Visit) -> Response:
    """Put the shipped file, or all that the shop has not changed, into the working copy; a rule with its letter."""
    name, copy = visit.text("fichier"), working_copy(visit)
    found = compared(copy, accept=(name,) if name else ())
    names = [one for one in found.plan.taken if not name or one in (name, partner(name))]
    if not names:
        raise Impossible("il n'y a rien à prendre.")
    folders, author = folders_of(visit.office.config), visit.person.name
    fresh = {one: found.shipped[one] for one in names if one in found.shipped}
    rule_drafts.put(visit.store, folders, author, fresh, visit.now)
    gone = [one for one in names if one not in found.shipped]
    rule_drafts.take_away(visit.store, folders, author, gone, visit.now)
    _write_down(visit, "pris", names)
    said = f"{counted(len(names), 'fichier')} dans votre copie de travail ; rien n'est publié."
    return flash.redirect(visit, "/livraison" if name else "/versions/brouillon", Flash(text=said))


def keep(visit: Visit) -> Response:
    """Stay with the shop's file, or with all that are to be decided; they are not shown again until shipped anew."""
    name, copy = visit.text("fichier"), working_copy(visit)
    names = (name,) if name else compared(copy).plan.waiting
    found = compared(copy, keep=names)
    if not found.plan.kept:
        raise Impossible("il n'y a rien à garder.")
    note = {shipped_note.MANIFEST: rule_update.note_of_kept(found)}
    rule_drafts.put(visit.store, folders_of(visit.office.config), visit.person.name, note, visit.now)
    _write_down(visit, "gardé", found.plan.kept)
    said = "Le vôtre reste ; noté dans votre copie de travail, à publier."
    return flash.redirect(visit, "/livraison", Flash(text=said))


def _write_down(visit: Visit, what: str, names: Sequence[str]) -> None:
    more = f" et {counted(len(names) - 10, 'autre')}" if len(names) > 10 else ""
    detail = f"livraison, {what} : {', '.join(names[:10])}{more}"
    audit.write(visit.store, visit.now, visit.person.name, "regle_retouchee", detail=detail)


ROUTES = [
    get("/livraison", listing, role="lead"),
    post("/livraison/prendre", take, role="lead"),
    post("/livraison/garder", keep, role="lead"),
]

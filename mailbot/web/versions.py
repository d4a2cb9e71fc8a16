"""`/versions`: published rules, their differences, going back; and `/versions/brouillon`, the person's working copy:
what differs, what past mails would become with it, publishing."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from starlette.responses import JSONResponse, Response

from mailbot.edges.store import audit, queue, rule_drafts, versions
from mailbot.edges.store.conflicts import Impossible
from mailbot.errors import RuleError
from mailbot.jobs import publish as job
from mailbot.jobs import rule_drafts as drafts
from mailbot.jobs.publish import FileChange
from mailbot.jobs.replay import Difference
from mailbot.jobs.replay_words import ACTIONS, KINDS, told
from mailbot.jobs.rule_drafts import WorkingCopy, folders_of
from mailbot.steps import side_by_side
from mailbot.steps.french import counted
from mailbot.web import flash, render
from mailbot.web.checked import mark
from mailbot.web.flash import Flash
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit
from mailbot.web.words import short, spoken
from mailbot.web.working import working_copy

REPLAYS = (100, 300, 1000)
_LONGEST_DIFF = 3_000


@dataclass(frozen=True, slots=True)
class Diff:
    """A changed file, line by line: (kind, text), kind 'plus', 'minus', 'hunk' or ''."""

    name: str
    new: bool
    gone: bool
    lines: tuple[tuple[str, str], ...]


def listing(visit: Visit) -> Response:
    """Every version, the newest first."""
    folders = folders_of(visit.office.config)
    found = versions.list_versions(visit.store)
    here = job.in_place(visit.store, folders)
    return render.page(
        visit, "versions", title="Versions", versions=found, editable=folders.own,
        current=here.version.number if here.version else None, copy=working_copy(visit),
    )  # fmt: skip


def show(visit: Visit) -> Response:
    """One version: what it changed, or (`avec`) its differences to another one or to the files in place."""
    number, other = visit.number(), visit.query.get("avec", "")
    version = versions.get(visit.store, number)
    folders = folders_of(visit.office.config)
    if other == "place":
        changed = job.version_changes(visit.store, number, None, folders)
    elif other.isascii() and other.isdigit():
        changed = job.version_changes(visit.store, number, int(other), folders)
    else:
        changed = job.own_changes(visit.store, number)
    first = len(changed) == len(version.files) and all(one.before is None for one in changed)
    return render.page(
        visit, "version", title=f"Version {number}", version=version, other=other, first=first,
        diffs=[] if first else [diff_of(one) for one in changed], count=len(changed), editable=folders.own,
        numbers=[one.number for one in versions.list_versions(visit.store) if one.number != number],
    )  # fmt: skip


def diff_of(change: FileChange) -> Diff:
    """A changed file line by line."""
    before, after = (change.before or "").splitlines(), (change.after or "").splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]
    marked = tuple(_line(line) for line in lines[:_LONGEST_DIFF])
    return Diff(change.name, change.before is None, change.after is None, marked)


_KINDS = {"+": "plus", "-": "minus"}
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")


def _line(line: str) -> tuple[str, str]:
    """Its kind and what is shown of it."""
    if (hunk := _HUNK.fullmatch(line)) is not None:
        return "hunk", f"Ligne {max(int(hunk[1]), 1)}"
    return _KINDS.get(line[:1], ""), line


def take_back(visit: Visit) -> Response:
    """Put the files of a version back; the present ones are kept as a version."""
    number = visit.number()
    done = job.rollback(
        visit.store, folders_of(visit.office.config), number, author=visit.person.name, now=visit.now
    )
    audit.write(visit.store, visit.now, visit.person.name, "regles_reprises", detail=f"version {number}")
    said = f"Version {number} remise en place ; ce qui y était est la version {done.kept.number}. Le service relit."
    return flash.redirect(visit, "/versions", Flash(text=said))


def working(visit: Visit) -> Response:
    """The working copy, what past mails would become with it, and publishing."""
    copy = working_copy(visit)
    waiting = (
        not copy.changed or visit.office.replays.running is not None
    )  # a replay loads these rules itself
    problems = () if waiting else visit.office.checks.problems(copy.files, visit.office.rulebook)
    return _working_page(visit, copy, problems)


def _working_page(
    visit: Visit, copy: WorkingCopy, problems: Sequence[str], *, status: int = 200, note: str = ""
) -> Response:
    run = visit.office.replays.last(visit.person.name)
    return render.page(
        visit, "working_copy", title="Copie de travail", status=status, copy=copy, problems=problems, note=note,
        diffs=[diff_of(one) for one in copy.differences], run=run, running=visit.office.replays.running,
        shown=list(_allowed(visit, run.changed)) if run else [], older=bool(run and run.copy != mark(copy.files)),
        replays=REPLAYS, kinds=KINDS, actions=ACTIONS, rows=_rows, told=partial(told, named=spoken, at=short),
        editable=folders_of(visit.office.config).own, not_own=drafts.NOT_OWN,
    )  # fmt: skip


def _rows(one: Difference) -> list[side_by_side.Row]:
    """The sentences that differ, with their neighbours."""
    if "text" not in one.changed:
        return []
    return side_by_side.only_changes(side_by_side.rows(one.before.text or "", one.after.text or ""))


def start(visit: Visit) -> Response:
    """Begin to judge past mails with the working copy."""
    copy, asked = working_copy(visit), visit.whole("combien")
    if not copy.changed:
        raise Impossible("rien n'est modifié : il n'y a rien à rejouer.")
    if asked not in REPLAYS:
        raise Impossible("choisissez combien de mails rejouer.")
    visit.office.replays.start(visit.office.workplace, visit.person.name, copy.files, asked, visit.now)
    return flash.redirect(visit, "/versions/brouillon")


def stop(visit: Visit) -> Response:
    """End one's own replay early; what it has found so far is shown."""
    stopped = visit.office.replays.stop(visit.person.name)
    said = "Le rejeu s'arrête." if stopped else "Aucun rejeu de votre part n'est en cours."
    return flash.redirect(visit, "/versions/brouillon", Flash(text=said))


def progress(visit: Visit) -> Response:
    """For the page that waits: how far the replay is."""
    run = visit.office.replays.running
    return JSONResponse({"fini": run is None, "fait": run.done if run else 0, "sur": run.total if run else 0})


def _allowed(visit: Visit, changed: Sequence[Difference]) -> Iterator[Difference]:
    numbers = [one.ticket for one in changed if one.ticket is not None]
    known = {item.case_id for item in queue.some(visit.store, numbers, visit.person.accounts)}
    return (one for one in changed if one.ticket in known)


def publish(visit: Visit) -> Response:
    """Put the working copy in place as the next version; refused as a whole when it does not load."""
    folders, note = folders_of(visit.office.config), visit.text("note")
    try:
        version = drafts.publish(visit.store, folders, author=visit.person.name, note=note, now=visit.now)
    except RuleError as error:
        return _working_page(visit, working_copy(visit), str(error).splitlines(), status=409, note=note)
    detail = f"version {version.number} : {version.note}"
    audit.write(visit.store, visit.now, visit.person.name, "regles_publiees", detail=detail)
    said = f"Version {version.number} publiée. Le service la prend en compte dans quelques secondes."
    return flash.redirect(visit, "/versions", Flash(text=said))


def discard(visit: Visit) -> Response:
    """Throw away one changed file, or all."""
    name = visit.text("fichier")
    gone = rule_drafts.drop(visit.store, visit.person.name, name or None)
    return flash.redirect(visit, "/versions/brouillon", Flash(text=f"{counted(gone, 'changement jeté')}."))


def record(visit: Visit) -> Response:
    """Keep the files in place, changed by hand, as a version."""
    done = job.publish(
        visit.store,
        folders_of(visit.office.config),
        author=visit.person.name,
        note=visit.text("note"),
        now=visit.now,
    )
    said = f"Version {done.version.number} " + (
        "enregistrée." if done.new else "déjà enregistrée : rien de nouveau."
    )
    return flash.redirect(visit, "/versions", Flash(text=said))


ROUTES = [
    get("/versions", listing, role="lead"),
    get("/versions/brouillon", working, role="lead"),
    post("/versions/brouillon/rejouer", start, role="lead"),
    post("/versions/brouillon/arreter", stop, role="lead"),
    get("/versions/brouillon/rejeu", progress, role="lead"),
    post("/versions/brouillon/publier", publish, role="lead"),
    post("/versions/brouillon/jeter", discard, role="lead"),
    post("/versions/enregistrer", record, role="lead"),
    get("/versions/{number:int}", show, role="lead"),
    post("/versions/{number:int}/retour", take_back, role="lead"),
]

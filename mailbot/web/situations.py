"""`/situations`: every situation with its volume, and one on one screen: rule, letter, clocks, cases, scores; an editor
whose changes stay in the person's working copy until they are published (`versions.py`)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from mailbot.edges.store import by_situation, queue, versions
from mailbot.edges.store import rule_drafts as own_files
from mailbot.edges.store.by_situation import Tally
from mailbot.edges.store.conflicts import Impossible
from mailbot.jobs.rule_drafts import WorkingCopy, folders_of
from mailbot.jobs.scores import scores
from mailbot.jobs.template_bench import changed_in
from mailbot.situation import Situation
from mailbot.steps.compose import SUFFIX
from mailbot.web import flash, render, shipped, working
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit
from mailbot.web.words import span
from mailbot.web.working import problems_of, working_copy

MONTH, QUARTER = timedelta(days=30), timedelta(days=90)
KINDS = {"brouillon": "brouillon", "humain": "agent", "ignorer": "classé"}
LAST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One situation in the list. `alone`: 'oui', 'admis' (the rule admits it, the shop has not switched it on), ''."""

    situation: Situation
    alone: str
    cases: int
    tally: Tally
    changed: bool


def listing(visit: Visit) -> Response:
    """Every situation by family, with thirty days of mails and ninety of replies."""
    store, accounts = visit.store, visit.person.accounts
    volumes = by_situation.volumes(store, visit.now - MONTH, accounts)
    tallies = by_situation.tallies(store, visit.now - QUARTER)
    copy = working_copy(visit)
    lines = [
        Line(
            situation=one, alone=alone(visit, one), cases=volumes.get(one.id, 0),
            tally=tallies.get(one.id, Tally()), changed=bool({*names_of(one.id)} & {*copy.changed}),
        )
        for one in sorted(visit.office.rulebook.situations, key=lambda one: one.id)
    ]  # fmt: skip
    only = visit.query.get("montrer", "")
    families = sorted({line.situation.id.partition("/")[0] for line in lines})
    return render.page(
        visit, "situations", title="Situations", lines=[line for line in lines if _shown(line, only)],
        families=families, only=only, views=VIEWS, kinds=KINDS, copy=copy, total=len(lines), titles=_titles(visit),
        grouped=_grouped(lines, only), begun=_begun(visit, copy), editable=folders_of(visit.office.config).own,
        newer=shipped.told(visit, copy),
    )  # fmt: skip


def _begun(visit: Visit, copy: WorkingCopy) -> list[str]:
    """Situations that are only in the working copy."""
    start, known = "rules/situations/", {one.id for one in visit.office.rulebook.situations}
    stems = (
        name.removeprefix(start).removesuffix(".toml") for name in copy.changed if name.startswith(start)
    )
    return sorted({*stems} - known)


VIEWS = {
    "": "Toutes",
    "vues": "Vues en 30 jours",
    "seules": "Peuvent partir seules",
    "modifiees": "Modifiées par moi",
}


def _shown(line: Line, only: str) -> bool:
    return {"vues": line.cases > 0, "seules": bool(line.alone), "modifiees": line.changed}.get(only, True)


def _grouped(lines: Sequence[Line], only: str) -> dict[str, list[Line]]:
    """The lines to show, by family."""
    found: dict[str, list[Line]] = {line.situation.id.partition("/")[0]: [] for line in lines}
    for line in lines:
        if _shown(line, only):
            found[line.situation.id.partition("/")[0]].append(line)
    return found


def _titles(visit: Visit) -> dict[str, str]:
    """Family → its title; a family bears an intent's name, or is spoken as it is written."""
    known = visit.office.rulebook.recognition
    return {one.id: one.titre for one in known.intentions}


def alone(visit: Visit, situation: Situation) -> str:
    """Whether its letter may leave without a person: 'oui', 'admis' or ''."""
    if not situation.action.envoi_seul:
        return ""
    switched = situation.id in visit.office.rulebook.guards.envoi_seul
    return "oui" if switched and visit.office.config.sending.automatic else "admis"


def names_of(stem: str) -> tuple[str, str]:
    """The two files of a situation, named as in a version."""
    return f"rules/situations/{stem}.toml", f"templates/{stem}{SUFFIX}"


def situation_of(visit: Visit) -> Situation | None:
    """The situation of the address, as the rules in service have it."""
    stem = stem_of(visit)
    return next((one for one in visit.office.rulebook.situations if one.id == stem), None)


def stem_of(visit: Visit) -> str:
    """famille/nom, as the address has it."""
    return f"{visit.request.path_params['famille']}/{visit.request.path_params['nom']}"


def show(visit: Visit) -> Response:
    """One situation."""
    copy = working_copy(visit)
    problems = problems_of(visit, copy) if {*names_of(stem_of(visit))} & {*copy.changed} else ()
    return page(visit, copy, problems)


def page(visit: Visit, copy: WorkingCopy, problems: tuple[str, ...], *, status: int = 200) -> Response:
    """The situation of the address; of one that is not in service yet only what is written. Raises Impossible (French)
    when there is nothing of it."""
    situation, store, stem = situation_of(visit), visit.store, stem_of(visit)
    rule, letter = names_of(stem)
    if situation is None and rule not in copy.files:
        raise Impossible(f"aucune situation « {stem} » dans les règles en service.")
    published = versions.list_versions(store)
    numbers = by_situation.latest(store, stem, visit.person.accounts, limit=LAST)
    return render.page(
        visit, "situation", title=situation.titre if situation else f"Nouvelle situation {stem}", status=status,
        stem=stem, situation=situation, alone=alone(visit, situation) if situation else "",
        kinds=KINDS, rule=_text(copy, rule), letter=_text(copy, letter), files=(rule, letter), span=span, copy=copy,
        mine={rule, letter} & {*copy.changed}, stale={rule, letter} & {*copy.stale}, problems=problems,
        retired=rule in copy.changed and rule not in copy.files,
        editable=folders_of(visit.office.config).own, cases=queue.some(store, numbers, visit.person.accounts),
        volume=by_situation.volumes(store, visit.now - MONTH, visit.person.accounts).get(stem, 0),
        scores=scores(store, visit.now, visit.now - QUARTER, stem),
        others=[name for name in _others(visit, rule, letter) if name != visit.person.name],
        since={name: changed_in(name, _live(copy, name), published) for name in (rule, letter)},
    )  # fmt: skip


def _others(visit: Visit, *names: str) -> Iterator[str]:
    found = {author for name in names for author in own_files.authors(visit.store, name)}
    return iter(sorted(found))


def _text(copy: WorkingCopy, name: str) -> str | None:
    data = copy.files.get(name)
    return None if data is None else data.decode("utf-8", "replace")


def _live(copy: WorkingCopy, name: str) -> str | None:
    data = copy.live.get(name)
    return None if data is None else data.decode("utf-8", "replace")


def save(visit: Visit) -> Response:
    """Keep both texts in the working copy, and say at once whether the rules would still load with them."""
    stem = stem_of(visit)
    rule, letter = names_of(stem)
    texts = {rule: visit.text("regle")} | ({letter: visit.text("modele")} if "modele" in visit.form else {})
    if situation_of(visit) is None and rule not in working_copy(visit).files:
        raise Impossible(f"aucune situation « {stem} » à modifier.")
    copy = working.keep(visit, texts, stem)
    if problems := problems_of(visit, copy):
        return page(visit, copy, problems, status=409)
    if visit.text("ensuite") == "apercu":
        return flash.redirect(visit, f"/situations/{stem}/apercu")
    return working.kept(visit, f"/situations/{stem}", changed=bool(copy.changed))


def discard(visit: Visit) -> Response:
    """Throw the changes to this situation away."""
    stem = stem_of(visit)
    there = f"/situations/{stem}" if situation_of(visit) else "/situations"
    return working.dropped(visit, names_of(stem), there)


def rebase(visit: Visit) -> Response:
    """Go on with one's own text over what somebody else has changed."""
    stem, copy = stem_of(visit), working_copy(visit)
    return working.rebased(
        visit, [name for name in names_of(stem) if name in copy.stale], f"/situations/{stem}"
    )


ROUTES = [
    get("/situations", listing, role="lead"),
    get("/situations/{famille}/{nom}", show, role="lead"),
    post("/situations/{famille}/{nom}", save, role="lead"),
    post("/situations/{famille}/{nom}/jeter", discard, role="lead"),
    post("/situations/{famille}/{nom}/reprendre", rebase, role="lead"),
]

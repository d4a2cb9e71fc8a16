"""`/communs/…`: what all letters share: their frame, their common phrases, the shop's own facts; edited in the working
copy like the files of a situation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from mailbot.edges.store import rule_drafts as own_files
from mailbot.edges.store.conflicts import Impossible
from mailbot.jobs import rule_drafts
from mailbot.jobs.rule_drafts import WorkingCopy, folders_of
from mailbot.web import flash, render, working
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit
from mailbot.web.working import problems_of, working_copy

_TITLES = {
    "templates/_base.txt.j2": "Cadre des lettres",
    "templates/_blocs.txt.j2": "Phrases communes",
    "rules/entreprise.toml": "La boutique",
    "rules/tutoiement.toml": "Tutoiement",
    "rules/pieces_jointes.toml": "Pièces jointes",
}
_NOTES = {
    "templates/_base.txt.j2": "Salutation, ton selon le client, ordre des parties, formule de fin et signature : "
    "toutes les lettres passent par ce cadre.",
    "templates/_blocs.txt.j2": "Chaque phrase peut être appelée dans toutes les lettres ; la changer ici la change "
    "partout.",
    "rules/entreprise.toml": "Nom, adresses, promesses et réglages de la boutique : ce que les lettres ont le droit "
    "d'affirmer.",
    "rules/tutoiement.toml": "Comment une lettre écrite au « vous » se dit au « tu ».",
    "rules/pieces_jointes.toml": "Les fichiers qui peuvent accompagner une lettre.",
}
_MACRO = re.compile(r"\{%-?\s*macro\s+([a-z]\w*)\s*\(")
_LETTERS = "templates/"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A common phrase and how many letters call it."""

    name: str
    letters: int


def first(visit: Visit) -> Response:
    """The common phrases."""
    return flash.redirect(visit, "/communs/templates/_blocs.txt.j2")


def _parts(copy: WorkingCopy) -> dict[str, str]:
    """The shared files and what they are called."""
    own = [
        name for name in copy.files if name.startswith(f"{_LETTERS}_") and "/" not in name[len(_LETTERS) :]
    ]
    known = [name for name in _TITLES if name in copy.files]
    return {name: _TITLES.get(name, name.removeprefix(_LETTERS)) for name in dict.fromkeys((*known, *own))}


def _name(visit: Visit, copy: WorkingCopy) -> str:
    name = str(visit.request.path_params["fichier"])
    if name not in _parts(copy):
        raise Impossible(f"« {name} » n'est pas une partie commune.")
    return name


def show(visit: Visit) -> Response:
    """One shared file in an editor."""
    copy = working_copy(visit)
    name = _name(visit, copy)
    return _page(visit, copy, name, problems_of(visit, copy) if name in copy.changed else ())


def _page(
    visit: Visit, copy: WorkingCopy, name: str, problems: tuple[str, ...], *, status: int = 200
) -> Response:
    text = copy.files[name].decode("utf-8", "replace")
    return render.page(
        visit, "shared_parts", title=_parts(copy)[name], status=status, parts=_parts(copy), name=name, text=text,
        note=_NOTES.get(name, ""), phrases=_phrases(text, copy.files) if name.startswith(_LETTERS) else [], copy=copy,
        mine=name in copy.changed, stale=name in copy.stale, problems=problems,
        others=[one for one in own_files.authors(visit.store, name) if one != visit.person.name],
        editable=folders_of(visit.office.config).own, not_own=rule_drafts.NOT_OWN,
    )  # fmt: skip


def _phrases(text: str, files: Mapping[str, bytes]) -> list[Phrase]:
    """The macros of a file, the most called first."""
    letters = [
        data.decode("utf-8", "replace")
        for name, data in files.items()
        if name.startswith(_LETTERS) and not name.startswith(f"{_LETTERS}_")
    ]
    found = [
        Phrase(name, sum(re.search(rf"\b{name}\(", letter) is not None for letter in letters))
        for name in dict.fromkeys(_MACRO.findall(text))
    ]
    return sorted(found, key=lambda one: (-one.letters, one.name))


def save(visit: Visit) -> Response:
    """Keep the text in the working copy, and say at once whether the rules would still load with it."""
    name = _name(visit, working_copy(visit))
    copy = working.keep(visit, {name: visit.text("texte")}, name)
    if problems := problems_of(visit, copy):
        return _page(visit, copy, name, problems, status=409)
    return working.kept(visit, f"/communs/{name}", changed=name in copy.changed)


def discard(visit: Visit) -> Response:
    """Throw one's changes to this file away."""
    name = _name(visit, working_copy(visit))
    return working.dropped(visit, [name], f"/communs/{name}")


def rebase(visit: Visit) -> Response:
    """Go on with one's own text over what somebody else has changed."""
    name = _name(visit, working_copy(visit))
    return working.rebased(visit, [name], f"/communs/{name}")


ROUTES = [
    get("/communs", first, role="lead"),
    post("/communs/jeter/{fichier:path}", discard, role="lead"),
    post("/communs/reprendre/{fichier:path}", rebase, role="lead"),
    get("/communs/{fichier:path}", show, role="lead"),
    post("/communs/{fichier:path}", save, role="lead"),
]

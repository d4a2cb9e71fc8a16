"""A situation that is begun like another one, or retired: in the person's working copy, until it is published."""

from starlette.responses import Response

from mailbot.edges.store import audit
from mailbot.edges.store import rule_drafts as own_files
from mailbot.edges.store.conflicts import Impossible
from mailbot.errors import RuleError
from mailbot.jobs import new_template, rule_drafts
from mailbot.jobs.rule_drafts import folders_of
from mailbot.web import flash, render
from mailbot.web.flash import Flash
from mailbot.web.routing import get, post
from mailbot.web.situations import names_of, page, situation_of, stem_of
from mailbot.web.visit import Visit
from mailbot.web.working import keep, problems_of, working_copy

_FIELDS = ("copie", "famille", "nom", "titre")


def ask(visit: Visit) -> Response:
    """The form; `copie` is the situation to begin like."""
    return _form(visit, dict.fromkeys(_FIELDS, "") | {"copie": visit.query.get("copie", "")})


def _form(visit: Visit, said: dict[str, str], why: str = "") -> Response:
    known = [one for one in visit.office.rulebook.situations if one.action.modele]
    families: dict[str, list[tuple[str, str]]] = {}
    for one in sorted(known, key=lambda one: one.id):
        families.setdefault(one.id.partition("/")[0], []).append((one.id, one.titre))
    return render.page(
        visit, "new_situation", title="Nouvelle situation", status=409 if why else 200, families=families,
        said_before=said, why=why, editable=folders_of(visit.office.config).own, not_own=rule_drafts.NOT_OWN,
    )  # fmt: skip


def begin(visit: Visit) -> Response:
    """Lay rule and letter out in the working copy."""
    said = {name: visit.text(name).strip() for name in _FIELDS}
    stem, copy = f"{said['famille']}/{said['nom']}", working_copy(visit)
    rule, letter = names_of(stem)
    try:
        if rule in copy.files:
            raise RuleError(f"« {stem} » existe déjà : choisissez un autre nom")
        source = copy.live.get(names_of(said["copie"])[0], b"").decode("utf-8", "replace")
        texts = new_template.begun(visit.office.rulebook, stem, said["copie"], said["titre"], source)
    except RuleError as error:
        return _form(visit, said, str(error))
    keep(visit, dict(zip((rule, letter), texts, strict=True)), stem, "situation_commencee")
    text = "Commencée dans votre copie de travail. Changez ses conditions et son exemple, puis sa lettre."
    return flash.redirect(visit, f"/situations/{stem}", Flash(text=text))


def retire(visit: Visit) -> Response:
    """Take both files away with the next version; refused when a row of the decision table would be left without a
    rule, or another rule names this one."""
    stem = stem_of(visit)
    if situation_of(visit) is None:
        raise Impossible(f"« {stem} » n'est pas en service : jetez simplement vos changements.")
    names, folders, author = names_of(stem), folders_of(visit.office.config), visit.person.name
    if before := problems_of(visit, working_copy(visit)):
        raise Impossible(f"votre copie de travail a déjà un problème à corriger d'abord : {before[0]}")
    rule_drafts.take_away(visit.store, folders, author, names, visit.now)
    if problems := problems_of(visit, working_copy(visit)):
        for name in names:
            own_files.drop(visit.store, author, name)
        return page(
            visit, working_copy(visit), ("Cette situation ne peut pas être retirée :", *problems), status=409
        )
    audit.write(visit.store, visit.now, author, "situation_retiree", detail=stem)
    text = "Retirée dans votre copie de travail ; elle reste en service jusqu'à la publication."
    return flash.redirect(visit, f"/situations/{stem}", Flash(text=text))


ROUTES = [
    get("/nouvelle-situation", ask, role="lead"),
    post("/nouvelle-situation", begin, role="lead"),
    post("/situations/{famille}/{nom}/retirer", retire, role="lead"),
]

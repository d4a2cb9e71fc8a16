"""The working copy of the person who looks at a page: read, kept, thrown away, begun anew."""

from collections.abc import Iterable, Mapping

from starlette.responses import Response

from mailbot.edges.store import audit
from mailbot.edges.store import rule_drafts as own_files
from mailbot.jobs import rule_drafts
from mailbot.jobs.rule_drafts import WorkingCopy, folders_of
from mailbot.web import flash
from mailbot.web.flash import Flash
from mailbot.web.visit import Visit


def working_copy(visit: Visit) -> WorkingCopy:
    """What this person is working on."""
    return rule_drafts.working_copy(visit.store, folders_of(visit.office.config), visit.person.name)


def problems_of(visit: Visit, copy: WorkingCopy) -> tuple[str, ...]:
    """Why the working copy could not be published (French); nothing when it could."""
    return visit.office.checks.problems(copy.files, visit.office.rulebook)


def keep(visit: Visit, texts: Mapping[str, str], about: str, kind: str = "regle_retouchee") -> WorkingCopy:
    """Write these texts (by file) into the working copy, and `about` them in the audit log; the copy as it is then."""
    rule_drafts.edit(visit.store, folders_of(visit.office.config), visit.person.name, texts, visit.now)
    audit.write(visit.store, visit.now, visit.person.name, kind, detail=about)
    return working_copy(visit)


def kept(visit: Visit, there: str, *, changed: bool) -> Response:
    """Back to the page, with what keeping has changed."""
    said = "Gardé dans votre copie de travail ; rien n'est publié." if changed else "Rien n'a changé."
    return flash.redirect(visit, there, Flash(text=said))


def dropped(visit: Visit, names: Iterable[str], there: str) -> Response:
    """Throw the person's changes to these files away."""
    for name in names:
        own_files.drop(visit.store, visit.person.name, name)
    return flash.redirect(visit, there, Flash(text="Vos changements sont jetés."))


def rebased(visit: Visit, names: Iterable[str], there: str) -> Response:
    """Go on with one's own text of these files over what somebody else has changed."""
    for name in names:
        rule_drafts.rebase(visit.store, folders_of(visit.office.config), visit.person.name, name, visit.now)
    return flash.redirect(visit, there, Flash(text="Vos changements repartent du texte en place."))

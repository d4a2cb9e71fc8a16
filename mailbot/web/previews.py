"""`/situations/…/apercu`: what the letter of the working copy says, on the examples of its rule or on real past mails,
beside what the letter in place says there. Nothing is stored."""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from mailbot.edges.store import by_situation, cases
from mailbot.edges.store.conflicts import Impossible
from mailbot.errors import MailbotError, RuleError
from mailbot.jobs import preview, rule_drafts
from mailbot.jobs.template_bench import Letter, situation_of, write_all
from mailbot.line import Line
from mailbot.model import Deadline, Judgement, Reply
from mailbot.rulebook import Rulebook
from mailbot.steps import side_by_side
from mailbot.steps.holes import beyond_holes
from mailbot.steps.typography_check import faults
from mailbot.web import render
from mailbot.web.rights import case_of
from mailbot.web.routing import get
from mailbot.web.situations import stem_of
from mailbot.web.visit import Visit
from mailbot.web.working import working_copy

MAILS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One letter as the working copy writes it. `title`: on what; `asked`: the customer's words; `before`: the text of
    the rules in place, None when it is not written there; `wrong`: why it could not leave as it is (French)."""

    title: str
    link: str
    asked: str
    reply: Reply
    clocks: tuple[Deadline, ...]
    before: str | None
    wrong: tuple[str, ...]

    @property
    def rows(self) -> list[side_by_side.Row]:
        """Both texts beside each other; nothing when they are the same."""
        return (
            []
            if self.before in (None, self.reply.text)
            else side_by_side.rows(self.before or "", self.reply.text)
        )


def show(visit: Visit) -> Response:
    """The letters, or why the working copy cannot write any."""
    stem, on = stem_of(visit), visit.query.get("sur", "exemples")
    copy = working_copy(visit)
    shown: list[Shown] = []
    problems: tuple[str, ...] = ()
    try:
        with rule_drafts.tried(copy.files) as book:
            shown = list(_letters(visit, book, stem, on))
    except RuleError as error:
        problems = tuple(str(error).splitlines())
    return render.page(
        visit, "preview", title=f"Aperçu : {stem}", stem=stem, on=on, shown=shown, problems=problems,
        changed=bool(copy.changed), number=visit.query.get("ticket", ""),
    )  # fmt: skip


def _letters(visit: Visit, book: Rulebook, stem: str, on: str) -> Iterator[Shown]:
    number = visit.query.get("ticket", "")
    if number.isascii() and number.isdigit():
        yield from _on_tickets(visit, book, stem, [case_of(visit, int(number)).id])
    elif on == "mails":
        numbers = by_situation.latest(visit.store, stem, visit.person.accounts, limit=MAILS, kept=True)
        yield from _on_tickets(visit, book, stem, numbers)
    else:
        yield from _on_examples(visit, book, stem)


def _on_examples(visit: Visit, book: Rulebook, stem: str) -> Iterator[Shown]:
    situation = situation_of(book, stem)
    now_in_place = {one.example: one for one in _in_place(visit, stem)}
    for letter in write_all(Line.build(book, None), situation, visit.now):
        facts = situation.exemples[letter.example - 1].faits
        told = ", ".join(f"{name} = {_value(value)}" for name, value in facts.items())
        before = now_in_place.get(letter.example)
        yield Shown(
            title=f"Exemple {letter.example}", link="", asked=told or "aucun fait particulier", reply=letter.reply,
            clocks=letter.deadlines, before=before.reply.text if before else None,
            wrong=_wrong(letter.reply, letter.faults),
        )  # fmt: skip


def _value(value: object) -> str:
    return {True: "oui", False: "non"}[value] if isinstance(value, bool) else str(value)


def _in_place(visit: Visit, stem: str) -> Iterator[Letter]:
    """The letters of the rules in service on their own examples."""
    line = visit.office.workplace.line
    known = [one for one in line.rulebook.situations if one.id == stem and one.action.modele]
    for situation in known:
        yield from write_all(line, situation, visit.now)


def _on_tickets(visit: Visit, book: Rulebook, stem: str, numbers: list[int]) -> Iterator[Shown]:
    present = visit.office.workplace.line
    if present.model is None:
        raise Impossible(
            "le modèle qui lit les mails n'est pas chargé : l'aperçu sur des mails passés attend."
        )
    line = Line.build(book, present.model, automatic=visit.office.config.sending.automatic)
    for number in numbers:
        case = cases.get(visit.store, number)
        judged = preview.on_ticket(line, stem, visit.store, number)
        if judged.reply is None:
            continue
        before = _before(visit, present, stem, number)
        yield Shown(
            title=f"Ticket {number} : {case.subject or '(sans objet)'}", link=f"/tickets/{number}", asked=case.text,
            reply=judged.reply, clocks=judged.deadlines,
            before=before.reply.text if before and before.reply else None,
            wrong=_wrong(judged.reply, faults(judged.reply.text)),
        )  # fmt: skip


def _before(visit: Visit, line: Line, stem: str, number: int) -> Judgement | None:
    try:
        return preview.on_ticket(line, stem, visit.store, number)
    except MailbotError:  # a letter that the rules in place do not have
        return None


def _wrong(reply: Reply, faults: tuple[str, ...]) -> tuple[str, ...]:
    return (*(f"il manque : {name}" for name in reply.missing), *beyond_holes(reply), *faults)


ROUTES = [get("/situations/{famille}/{nom}/apercu", show, role="lead")]

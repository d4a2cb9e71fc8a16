"""The tuning bench of the letters: what each would say on the examples of its situation, and what is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailbot import rulebook
from mailbot.edges.store.versions import Version, content_digest
from mailbot.errors import RuleError
from mailbot.line import Line, Read
from mailbot.model import Clues, Deadline, History, Reply
from mailbot.rulebook import Rulebook
from mailbot.situation import CaseExample, Situation, nearest
from mailbot.steps import letter_check
from mailbot.steps.choose import Chosen
from mailbot.steps.compose import SUFFIX, read_templates, stems
from mailbot.steps.holes import beyond_holes
from mailbot.steps.sample_case import sample
from mailbot.steps.typography_check import faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter as it would be written. `example`: which one of the situation (1, 2, ...); `faults`: of typography."""

    stem: str
    example: int
    reply: Reply
    deadlines: tuple[Deadline, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One template. `title` and `action` of its situation (None without one); `problems`: why it cannot be used;
    `missing`: facts that are holes on the examples; `blocked`, `faults`: what guards and typography say there.
    `changed_in`: the published version that brought the present text, None when it is not published."""

    stem: str
    title: str | None
    action: str | None
    problems: tuple[str, ...]
    missing: tuple[str, ...]
    blocked: tuple[str, ...]
    faults: tuple[str, ...]
    changed_in: int | None

    @property
    def ready(self) -> bool:
        """Nothing is wrong. A letter that always goes to a person may have holes for that person to fill."""
        held = self.missing or self.blocked
        return not (self.problems or self.faults or (held and self.action == "brouillon"))


def look(
    rules: Path, templates: Path, now: datetime, published: Sequence[Version] = ()
) -> tuple[list[Template], list[str]]:
    """Every template, by name, and the problems of the rulebook that belong to none of them (French).

    Rules that do not load are looked at as far as they can be read."""
    sources = read_templates(templates)
    try:
        book: Rulebook | None = rulebook.load(rules, templates)
        problems: list[str] = []
        situations: Sequence[Situation] = book.situations if book else ()
    except RuleError as error:
        book, problems = None, str(error).splitlines()
        situations = _readable(rules)
        problems = _all_problems(problems, sources, situations)
    known = {one.id: one for one in situations}
    names = sorted(stems(sources) | {one.id for one in situations if one.action.modele})
    line = Line.build(book, None) if book else None
    found = []
    for stem in names:
        own = tuple(one for one in problems if f"{stem}{SUFFIX}" in one or f"{stem}.toml" in one)
        letters = list(write_all(line, known[stem], now)) if line else []
        changed = changed_in(f"templates/{stem}{SUFFIX}", sources.get(stem + SUFFIX), published)
        found.append(_template(stem, known.get(stem), own, letters, changed))
    told = {problem for one in found for problem in one.problems}
    return found, [problem for problem in problems if problem not in told]


def _readable(rules: Path) -> tuple[Situation, ...]:
    try:
        return rulebook.load_situations(rules)
    except RuleError:
        return ()


def _all_problems(
    problems: list[str], sources: Mapping[str, str], situations: Sequence[Situation]
) -> list[str]:
    """The loader stops at the first kind of trouble; the templates' own troubles are told all the same."""
    delays = {one.id: [delay.id for delay in one.delais] for one in situations} or None
    letters = [f"templates/{problem}" for problem in letter_check.problems(sources, delays)]
    return list(dict.fromkeys([*problems, *letters]))


def _template(
    stem: str,
    situation: Situation | None,
    problems: tuple[str, ...],
    letters: Sequence[Letter],
    changed_in: int | None,
) -> Template:
    def all_of(*groups: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for group in groups for one in group))

    return Template(
        stem=stem,
        title=situation.titre if situation else None,
        action=situation.action.type if situation else None,
        problems=problems,
        missing=all_of(*(one.reply.missing for one in letters)),
        blocked=all_of(*(beyond_holes(one.reply) for one in letters)),
        faults=all_of(*(one.faults for one in letters)),
        changed_in=changed_in,
    )


def changed_in(name: str, source: str | None, published: Sequence[Version]) -> int | None:
    """The oldest of the newest versions in a row that hold this text. `published`: the newest first."""
    digest = content_digest(source.encode()) if source is not None else None
    found = None
    for version in published:
        if version.files.get(name) != digest:
            break
        found = version.number
    return found


def write_all(line: Line, situation: Situation, now: datetime) -> Iterator[Letter]:
    """The letter of a situation on each of its examples; none when it has no template."""
    for number, example in enumerate(situation.exemples, 1):
        if (written := write(line, situation, example, number, now)) is not None:
            yield written


def write(
    line: Line, situation: Situation, example: CaseExample, number: int, now: datetime
) -> Letter | None:
    """The letter on one example, with its clocks."""
    made = sample(situation, example, now)
    read = Read(mail=made.mail, verdict=made.verdict, clues=Clues())
    facts = {**line.facts(read, made.found, History(), now), **made.facts}
    chosen = Chosen(situation=situation, reasons=(situation.raison,))
    clocks, reply = line.letter(read, made.found, facts, chosen, now)
    if reply is None:
        return None
    return Letter(stem=situation.id, example=number, reply=reply, deadlines=clocks, faults=faults(reply.text))


def situation_of(book: Rulebook, stem: str) -> Situation:
    """The situation of a template. Raises RuleError (French) with the nearest known name."""
    known = {one.id: one for one in book.situations if one.action.modele}
    if stem not in known:
        raise RuleError(f"aucun modèle « {stem} »{nearest(stem, known)}")
    return known[stem]

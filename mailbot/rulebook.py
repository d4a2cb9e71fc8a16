"""Loads rules/ and templates/ into one frozen rulebook, or refuses: a rulebook in doubt judges no mail."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from mailbot import rule_checks, rule_letters, rule_overlaps, tracking_book
from mailbot.config import explain_validation
from mailbot.edges import accepted_rules
from mailbot.edges.intent_rules import read_recognition
from mailbot.edges.rule_folders import rule_files
from mailbot.errors import RuleError, words
from mailbot.rule_files import raw_toml, read_folder, read_toml, read_tree, refuse
from mailbot.ruleset.carriers import Carrier, Landmarks
from mailbot.ruleset.counting import CountingRules
from mailbot.ruleset.enclosures import Enclosures
from mailbot.ruleset.familiar import Familiar
from mailbot.ruleset.guards import Guards
from mailbot.ruleset.intents import Recognition
from mailbot.ruleset.reading import Reading
from mailbot.ruleset.shop import Channel, Merchant
from mailbot.ruleset.table import DecisionRow, DecisionTable
from mailbot.situation import Situation, Situations
from mailbot.steps import letter_check
from mailbot.steps.compose import COMPILED, read_templates, stems
from mailbot.steps.deadlines import parse_rules
from mailbot.tracking_rules import TrackingRules

Value = TypeVar("Value")
Table = TypeVar("Table", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """Everything rules/ and templates/ say. `situations` are sorted by weight, as `choose` wants them;
    `templates` maps a name ('famille/nom.txt.j2') to its source; `digest` is the SHA-256 of all files."""

    merchant: Merchant
    channels: tuple[Channel, ...]
    carriers: tuple[Carrier, ...]
    counting: CountingRules
    reading: Reading
    landmarks: Landmarks
    recognition: Recognition
    situations: Situations
    guards: Guards
    tracking: TrackingRules
    rows: tuple[DecisionRow, ...]
    templates: Mapping[str, str]
    digest: str
    enclosures: Enclosures
    familiar: Familiar | None = None

    def channel(self, name: str | None) -> Channel | None:
        """The channel rule with this id, or None."""
        return next((channel for channel in self.channels if channel.id == name), None)


def load(rules_dir: Path, templates_dir: Path, *, remembered_in: Path | None = None) -> Rulebook:
    """The rulebook of two folders, with every example run; not again when the folder `remembered_in` tells that the
    same files have passed, which also spares their letters another compiling.

    Raises RuleError (French): every problem on its own line, with file, key path and the nearest known word."""
    book = _read(rules_dir, templates_dir)
    if remembered_in is not None and accepted_rules.known(remembered_in, book.digest):
        COMPILED.take(accepted_rules.letters(remembered_in, book.digest))
        return book
    refuse(_problems(book))
    if remembered_in is not None:
        accepted_rules.note(remembered_in, book.digest, COMPILED.given())
    return book


def _read(rules_dir: Path, templates_dir: Path) -> Rulebook:
    """Every file; what is wrong in one does not hide what is wrong in another."""
    wrong: list[str] = []

    def part(read: Callable[[], Value]) -> Value:
        try:
            return read()
        except RuleError as error:
            wrong.append(str(error))
            return cast(Value, None)  # nobody sees it: a rulebook with something wrong is refused below

    def file(name: str, kind: type[Table]) -> Table:
        return part(lambda: read_toml(rules_dir / name, kind))

    rows = file("lignes.toml", DecisionTable)
    book = Rulebook(
        merchant=file("entreprise.toml", Merchant),
        channels=part(lambda: read_folder(rules_dir / "canaux", Channel)),
        carriers=part(lambda: read_folder(rules_dir / "transporteurs", Carrier)),
        counting=part(lambda: load_counting_rules(rules_dir)),
        reading=file("lecture.toml", Reading),
        landmarks=file("reperes.toml", Landmarks),
        recognition=part(lambda: read_recognition(rules_dir)),
        situations=part(lambda: load_situations(rules_dir)),
        guards=file("garde_fous.toml", Guards),
        tracking=part(lambda: tracking_book.load(rules_dir)),
        rows=rows.ligne if rows else (),
        templates=MappingProxyType(part(lambda: _templates(templates_dir)) or {}),
        digest=part(lambda: digest(rules_dir, templates_dir)),
        enclosures=file("pieces_jointes.toml", Enclosures),
    )
    refuse(wrong)
    if book.merchant.adresse == "tu":
        return replace(book, familiar=read_toml(rules_dir / "tutoiement.toml", Familiar))
    return book


def load_counting_rules(rules_dir: Path) -> CountingRules:
    """rules/delais.toml and rules/calendrier.toml. Raises RuleError (French)."""
    data = raw_toml(rules_dir / "delais.toml") | raw_toml(rules_dir / "calendrier.toml")
    try:
        return parse_rules(data)
    except ValidationError as error:
        lines = explain_validation(error, CountingRules)
        raise RuleError("\n".join(f"delais.toml, calendrier.toml : {line}" for line in lines)) from error


def load_situations(rules_dir: Path) -> Situations:
    """rules/situations/<famille>/<nom>.toml, heaviest first. Raises RuleError (French)."""
    found = read_tree(rules_dir / "situations", Situation)
    if not found:
        raise RuleError(
            f"{rules_dir / 'situations'} : aucune situation. Rétablissez-les avec « mailbot init »."
        )
    return Situations(sorted(found, key=lambda one: (one.weight, one.id)))


def digest(*folders: Path) -> str:
    """SHA-256 (hex) over the names and bytes of every rule and template file below the folders.

    Raises RuleError (French) when one cannot be read."""
    total = hashlib.sha256()
    for folder in folders:
        for path in files(folder):
            try:
                data = path.read_bytes()
            except OSError as error:
                raise RuleError(f"{path} : lecture impossible ({words(error)}).") from error
            total.update(path.relative_to(folder).as_posix().encode() + b"\0" + data + b"\0")
    return total.hexdigest()


def files(folder: Path) -> list[Path]:
    """The rule and template files below a folder, by name; hidden ones are an editor's own."""
    return rule_files(folder)


def rules_coverage(rulebook: Rulebook) -> dict[str, tuple[str, ...]]:
    """Row of the decision table → the stems and files that cover it; no row is left out, an uncovered one has ()."""
    covered = list(rule_checks.covering(rulebook.situations, rulebook.guards))
    return {row.id: tuple(sorted(name for id_, name in covered if id_ == row.id)) for row in rulebook.rows}


def _templates(folder: Path) -> dict[str, str]:
    try:
        return read_templates(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{folder} : modèle illisible ({error}).") from error


def _problems(book: Rulebook) -> list[str]:
    checks = rule_checks
    words = [
        *checks.unknown_words(book.situations, book.recognition, book.carriers),
        *checks.unknown_delays(book.situations, book.channels, book.counting, book.merchant),
        *checks.bad_guards(book.guards, book.channels, book.situations, book.recognition),
        *checks.orphans(book.situations, stems(book.templates)),
        *checks.unknown_enclosures(book.situations, book.enclosures),
        *checks.unknown_rows(book.situations, book.guards, book.rows),
        *rule_letters.half_familiar(book.templates, book.merchant, book.familiar),
        *rule_overlaps.impossible(book.situations),
        *rule_overlaps.cyclic(book.situations),
        *rule_overlaps.twins(book.situations),
        *tracking_book.problems(book.tracking, book.carriers, book.recognition, book.counting),
    ]
    delays = {one.id: [delay.id for delay in one.delais] for one in book.situations}
    letters = [f"templates/{problem}" for problem in letter_check.problems(book.templates, delays)]
    return words or letters or list(checks.failing_examples(book.situations))

"""Loads rules/ and templates/ into one frozen rulebook, or refuses: a rulebook in doubt judges no mail."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from mailbot import rule_checks
from mailbot.config import explain_validation
from mailbot.edges.intent_rules import read_recognition
from mailbot.errors import RuleError
from mailbot.rule_files import raw_toml, read_folder, read_toml, read_tree, refuse
from mailbot.ruleset import (
    Carrier,
    Channel,
    CountingRules,
    Guards,
    Landmarks,
    Merchant,
    Reading,
    Recognition,
)
from mailbot.situation import Situation
from mailbot.steps import letter_check
from mailbot.steps.compose import read_templates, stems
from mailbot.steps.deadlines import parse_rules

_READ = (".toml", ".jsonl", ".j2")


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
    situations: tuple[Situation, ...]
    guards: Guards
    templates: Mapping[str, str]
    digest: str

    def channel(self, name: str | None) -> Channel | None:
        """The channel rule with this id, or None."""
        return next((channel for channel in self.channels if channel.id == name), None)


def load(rules_dir: Path, templates_dir: Path) -> Rulebook:
    """The rulebook of two folders, with every example run.

    Raises RuleError (French): every problem on its own line, with file, key path and the nearest known word."""
    templates = _templates(templates_dir)
    book = Rulebook(
        merchant=read_toml(rules_dir / "entreprise.toml", Merchant),
        channels=read_folder(rules_dir / "canaux", Channel),
        carriers=read_folder(rules_dir / "transporteurs", Carrier),
        counting=load_counting_rules(rules_dir),
        reading=read_toml(rules_dir / "lecture.toml", Reading),
        landmarks=read_toml(rules_dir / "reperes.toml", Landmarks),
        recognition=read_recognition(rules_dir),
        situations=load_situations(rules_dir),
        guards=read_toml(rules_dir / "garde_fous.toml", Guards),
        templates=MappingProxyType(templates),
        digest=digest(rules_dir, templates_dir),
    )
    refuse(_problems(book))
    return book


def load_counting_rules(rules_dir: Path) -> CountingRules:
    """rules/delais.toml and rules/calendrier.toml. Raises RuleError (French)."""
    data = raw_toml(rules_dir / "delais.toml") | raw_toml(rules_dir / "calendrier.toml")
    try:
        return parse_rules(data)
    except ValidationError as error:
        lines = explain_validation(error, CountingRules)
        raise RuleError("\n".join(f"delais.toml, calendrier.toml : {line}" for line in lines)) from error


def load_situations(rules_dir: Path) -> tuple[Situation, ...]:
    """rules/situations/<famille>/<nom>.toml, heaviest first. Raises RuleError (French)."""
    found = read_tree(rules_dir / "situations", Situation)
    if not found:
        raise RuleError(
            f"{rules_dir / 'situations'} : aucune situation. Rétablissez-les avec « mailbot init »."
        )
    return tuple(sorted(found, key=lambda one: (one.weight, one.id)))


def digest(*folders: Path) -> str:
    """SHA-256 (hex) over the names and bytes of every rule and template file below the folders."""
    total = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in _READ):
            total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def rules_coverage(rulebook: Rulebook) -> list[tuple[str, str]]:
    """(row of the decision table, stem or file that covers it), by row: what the rulebook implements."""
    guards = rulebook.guards
    rows = [(one.ligne, one.id) for one in rulebook.situations if one.ligne]
    rows += [(guard.ligne, "garde_fous.toml") for guard in guards.drapeaux_humains if guard.ligne]
    rows += [(guards.ligne_mention_ia, "garde_fous.toml")] if guards.ligne_mention_ia else []
    return sorted(rows)


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
    ]
    delays = {one.id: [delay.id for delay in one.delais] for one in book.situations}
    letters = [f"templates/{problem}" for problem in letter_check.problems(book.templates, delays)]
    return words or letters or list(checks.failing_examples(book.situations))

"""Loads rules/suivi and checks it against the other rules: every example is read, every word it uses exists."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mailbot.errors import RuleError
from mailbot.rule_files import read_folder, read_toml
from mailbot.ruleset.carriers import Carrier
from mailbot.ruleset.counting import CountingRules
from mailbot.ruleset.intents import Recognition
from mailbot.situation import nearest
from mailbot.steps.rule_names import resolve
from mailbot.steps.tracking import TrackingStatus, normalise
from mailbot.tracking_rules import ClaimCases, StatusLabels, StatusSource, TrackingRules


def load(rules_dir: Path) -> TrackingRules:
    """rules/suivi/codes/<id>.toml, libelles.toml and demarches.toml. Raises RuleError (French)."""
    folder = rules_dir / "suivi"
    return TrackingRules(
        sources=read_folder(folder / "codes", StatusSource),
        labels=read_toml(folder / "libelles.toml", StatusLabels),
        claims=read_toml(folder / "demarches.toml", ClaimCases),
    )


def problems(
    rules: TrackingRules, carriers: Sequence[Carrier], known: Recognition, counting: CountingRules
) -> Iterator[str]:
    """What is wrong with rules/suivi and the carriers' duties, one French line each."""
    yield from _wrong_codes(rules)
    yield from _misread(rules)
    yield from _unknown_words(rules.claims, known)
    for carrier in carriers:
        yield from _wrong_duties(carrier, counting)


def _wrong_codes(rules: TrackingRules) -> Iterator[str]:
    for source in rules.sources:
        where = f"suivi/codes/{source.id}.toml"
        if len(rules.codes[source.id]) < len(source.codes):
            yield f"{where} : deux codes ne diffèrent que par la casse ou la ponctuation"


def _misread(rules: TrackingRules) -> Iterator[str]:
    where = "suivi/libelles.toml"
    for label in rules.labels.libelles:
        wanted = TrackingStatus(label.statut, label.detail, label.alerte)
        for example in label.exemples:
            if (found := normalise(example, None, rules)) != wanted:
                yield f"{where} : « {example} » est lu {_said(found)}, {_said(wanted)} est attendu"
    for example in rules.labels.incompris:
        if found := normalise(example, None, rules):
            yield f"{where} : incompris : « {example} » est lu {_said(found)}"


def _said(status: TrackingStatus | None) -> str:
    return f"« {status.status} »{f' ({status.sub})' if status.sub else ''}" if status else "inconnu de nous"


def _unknown_words(claims: ClaimCases, known: Recognition) -> Iterator[str]:
    intents = tuple(intent.id for intent in known.intentions)
    flags = tuple(flag.id for flag in known.drapeaux)
    for case in claims.cas:
        for key, words, names in (
            ("intentions", case.intentions, intents),
            ("drapeaux", sorted(case.drapeaux), flags),
        ):
            for word in words:
                if word not in names:
                    yield f"suivi/demarches.toml : {case.id}.{key} : mot inconnu « {word} »{nearest(word, names)}"


def _wrong_duties(carrier: Carrier, counting: CountingRules) -> Iterator[str]:
    names = [duty.id for duty in carrier.demarches]
    where = f"transporteurs/{carrier.id}.toml : demarches"
    if len(names) != len(set(names)):
        yield f"{where} : deux démarches portent le même id ({', '.join(names)})"
    for duty in carrier.demarches:
        try:
            resolve(duty.regle, counting)
        except RuleError as error:
            yield f"{where}.{duty.id}.regle : {error}"

"""One corrected mail becomes an example of the shop's own, as a lead has read and labelled it."""

from dataclasses import replace
from pathlib import Path

from mailbot.config import Config
from mailbot.edges import examples_file
from mailbot.edges.store import Store, learning
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.learning import Correction
from mailbot.errors import RuleError, words
from mailbot.jobs.corrections import NOTHING_PRECISE
from mailbot.jobs.rule_drafts import NOT_OWN, folders_of
from mailbot.jobs.training import example_of
from mailbot.ruleset.intents import Recognition


def waiting(store: Store, number: int) -> Correction:
    """A correction nothing was learnt from yet. Raises Impossible (French)."""
    found = next((one for one in learning.list_corrections(store, unused=True) if one.id == number), None)
    if found is None:
        raise Impossible("cette correction n'attend plus : elle est déjà prise ou jetée.")
    return found


def take(store: Store, config: Config, known: Recognition, correction: Correction) -> Path:
    """Write it among the examples, without its writer's name; a running service learns from it by itself.

    Raises Impossible for rules that came with the program or labels that are not known, RuleError when the file cannot
    be written (French)."""
    folders = folders_of(config)
    if config.rules_dir is None:
        raise Impossible(NOT_OWN)
    intents = tuple(dict.fromkeys(correction.intents))
    if not intents or not {*intents} <= {rule.id for rule in known.intentions}:
        raise Impossible("choisissez au moins une intention connue.")
    if correction.remedy not in (None, NOTHING_PRECISE, *(rule.id for rule in known.remedes)):
        raise Impossible(f"demande « {correction.remedy} » inconnue.")
    if not correction.text.strip():
        raise Impossible("un exemple demande un texte.")
    try:
        path = examples_file.add(folders.rules, [example_of(replace(correction, intents=intents))])
    except OSError as error:
        raise RuleError(f"{folders.rules / 'exemples'} : écriture impossible ({words(error)}).") from error
    learning.mark_used(store, [correction.id])
    return path

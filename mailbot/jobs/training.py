"""Learning from corrections: what they would change, by cross-validation, and putting them among the examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mailbot import recognition
from mailbot.edges import examples_file, intent_rules
from mailbot.edges.scratch import scratch
from mailbot.edges.store import Store, learning
from mailbot.edges.store.learning import Correction
from mailbot.ruleset.intents import Example
from mailbot.steps import learn, model_report
from mailbot.steps.intent_figures import Change, changes
from mailbot.steps.model_report import Figures, Judged

_GROUP = "corrections"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The model in use and the one that also knows the corrections, each judging texts it never saw. `known`: the
    examples that both learnt; `corrected`: the corrected mails (None when there are none)."""

    corrections: tuple[Correction, ...]
    known: tuple[Figures, Figures]
    corrected: tuple[Figures, Figures] | None
    changes: tuple[Change, ...]

    @property
    def worse(self) -> bool:
        """Whether fewer texts are understood than before."""
        return sum(change.right_after - change.right_before for change in self.changes) < 0


def compare(store: Store, rules_dir: Path, cache: Path) -> Comparison:
    """What the corrections that were not used yet would change. A minute; `cache`: where there is room for what that
    takes. Raises RuleError."""
    rules = intent_rules.read_recognition(rules_dir)
    new = tuple(learning.list_corrections(store, unused=True))
    lessons = [example_of(one) for one in new]
    replaced = {example.id for example in lessons}
    present = [one for one in intent_rules.read_examples(rules_dir) if one.id not in replaced]
    with scratch(cache) as room:
        before = model_report.judge(present, rules, room)
    if not lessons:
        same = model_report.figures(before)
        return Comparison(
            corrections=(), known=(same, same), corrected=None, changes=tuple(changes(before, before))
        )
    together = [*present, *lessons]
    never = learn.folds(together)
    apart = never.copy()  # the corrections in turns, so that each is judged by a model that learnt the others
    apart[len(present) :] = never.max() + 1 + np.arange(len(lessons)) % learn.FOLDS
    with scratch(cache) as room:
        study = learn.study(together, rules, room)
        after = model_report.judge_apart(study, together, rules, apart)
        old = model_report.judge_apart(study, together, rules, never, len(present))
    return Comparison(
        corrections=new,
        known=(model_report.figures(before), model_report.figures(after[: len(present)])),
        corrected=(model_report.figures(old), model_report.figures(after[len(present) :])),
        changes=tuple(changes([*before, *old], after)),
    )


def take_up(store: Store, rules_dir: Path, cache: Path, corrections: Sequence[Correction]) -> Path:
    """Write the corrections among the examples and train the new model; a running service takes it up by itself."""
    path = examples_file.add(rules_dir, [example_of(one) for one in corrections])
    recognition.model_for(rules_dir, cache)
    learning.mark_used(store, [one.id for one in corrections])
    return path


def example_of(one: Correction) -> Example:
    """A corrected mail as an example, without its writer's name and address."""
    return Example(
        id=f"correction-{one.case_id}",
        subject=examples_file.hide(one.subject, one.customer_name),
        text=examples_file.hide(one.text, one.customer_name),
        intents=one.intents,
        remedy=one.remedy or "none",
        detail="corrigé par un agent",
        style="ordinary",
        groupe=_GROUP,
    )


def measure(rules_dir: Path, cache: Path) -> list[Judged]:
    """Every example judged by a model that never saw its file; `cache` as for `compare`. Raises RuleError."""
    examples, rules = intent_rules.read_examples(rules_dir), intent_rules.read_recognition(rules_dir)
    with scratch(cache) as room:
        return model_report.judge(examples, rules, room)

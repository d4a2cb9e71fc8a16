"""What a replay compares and decides, in French, for the terminal and the page."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailbot.jobs.replay import Difference

KINDS = {
    "situation": "situation",
    "decision_row": "ligne",
    "action": "décision",
    "deadlines": "échéances",
    "text": "texte",
    "missing": "renseignements manquants",
    "blocked": "garde-fous",
}
ACTIONS = {"send": "part seule", "draft": "brouillon", "human": "agent", "ignore": "classé"}


def told(
    one: "Difference", *, before: bool, named: Callable[[str], str], at: Callable[[datetime], str]
) -> list[str]:
    """What one side says where the two differ, besides the text (French). `named` words the ids of the rules, `at` an
    instant."""
    this, other = (one.before, one.after) if before else (one.after, one.before)
    lines: list[str] = []
    if "situation" in one.changed:
        lines.append(named(this.situation) if this.situation else "aucune situation")
    if "decision_row" in one.changed:
        lines.append(f"ligne {this.decision_row or '—'}")
    if "action" in one.changed:
        lines.append(ACTIONS[this.action])
    for name, due in this.deadlines.items():
        if other.deadlines.get(name) != due:
            lines.append(f"{named(name)} : {at(datetime.fromisoformat(due))}")
    lines += [f"manque : {name}" for name in this.missing if name not in other.missing]
    return lines + [reason for reason in this.blocked if reason not in other.blocked]

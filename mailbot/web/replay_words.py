"""How a replayed mail is told on a page: what differs between the rules in service and the working copy."""

from datetime import datetime

from mailbot.jobs.replay import Difference
from mailbot.jobs.replay_words import ACTIONS
from mailbot.web.words import short, spoken


def told(one: Difference, *, before: bool) -> list[str]:
    """What one side says where the two differ, besides the text (French)."""
    this, other = (one.before, one.after) if before else (one.after, one.before)
    lines = (
        [spoken(this.situation) if this.situation else "aucune situation"]
        if "situation" in one.changed
        else []
    )
    if "decision_row" in one.changed:
        lines.append(f"ligne {this.decision_row or '—'}")
    if "action" in one.changed:
        lines.append(ACTIONS[this.action])
    for name, due in this.deadlines.items():
        if other.deadlines.get(name) != due:
            lines.append(f"{spoken(name)} : {short(datetime.fromisoformat(due))}")
    lines += [f"manque : {name}" for name in this.missing if name not in other.missing]
    return lines + [reason for reason in this.blocked if reason not in other.blocked]

"""What would have left alone, held against what agents did: evidence before a situation is switched to automatic."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean
from typing import Literal

from mailbot.edges.store import Store
from mailbot.edges.store.shadow import Would, judged_when, would_have_left
from mailbot.ruleset.guards import Guards
from mailbot.steps.edits import edit_of
from mailbot.steps.french import paris_day

Outcome = Literal["as_is", "edited", "refused", "corrected", "elsewhere", "waiting", "alone"]
_HOUR, _DAY = timedelta(hours=1), timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One situation. `mails` asked about it on `days` days; `would` would have left alone, `capped` more were it not
    for the caps. What agents did with these: sent `as_is`, `edited` first (`distance`: mean share of the text
    rewritten), `refused`, `corrected` (the mail was something else); `elsewhere`: closed or overtaken by a newer mail,
    `waiting`: nothing yet, `alone`: really left alone. `wrong`: tickets to read."""

    situation: str
    mails: int
    days: int
    would: int
    capped: int
    as_is: int
    edited: int
    distance: float | None
    refused: int
    corrected: int
    elsewhere: int
    waiting: int
    alone: int
    wrong: tuple[int, ...]

    @property
    def settled(self) -> int:
        """How many agents have decided on: the evidence."""
        return self.as_is + self.edited + self.refused + self.corrected


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All situations that would have sent something alone, the most mails first; `mails` and `days` of all mails."""

    mails: int
    days: int
    would: int
    lines: tuple[Line, ...]


def report(store: Store, guards: Guards, since: datetime | None = None) -> Report:
    """The report over the mails judged since then, under the caps that `guards` set today."""
    judged = judged_when(store, since)
    noted = would_have_left(store, since)
    left = under_caps(noted, guards)
    by_situation: dict[str, list[Would]] = defaultdict(list)
    for one in noted:
        by_situation[one.situation].append(one)
    mails: Counter[str | None] = Counter()
    days: dict[str | None, set[date]] = defaultdict(set)
    for situation, hour, number in judged:
        mails[situation] += number
        days[situation].add(paris_day(hour))
    lines = [_line(name, found, left, mails[name], days[name]) for name, found in by_situation.items()]
    return Report(
        mails=mails.total(),
        days=len(set().union(*days.values())),
        would=len(left),
        lines=tuple(sorted(lines, key=lambda line: (-line.would, line.situation))),
    )


def under_caps(noted: Sequence[Would], guards: Guards) -> frozenset[int]:
    """The tickets that would really have left: the caps count those that left before. `noted`: oldest first."""
    left: set[int] = set()
    recent: list[Would] = []
    threads: Counter[tuple[str, str]] = Counter()
    for one in noted:
        recent = [other for other in recent if other.at > one.at - _DAY]
        hour = sum(other.at > one.at - _HOUR for other in recent)
        same = sum((other.account, other.customer) == (one.account, one.customer) for other in recent)
        free = hour < guards.plafond_heure and same < guards.plafond_correspondant
        if free and threads[one.account, one.thread] < guards.plafond_fil:
            recent.append(one)
            left.add(one.case_id)
            threads[one.account, one.thread] += 1
    return frozenset(left)


def outcome(one: Would) -> Outcome:
    """What became of a draft that would have left alone."""
    if one.alone and one.state in ("approved", "sending", "sent", "uncertain"):
        return "alone"
    if one.corrected:
        return "corrected"
    if one.state == "sent":
        same = " ".join(one.text.split()) == " ".join((one.last_text or "").split())
        return "as_is" if same else "edited"
    if one.state == "refused" and one.by_person:
        return "refused"
    return "elsewhere" if one.closed or one.state in ("refused", None) else "waiting"


def _line(
    situation: str, noted: Sequence[Would], left: frozenset[int], mails: int, days: AbstractSet[date]
) -> Line:
    found = [one for one in noted if one.case_id in left]
    outcomes = {one.case_id: outcome(one) for one in found}
    counts = Counter(outcomes.values())
    distances = [
        edit_of(one.text, one.last_text or "").distance for one in found if outcomes[one.case_id] == "edited"
    ]
    wrong = [number for number, what in outcomes.items() if what in ("edited", "refused", "corrected")]
    return Line(
        situation=situation,
        mails=max(mails, len(noted)),
        days=len(days | {paris_day(one.at) for one in noted}),
        would=len(found),
        capped=len(noted) - len(found),
        as_is=counts["as_is"],
        edited=counts["edited"],
        distance=mean(distances) if distances else None,
        refused=counts["refused"],
        corrected=counts["corrected"],
        elsewhere=counts["elsewhere"],
        waiting=counts["waiting"],
        alone=counts["alone"],
        wrong=tuple(wrong),
    )

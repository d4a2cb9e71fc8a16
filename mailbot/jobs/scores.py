"""How each template does, version by version: sent as it was, rewritten, thrown away, and did customers come back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, median

from mailbot.edges.store import Store, versions
from mailbot.edges.store.scores import Fate, Fates, fates
from mailbot.steps.edits import edit_of, most_frequent

RECONTACT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One template in one version (`version` None: rules that were never published).

    `drafts` counts all; `as_is`, `edited`, `alone` what left (as it was, rewritten, without a person); `thrown_away`
    by a person; `retired` by a newer mail; the rest waits. `distance`: mean share of the text that was rewritten, of
    the edited ones. `removed`, `added`: sentences with the number of letters. `approval`: median time to the approval.
    `followed`: sent long enough ago to know, `recontacted`: of these the customer wrote again within 7 days."""

    template: str
    version: int | None
    drafts: int
    as_is: int
    edited: int
    alone: int
    thrown_away: int
    retired: int
    distance: float | None
    removed: tuple[tuple[str, int], ...]
    added: tuple[tuple[str, int], ...]
    approval: timedelta | None
    followed: int
    recontacted: int


def scores(
    store: Store, now: datetime, since: datetime | None = None, template: str | None = None
) -> list[Score]:
    """Every template (or this one) that wrote a reply since then, by name, its newest version first, unpublished ones
    last."""
    numbers = versions.numbers(store)
    found = fates(store, now, RECONTACT, since, template)
    groups: dict[tuple[str, int | None], list[Fate]] = {}
    for fate in found.groups:
        groups.setdefault((fate.template, numbers.get(fate.digest)), []).append(fate)
    ordered = sorted(groups, key=lambda key: (key[0], key[1] is None, -(key[1] or 0)))
    return [_score(*key, groups[key], found) for key in ordered]


def _score(template: str, version: int | None, groups: Sequence[Fate], found: Fates) -> Score:
    keys = sorted({(one.template, one.digest) for one in groups})
    edits = [edit_of(*texts) for key in keys for texts in found.rewritten.get(key, ())]
    sent = [one for one in groups if one.state == "sent"]
    refused = [one for one in groups if one.state == "refused"]
    alone = sum(one.many for one in sent if one.auto)
    return Score(
        template=template,
        version=version,
        drafts=sum(one.many for one in groups),
        as_is=sum(one.many for one in sent) - len(edits) - alone,
        edited=len(edits),
        alone=alone,
        thrown_away=sum(one.many for one in refused if one.by_person),
        retired=sum(one.many for one in refused if not one.by_person),
        distance=mean(edit.distance for edit in edits) if edits else None,
        removed=most_frequent(edit.removed for edit in edits),
        added=most_frequent(edit.added for edit in edits),
        approval=_median([wait for key in keys for wait in found.waits.get(key, ())]),
        followed=sum(one.followed for one in sent),
        recontacted=sum(one.recontacted for one in sent),
    )


def _median(waits: Iterable[timedelta]) -> timedelta | None:
    seconds = [wait.total_seconds() for wait in waits]
    return timedelta(seconds=median(seconds)) if seconds else None

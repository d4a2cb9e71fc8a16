"""How each template does, version by version: sent as it was, rewritten, thrown away, and did customers come back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, median

from mailbot.edges.store import Store, versions
from mailbot.edges.store.scores import Fate, fates
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
    groups: dict[tuple[str, int | None], list[Fate]] = {}
    for fate in fates(store, since, template):
        groups.setdefault((fate.template, numbers.get(fate.digest)), []).append(fate)
    ordered = sorted(groups, key=lambda key: (key[0], key[1] is None, -(key[1] or 0)))
    return [score_of(template, version, groups[template, version], now) for template, version in ordered]


def score_of(template: str, version: int | None, found: Sequence[Fate], now: datetime) -> Score:
    """The score of replies that share template and version."""
    sent = [one for one in found if one.state == "sent"]
    edits = [edit_of(*one.rewritten) for one in sent if one.rewritten is not None]
    refused = [one for one in found if one.state == "refused"]
    waits = [one.approved_at - one.created_at for one in found if one.approved_at and not one.auto]
    followed = [one for one in sent if _known(one, now)]
    alone = sum(one.auto for one in sent)
    return Score(
        template=template,
        version=version,
        drafts=len(found),
        as_is=len(sent) - len(edits) - alone,
        edited=len(edits),
        alone=alone,
        thrown_away=sum(one.by_person for one in refused),
        retired=sum(not one.by_person for one in refused),
        distance=mean(edit.distance for edit in edits) if edits else None,
        removed=most_frequent(edit.removed for edit in edits),
        added=most_frequent(edit.added for edit in edits),
        approval=_median(waits),
        followed=len(followed),
        recontacted=sum(_came_back(one) for one in followed),
    )


def _median(waits: Iterable[timedelta]) -> timedelta | None:
    seconds = [wait.total_seconds() for wait in waits]
    return timedelta(seconds=median(seconds)) if seconds else None


def _came_back(fate: Fate) -> bool:
    again, sent = fate.wrote_again_at, fate.sent_at
    return again is not None and sent is not None and again <= sent + RECONTACT


def _known(fate: Fate, now: datetime) -> bool:
    return _came_back(fate) or (fate.sent_at is not None and fate.sent_at + RECONTACT <= now)

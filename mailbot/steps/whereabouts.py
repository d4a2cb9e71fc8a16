"""Where each draft of ours is in the Drafts folder: as we left it, rewritten by an agent, or gone. Pure.

Mail programs never change a message: they append a new one, with or without our headers, and remove the old."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mailbot.steps.outgoing import Outgoing

Whereabouts = Literal["ours", "edited", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A draft of ours. `uid`: where it was put, None when that is not known (any more); no UID below `floor` has to do
    with it; `touched`: what is at `uid` is an agent's copy already; `answers`: the Message-ID of
    the customer's mail; `subject`: its base."""

    id: int
    uid: int | None
    floor: int
    token: str
    message_id: str
    answers: str | None
    to: str
    subject: str
    touched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message in the folder that is not marked as deleted. `subject`: its base; `same`: it says exactly what our
    draft of that token says (None: not looked at)."""

    uid: int
    letter: Outgoing
    subject: str
    same: bool | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a draft, and the message that says so. `also`: an agent's copy beside our own; `sure` is False
    when nothing but the recipient says that it is a copy of this draft."""

    where: Whereabouts
    uid: int | None = None
    also: int | None = None
    sure: bool = True


def names(seen: Seen, placed: Placed) -> bool:
    """Whether a message says itself which draft of ours it comes from."""
    return seen.letter.token == placed.token or seen.letter.known_by == placed.message_id


def locate(drafts: Sequence[Placed], folder: Sequence[Seen]) -> dict[int, Found]:
    """Every draft's whereabouts, by its id. A message without our headers is given to one draft only: first to those of
    the same thread and recipient, then of the same recipient and subject, then of the same recipient."""
    found = {draft.id: _by_name(draft, folder) for draft in drafts}
    taken = {uid for one in found.values() for uid in (one.uid, one.also) if uid is not None}
    free = [seen for seen in folder if seen.uid not in taken and not _named(seen, drafts)]
    lost = [draft for draft in drafts if found[draft.id].where == "gone"]
    for likeness in (_same_thread, _same_subject, _same_recipient):
        for draft in lost:
            later = [seen for seen in free if seen.uid >= draft.floor and seen.uid > (draft.uid or 0)]
            heir = next((seen for seen in reversed(later) if likeness(seen, draft)), None)
            if found[draft.id].where == "gone" and heir is not None:
                found[draft.id] = Found("edited", heir.uid, sure=likeness is not _same_recipient)
                free.remove(heir)
    return found


def _named(seen: Seen, drafts: Sequence[Placed]) -> bool:
    return any(names(seen, draft) for draft in drafts)


def _by_name(draft: Placed, folder: Sequence[Seen]) -> Found:
    if draft.touched:
        copies = [seen.uid for seen in folder if seen.uid == draft.uid or names(seen, draft)]
        return Found("edited", max(copies)) if copies else Found("gone")
    named = [seen for seen in folder if names(seen, draft)]
    own = next((seen for seen in named if seen.uid == draft.uid or seen.same), None)
    changed = [seen.uid for seen in named if seen.uid != draft.uid and not seen.same]
    if own is not None:
        return Found("ours", own.uid, also=max(changed, default=None))
    return Found("edited", max(changed)) if changed else Found("gone")


def _same_thread(seen: Seen, draft: Placed) -> bool:
    return draft.answers in seen.letter.threads and _same_recipient(seen, draft)


def _same_subject(seen: Seen, draft: Placed) -> bool:
    return _same_recipient(seen, draft) and seen.subject == draft.subject


def _same_recipient(seen: Seen, draft: Placed) -> bool:
    return draft.to in seen.letter.recipients

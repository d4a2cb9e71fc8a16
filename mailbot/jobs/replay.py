"""What changed rules and templates would make of mails, past or given: nothing is stored, nothing is sent."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from mailbot.edges.store import deadlines
from mailbot.edges.store.connection import Store
from mailbot.edges.store.past import Past, judged
from mailbot.errors import UnreadableMail
from mailbot.jobs.explanation import read_mail
from mailbot.jobs.prepare import Desk
from mailbot.model import History, Judgement, Mail, RawMail
from mailbot.steps.holes import beyond_holes

BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one set of rules says of a mail. `deadlines`: id → due date (ISO, UTC), `text`: of the reply, None when
    there is none; `missing`: facts it lacks, `blocked`: what else the guards say of it."""

    situation: str | None
    decision_row: str | None
    action: str
    deadlines: Mapping[str, str]
    text: str | None
    missing: tuple[str, ...]
    blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One mail on both sides. `ticket` is None for a file, which `name` then is."""

    ticket: int | None
    name: str
    subject: str
    before: Side
    after: Side

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of what differs."""
        names = (field.name for field in fields(Side))
        return tuple(name for name in names if getattr(self.before, name) != getattr(self.after, name))

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return {
            "ticket": self.ticket,
            "name": self.name,
            "subject": self.subject,
            "changed": list(self.changed),
            "before": asdict(self.before),
            "after": asdict(self.after),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a replay shows as a whole: how many mails changed in what way, and the most frequent changes first.
    `situations` and `actions`: (before, after, how many); `missing`, `blocked`: what is new on the after side."""

    seen: int
    changed: int
    kinds: tuple[tuple[str, int], ...]
    situations: tuple[tuple[str | None, str | None, int], ...]
    actions: tuple[tuple[str, str, int], ...]
    missing: tuple[tuple[str, int], ...]
    blocked: tuple[tuple[str, int], ...]


def replay(
    desk: Desk, store: Store, last: int | None, since: datetime | None = None, against: Desk | None = None
) -> Iterator[Difference]:
    """The newest `last` mails (None: all) received since then whose bytes are kept, oldest first: as they were
    judged at the time, or as the desk `against` judges them now, and as `desk` judges them.

    Each is judged at the instant it was judged first, with the same past and the orders as they are now."""
    past = judged(store, last, since)
    while batch := list(islice(past, BATCH)):
        raws, histories = [one.raw for one in batch], [one.case.history for one in batch]
        now = _instant({one.raw.digest: one.case.created_at for one in batch})
        after = desk.judge(raws, now, histories=histories)
        before = None if against is None else against.judge(raws, now, histories=histories)
        for number, one in enumerate(batch):
            old = _recorded(one, after[number]) if before is None else side(before[number])
            new = side(after[number])
            yield Difference(
                ticket=one.case.id,
                name=f"ticket {one.case.id}",
                subject=one.case.subject,
                before=old,
                after=new,
            )


def replay_files(
    desk: Desk, against: Desk, files: Sequence[Path], now: datetime | None = None
) -> Iterator[Difference]:
    """Mail files as both desks judge them at `now`, by default each at its own Date. Raises UnreadableMail (French)."""
    remaining = iter(files)
    while batch := list(islice(remaining, BATCH)):
        raws = [_read(path, now) for path in batch]
        past = [History()] * len(raws)
        after = desk.judge(raws, lambda mail: now or mail.received, histories=past)
        before = against.judge(raws, lambda mail: now or mail.received, histories=past)
        for path, old, new in zip(batch, before, after, strict=True):
            subject = new.mail.subject
            yield Difference(ticket=None, name=str(path), subject=subject, before=side(old), after=side(new))


def summary(seen: int, changed: Sequence[Difference]) -> Summary:
    """The differences, counted. `changed`: those with any change."""
    kinds = Counter(kind for one in changed for kind in one.changed)
    moved = Counter(
        (one.before.situation, one.after.situation) for one in changed if "situation" in one.changed
    )
    decided = Counter((one.before.action, one.after.action) for one in changed if "action" in one.changed)
    lacking = Counter(name for one in changed for name in set(one.after.missing) - set(one.before.missing))
    stopped = Counter(name for one in changed for name in set(one.after.blocked) - set(one.before.blocked))
    return Summary(
        seen=seen,
        changed=len(changed),
        kinds=tuple(kinds.most_common()),
        situations=tuple((*pair, count) for pair, count in moved.most_common()),
        actions=tuple((*pair, count) for pair, count in decided.most_common()),
        missing=tuple(lacking.most_common()),
        blocked=tuple(stopped.most_common()),
    )


def _read(path: Path, now: datetime | None) -> RawMail:
    raw = read_mail(path, now)
    if isinstance(raw, str):
        raise UnreadableMail(f"{path} : {raw}")
    return raw


def _instant(at: Mapping[str, datetime]) -> Callable[[Mail], datetime]:
    return lambda mail: at[mail.digest]


def side(judgement: Judgement) -> Side:
    """What a judgement says, as far as it is compared."""
    reply = judgement.reply
    return Side(
        situation=judgement.decision.situation,
        decision_row=judgement.decision.row,
        action=judgement.decision.action,
        deadlines={clock.id: clock.due_at.astimezone(UTC).isoformat() for clock in judgement.deadlines},
        text=reply.text if reply else None,
        missing=reply.missing if reply else (),
        blocked=beyond_holes(reply) if reply else (),
    )


def _recorded(past: Past, now: Judgement) -> Side:
    """What was stored at the time. A copy of a mail has no reply of its own: there is none to compare; what the guards
    say of a rewritten text is the person's affair."""
    decision, reply, today = past.case.decision, past.reply, side(now)
    kept = None if reply is None or reply.edited else reply.reply
    return Side(
        situation=decision.situation,
        decision_row=decision.row,
        action=decision.action,
        deadlines=_first_due(past.clocks),
        text=today.text if past.is_copy else past.first_text,
        missing=kept.missing if kept else today.missing,
        blocked=beyond_holes(kept) if kept else today.blocked,
    )


def _first_due(clocks: Sequence[deadlines.StoredDeadline]) -> dict[str, str]:
    """Soonest first, as the store lists them: of two of one name the first counts."""
    found: dict[str, str] = {}
    for clock in clocks:
        found.setdefault(clock.name, clock.due_at.isoformat())
    return found

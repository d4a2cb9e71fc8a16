"""What today's rules and templates would make of past mail: nothing is stored, nothing is sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from mailbot.edges.store import cases
from mailbot.edges.store.connection import Store
from mailbot.edges.store.past import judged
from mailbot.edges.store.replies import StoredReply
from mailbot.jobs.prepare import Desk
from mailbot.model import Judgement, Mail

BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One past mail judged again. `before` and `after` hold situation, row, action and reply text; `changed` names
    those that differ. An edited reply is a person's work and is not compared."""

    ticket: int
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of what differs."""
        return tuple(name for name in self.before if self.before[name] != self.after[name])


def replay(desk: Desk, store: Store, last: int) -> Iterator[Difference]:
    """The newest `last` mails whose bytes are kept, oldest first, each as it was judged and as it would be now.

    Each is judged at the instant it was judged first, with the same past and the orders as they are now."""
    past = judged(store, last)
    while batch := list(islice(past, BATCH)):
        at = {raw.digest: case.created_at for raw, case, _reply in batch}
        again = desk.judge(
            [raw for raw, _case, _reply in batch],
            _instant(at),
            histories=[case.history for _raw, case, _reply in batch],
        )
        for (_raw, case, reply), now in zip(batch, again, strict=True):
            yield Difference(
                ticket=case.id, subject=case.subject, before=_before(case, reply), after=_after(now, reply)
            )


def _instant(at: Mapping[str, datetime]) -> Callable[[Mail], datetime]:
    return lambda mail: at[mail.digest]


def _before(case: cases.StoredCase, reply: StoredReply | None) -> dict[str, Any]:
    return {
        "situation": case.decision.situation,
        "decision_row": case.decision.row,
        "action": case.decision.action,
        "text": None if reply is None or reply.edited else reply.reply.text,
    }


def _after(judgement: Judgement, reply: StoredReply | None) -> dict[str, Any]:
    compared = judgement.reply is not None and not (reply is not None and reply.edited)
    return {
        "situation": judgement.decision.situation,
        "decision_row": judgement.decision.row,
        "action": judgement.decision.action,
        "text": judgement.reply.text if compared and judgement.reply else None,
    }

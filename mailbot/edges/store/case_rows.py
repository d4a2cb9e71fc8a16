"""How a judgement is written down: the columns of its case, of its clocks and of its reply."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from mailbot.edges.store.moves import SERVICE
from mailbot.model import Deadline, History, Judgement, OrderMatch, Reply, Verdict

VERDICT = TypeAdapter(Verdict)
MATCH = TypeAdapter(OrderMatch)
HISTORY = TypeAdapter(History)


def judged_columns(judged: Judgement, rulebook_digest: str) -> dict[str, Any]:
    """The columns of a ticket that say how its mail was judged."""
    order, decision = judged.match.order, judged.decision
    return {
        "order_id": order.order_id if order else None,
        "channel": order.channel if order else judged.mail.channel,
        "situation": decision.situation,
        "row": decision.row,
        "action": decision.action,
        "reasons": list(decision.reasons),
        "identity": judged.match.identity,
        "verdict": VERDICT.dump_json(judged.verdict).decode(),
        "match": MATCH.dump_json(judged.match).decode(),
        "history": HISTORY.dump_json(judged.history).decode(),
        "rulebook_digest": rulebook_digest,
        "state": "closed" if decision.action == "ignore" else "open",
    }


def deadline_row(case_id: int, deadline: Deadline) -> dict[str, Any]:
    """A clock of a case as a row."""
    return {
        "case_id": case_id,
        "name": deadline.id,
        "label": deadline.label,
        "rule": deadline.rule,
        "start": deadline.start,
        "due_at": deadline.due_at,
        "basis": deadline.basis,
        "steps": list(deadline.steps),
        "rolled": deadline.rolled,
        "duty": deadline.duty,
    }


def reply_row(
    reply: Reply, case_id: int, *, auto: bool, now: datetime, undo: timedelta = timedelta(0)
) -> dict[str, Any]:
    """A new reply as a row: a draft, or (`auto`) one that leaves alone after `undo`."""
    return {
        "case_id": case_id,
        "created_at": now,
        "state": "approved" if auto else "draft",
        "auto": auto,
        "to_name": reply.to.name,
        "to_addr": reply.to.addr,
        "subject": reply.subject,
        "text": reply.text,
        "html": reply.html,
        "message_id": reply.message_id,
        "in_reply_to": reply.in_reply_to,
        "refs": list(reply.references),
        "template": reply.template,
        "missing": list(reply.missing),
        "blocked": list(reply.blocked),
        "facts": dict(reply.facts),
        "attachments": [asdict(one) for one in reply.attachments],
        "version": 1,
        "edited": False,
        "actor": SERVICE,
        "moved_at": now,
        "approved_by": SERVICE if auto else None,
        "approved_at": now if auto else None,
        "send_after": now + undo if auto else None,
        "next_attempt_at": now + undo if auto else None,
        "attempts": 0,
    }

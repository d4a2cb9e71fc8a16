"""`mailbot explain`: mail files through the whole line, touching no mailbox and sending nothing."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from mailbot import clock
from mailbot.edges.store import orders
from mailbot.edges.store.connection import open_store
from mailbot.errors import words
from mailbot.jobs import prepare
from mailbot.line import Line
from mailbot.model import Deadline, Judgement, Mail, Order, RawMail, Reply
from mailbot.steps.parse import header_date
from mailbot.zone import PARIS

BATCH = 64


@dataclass(frozen=True, slots=True)
class Explainer:
    """A line with a database of orders and nothing else."""

    desk: prepare.Desk

    def explain(self, files: Sequence[Path], now: datetime | None) -> Iterator[dict[str, Any]]:
        """One object per file, in order (contract §1); a file that cannot be read yields {"file", "error"}.

        `now` is the instant of judgement; by default each mail's own Date, else the present."""
        remaining = iter(files)
        while batch := list(islice(remaining, BATCH)):
            yield from self._batch(batch, now)

    def _batch(self, files: Sequence[Path], now: datetime | None) -> Iterator[dict[str, Any]]:
        raws = {number: read_mail(path, now) for number, path in enumerate(files)}
        readable = {number: raw for number, raw in raws.items() if isinstance(raw, RawMail)}
        judged = dict(zip(readable, self._judge(list(readable.values()), now), strict=True))
        for number, path in enumerate(files):
            raw = raws[number]
            answer = judged.get(number)
            if isinstance(answer, Judgement):
                yield as_json(str(path), answer)
            else:
                yield {"file": str(path), "error": answer or raw}

    def _judge(self, raws: list[RawMail], now: datetime | None) -> "list[Judgement | str]":
        def instant(mail: Mail) -> datetime:
            return now or mail.received

        try:
            return list(self.desk.judge(raws, instant)) if raws else []
        except Exception:  # noqa: BLE001 - one mail's trouble must not take its batch along
            return [self._judge_one(raw, instant) for raw in raws]

    def _judge_one(self, raw: RawMail, instant: Callable[[Mail], datetime]) -> "Judgement | str":
        try:
            return self.desk.judge([raw], instant)[0]
        except Exception as error:  # noqa: BLE001 - reported as this file's error
            return f"traitement impossible : {type(error).__name__} : {error}"


def read_mail(path: Path, now: datetime | None) -> "RawMail | str":
    """A mail file as if the server had it since its Date (at most since `now`), or why it cannot be read (French)."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return f"lecture impossible : {words(error)}"
    received = header_date(data) or now or clock.now()
    return RawMail(
        account="explain",
        folder=str(path.parent),
        uidvalidity=1,
        uid=1,
        received=min(received, now) if now else received,
        data=data,
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )


@contextmanager
def open_explainer(line: Line, orders_file: Path | None) -> Iterator[Explainer]:
    """An explainer over a passing database of its own, filled from an orders file (CSV) if one is given.

    Raises OrdersFileError (French) when that file cannot be read at all."""
    with tempfile.TemporaryDirectory(prefix="mailbot-") as name:
        directory = Path(name)
        store = open_store(f"sqlite:///{directory / 'explain.sqlite3'}", directory)
        try:
            if orders_file is not None:
                orders.import_file(store, orders_file, clock.now())
            yield Explainer(prepare.Desk.of(line, store))
        finally:
            store.close()


def as_json(file: str, judged: Judgement) -> dict[str, Any]:
    """The object of contract §1."""
    mail, verdict, found, decision = judged.mail, judged.verdict, judged.match, judged.decision
    return {
        "file": file,
        "message_id": mail.message_id,
        "machine": {"kind": mail.machine.kind, "reason": mail.machine.reason} if mail.machine else None,
        "language": verdict.language,
        "subject": mail.subject,
        "visible_text": mail.text,
        "quoted_text": mail.quoted,
        "intents": [
            {"id": intent.id, "score": round(intent.score, 4), "evidence": list(intent.evidence)}
            for intent in verdict.intents
        ],
        "requests": list(verdict.requests),
        "remedy": verdict.remedy,
        "flags": sorted(verdict.flags),
        "mentions": {
            "order_refs": list(found.mentions.order_refs),
            "tracking": list(found.mentions.tracking),
        },
        "order": _order(found.order, found.method, found.score) if found.order else None,
        "candidates": [_order(one.order, one.method, one.score) for one in found.candidates],
        "match_reasons": list(found.reasons),
        "identity": found.identity,
        "channel": found.order.channel if found.order else mail.channel,
        "situation": decision.situation,
        "decision_row": decision.row,
        "deadlines": [_deadline(deadline) for deadline in judged.deadlines],
        "decision": {"action": decision.action, "reasons": list(decision.reasons)},
        "reply": _reply(judged.reply) if judged.reply else None,
        "defects": list(mail.defects),
    }


def _order(order: Order, method: str | None, score: float) -> dict[str, Any]:
    return {"order_id": order.order_id, "channel": order.channel, "method": method, "score": round(score, 4)}


def _deadline(deadline: Deadline) -> dict[str, Any]:
    return {
        "id": deadline.id,
        "label": deadline.label,
        "start": deadline.start.astimezone(PARIS).isoformat(),
        "due_at": deadline.due_at.astimezone(PARIS).isoformat(),
        "rule": deadline.rule,
        "basis": deadline.basis,
        "steps": list(deadline.steps),
        "rolled": deadline.rolled,
    }


def _reply(reply: Reply) -> dict[str, Any]:
    return {
        "template": reply.template,
        "to": reply.to.addr,
        "subject": reply.subject,
        "text": reply.text,
        "missing": list(reply.missing),
        "blocked": list(reply.blocked),
    }

"""How replies are shown to people and scripts."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mailbot.commands import screen

if TYPE_CHECKING:
    from mailbot.edges.store.replies import StoredReply

STATES = ("draft", "approved", "sending", "sent", "refused", "uncertain", "failed")
STATE_WORDS = {
    "draft": "brouillon",
    "approved": "approuvée",
    "sending": "en cours d'envoi",
    "sent": "envoyée",
    "refused": "refusée",
    "uncertain": "incertaine",
    "failed": "en échec",
}


def show_queue(
    found: "Sequence[StoredReply]", now: datetime, *, empty: str = "Aucun brouillon en attente."
) -> None:
    """Replies as a table, in the order given."""
    screen.table(
        ("N°", "À répondre avant", "Client, objet", "Situation, état"),
        [_row(reply, now) for reply in found],
        empty=empty,
        whole=("N°", "À répondre avant"),
        styles=["", "dim"] * len(found),
    )


def _row(reply: "StoredReply", now: datetime) -> tuple[str, ...]:
    """Two lines for each reply, so that all of it is read on 80 columns too."""
    clocks = [clock for clock in reply.deadlines if clock.met_at is None and clock.duty]
    due = clocks[0].due_at if clocks else None
    state = STATE_WORDS[reply.state]
    if reply.reply.missing or reply.reply.blocked:
        state += ", à compléter"
    return (
        str(reply.id),
        f"{screen.moment(due)}\n{screen.remaining(due, now) if due else ''}",
        f"{reply.case.customer_name or reply.case.customer}\n{reply.case.subject}",
        f"{reply.case.decision.situation or '—'}\n{state}",
    )


def reply_json(reply: "StoredReply") -> dict[str, Any]:
    """One reply for --json."""
    letter, case = reply.reply, reply.case
    return {
        "id": reply.id,
        "ticket": case.id,
        "state": reply.state,
        "version": reply.version,
        "to": letter.to.addr,
        "subject": letter.subject,
        "text": letter.text,
        "template": letter.template,
        "missing": list(letter.missing),
        "attachments": [
            {"kind": one.kind, "name": one.name, "size": one.size, "sha256": one.digest}
            for one in letter.attachments
        ],
        "blocked": list(letter.blocked),
        "automatic": reply.auto,
        "situation": case.decision.situation,
        "decision_row": case.decision.row,
        "action": case.decision.action,
        "reasons": list(case.decision.reasons),
        "order": case.order_id,
        "customer": case.customer,
        "deadlines": [
            {"id": c.name, "label": c.label, "due_at": c.due_at, "rule": c.rule, "met_at": c.met_at}
            for c in reply.deadlines
        ],
        "approved_by": reply.approved_by,
        "send_after": reply.send_after,
        "sent_at": reply.sent_at,
        "server_text": reply.server_text,
        "reason": reply.reason,
    }


def show_reply(reply: "StoredReply", now: datetime, blocked: Sequence[str] | None = None) -> None:
    """One reply for a person: the customer's mail, what was understood, the clocks, the text. `blocked`: what
    the guards say of it today, by default what they said when it was written."""
    from rich.panel import Panel
    from rich.text import Text

    out, case, letter = screen.console(), reply.case, reply.reply
    sender = f"{case.customer_name} <{case.customer}>" if case.customer_name else case.customer
    out.print(
        Panel(
            Text(case.text or "(aucun texte)"), title=Text(f"{sender} — {case.subject}"), title_align="left"
        )
    )
    out.print(
        Text(
            f"Ticket {case.id} · commande {case.order_id or 'non trouvée'} · {case.decision.situation or '—'}"
        )
    )
    for reason in case.decision.reasons:
        out.print(Text(f"  – {reason}", "dim"))
    for clock in reply.deadlines:
        left = "fait" if clock.met_at else screen.remaining(clock.due_at, now)
        out.print(Text(f"  ⏱ {clock.label} : {screen.moment(clock.due_at)} ({left}) — {clock.basis}"))
    title = Text(f"Réponse {reply.id} ({STATE_WORDS[reply.state]}) à {letter.to.addr} — {letter.subject}")
    out.print(Panel(Text(letter.text), title=title, title_align="left", border_style="green"))
    for one in letter.attachments:
        out.print(
            Text(
                f"  📎 {one.title} : {one.name or '(nom inconnu)'}{f', {one.size} octets' if one.size else ''}"
            )
        )
    objections = letter.blocked if blocked is None else blocked
    for wrong in (*(f"il manque : {fact}" for fact in letter.missing), *objections):
        out.print(Text(f"  ✗ {wrong}", "bold red"))
    if reply.reason:
        out.print(Text(f"  {reply.reason}", "yellow"))

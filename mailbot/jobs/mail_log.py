"""One line of the log for each mail that was judged: numbers, names and times, never a word of the mail."""

import logging
from collections.abc import Sequence

from mailbot.edges.store.cases import Prepared
from mailbot.jobs.log import log
from mailbot.model import Action, Judgement, MachineKind
from mailbot.steps.french import counted
from mailbot.zone import PARIS

_ACTIONS: dict[Action, str] = {
    "send": "réponse en partance",
    "draft": "brouillon à approuver",
    "human": "pour un agent",
    "ignore": "classé sans réponse",
}
_MACHINES: dict[MachineKind, str] = {
    "auto_reply": "réponse automatique",
    "bounce": "mail revenu",
    "notification": "avis automatique",
    "bulk": "envoi en nombre",
}


def tell(prepared: Sequence[Prepared], accounts: Sequence[str], tickets: Sequence[int]) -> None:
    """Log what became of each mail; `accounts` side by side with `prepared`, `tickets` as cases.save returns them."""
    if not log.isEnabledFor(logging.INFO):
        return
    if len(tickets) != len(prepared):
        log.info(
            "%s par un autre service.",
            counted(len(prepared) - len(tickets), "mail déjà pris", "mails déjà pris"),
        )
        return
    ordered = sorted(
        zip(prepared, accounts, strict=True), key=lambda one: (one[0].judgement.mail.received, one[0].mail_id)
    )
    for (one, account), ticket in zip(ordered, tickets, strict=True):
        log.info("ticket %d (compte « %s ») : %s.", ticket, account, sentence(one.judgement))


def sentence(judged: Judgement) -> str:
    """Situation, action, order and the first deadline of ours, in French."""
    decision, machine, order = judged.decision, judged.mail.machine, judged.match.order
    parts = [_MACHINES[machine.kind]] if machine else []
    parts += [decision.situation] if decision.situation else []
    parts.append(_ACTIONS[decision.action])
    parts += [f"commande {order.order_id}"] if order else []
    ours = [clock.due_at for clock in judged.deadlines if clock.duty]
    if ours:
        due = min(ours).astimezone(PARIS)
        parts.append(f"à répondre avant le {due:%d/%m/%Y} à {due:%H:%M}")
    return ", ".join(parts)

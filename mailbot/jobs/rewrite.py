"""Another letter for a case, as an agent asks for it: of another situation, or an empty one with greeting and
signature. Nothing is stored."""

import re
from dataclasses import replace
from datetime import datetime

from mailbot.edges.store import cases
from mailbot.edges.store.conflicts import Impossible
from mailbot.jobs.corrections import Wanted, judged_as
from mailbot.jobs.prepare import Desk
from mailbot.jobs.reply_key import keyed
from mailbot.jobs.workplace import Workplace
from mailbot.model import Reply
from mailbot.situation import Situation

FREE = "libre"
_EMPTY = "La lettre est vide : écrivez votre réponse."
_CLOSING = 2  # paragraphs that end a letter: the formula and the signature


def letter(
    workplace: Workplace, case_id: int, stem: str, now: datetime, *, remedy: str | None = None
) -> Reply:
    """The letter `stem` (or FREE) for this case as it is understood and as things are now; `remedy`: as if the customer
    asked for that. Raises Impossible (French)."""
    case = cases.get(workplace.store, case_id)
    situation = _situation(workplace, stem, case.decision.situation)
    desk = Desk.of(workplace.line, workplace.store)
    judged = judged_as(desk, case, Wanted(remedy=remedy), now, forced=situation)
    if judged.reply is None:
        raise Impossible("ce mail n'admet pas de réponse (message automatique, ou personne à qui répondre).")
    reply = keyed(judged.reply, case.part)
    return _emptied(reply) if stem == FREE else reply


def _situation(workplace: Workplace, stem: str, present: str | None) -> Situation:
    """The one asked for; for an empty letter any will do, best the case's own."""
    written = [one for one in workplace.line.rulebook.situations if one.action.modele]
    wanted = present if stem == FREE else stem
    found = next((one for one in written if one.id == wanted), None)
    if found is None and stem != FREE:
        raise Impossible(f"il n'y a pas de lettre « {stem} ».")
    return found or written[0]


def _emptied(reply: Reply) -> Reply:
    """Greeting, room, closing words."""
    paragraphs = [one for one in re.split(r"\n[ \t]*\n", reply.text.strip()) if one.strip()]
    kept = [paragraphs[0], "", *paragraphs[max(1, len(paragraphs) - _CLOSING) :]]
    return replace(reply, text="\n\n".join(kept), html=None, template=FREE, missing=(), blocked=(_EMPTY,))

"""What to do with a mail, and why: send, draft, human or ignore. Pure; in doubt a human, with reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from mailbot.model import Action, Decision, History, Mail, OrderMatch, Reply, Verdict
from mailbot.ruleset.guards import Guards
from mailbot.situation import STAGES, Situation
from mailbot.steps.choose import Chosen, choose
from mailbot.steps.hints import unanswered
from mailbot.steps.questions import open_questions

__all__ = ["Chosen", "choose", "decide"]

_ORDER = STAGES.index("commande")
_DISCLOSING = STAGES.index("operateur")  # from this stage on a reply speaks of the order


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    mail: Mail
    verdict: Verdict
    match: OrderMatch
    chosen: Chosen
    reply: Reply | None
    history: History
    guards: Guards
    shadow: bool
    brief: bool
    contradictions: Sequence[str]


def decide(
    mail: Mail,
    verdict: Verdict,
    match: OrderMatch,
    chosen: Chosen,
    reply: Reply | None,
    history: History,
    guards: Guards,
    *,
    shadow: bool = False,
    brief: bool = False,
    contradictions: Sequence[str] = (),
) -> Decision:
    """The decision on one mail, always with at least one reason (French), the deciding one first.

    `reply` is what compose made for `chosen`, None when it made none; `shadow` decides as if every situation
    that may leave alone were switched on; `brief` names only the first thing that keeps a draft from leaving, and looks
    for no other; `contradictions` (French) in the order's data keep a draft from leaving."""
    case = _Case(
        mail=mail, verdict=verdict, match=match, chosen=chosen, reply=reply, history=history, guards=guards,
        shadow=shadow, brief=brief, contradictions=contradictions,
    )  # fmt: skip
    if mail.machine is not None:
        return _machine(case)
    if history.same_message_id_case is not None:
        return _say("human", chosen, f"Doublon du ticket {history.same_message_id_case} : même message.")
    if chosen.situation is None:
        return _flagged(case, _say("human", chosen, *chosen.reasons))
    return _flagged(case, _by_situation(case, chosen.situation))


def in_our_language(chosen: Chosen, verdict: Verdict, guards: Guards) -> Chosen:
    """The situation, but none for a mail in another language whose request is not certain: a letter about something
    else, and its clocks, would mislead more than they help."""
    situation, language = chosen.situation, verdict.language
    if situation is None or situation.action.type != "brouillon":
        return chosen
    if language is None or language in guards.langues or not verdict.intents:
        return chosen
    likely = verdict.intents[0]
    if likely.score >= guards.certitude_autre_langue:
        return chosen
    reason = (
        f"Message écrit dans une autre langue ({language}), demande incertaine (« {likely.id} » à {likely.score:.0%})"
        " : pas de projet de réponse."
    )
    return Chosen(situation=None, reasons=(reason,))


def _say(action: Action, chosen: Chosen, *reasons: str) -> Decision:
    situation = chosen.situation
    return Decision(
        action=action,
        reasons=tuple(dict.fromkeys(reasons)),
        situation=situation.id if situation else None,
        row=situation.ligne if situation else None,
    )


def _flagged(case: _Case, decision: Decision) -> Decision:
    """The row of a flag that calls for a human, unless safety or law already speak for the whole mail."""
    situation = case.chosen.situation
    if situation is not None and STAGES.index(situation.etape) < _ORDER:
        return decision
    raised = (one for one in case.guards.drapeaux_humains if one.drapeau in case.verdict.flags)
    row = next((guard.ligne for guard in raised if guard.ligne), None)
    return replace(decision, row=row) if row and decision.action == "human" else decision


def _machine(case: _Case) -> Decision:
    """Never answered. A human looks at our own bounced replies and at a platform's notice of a claim."""
    machine = case.mail.machine
    reason = machine.reason if machine else ""
    nobody = Chosen(situation=None, reasons=())
    notice = case.chosen.situation
    if notice is not None and notice.etape == "avis" and notice.action.type == "humain":
        return _say("human", case.chosen, *case.chosen.reasons, reason)
    if case.mail.bounced_ids:
        came_back = [
            f"{one.recipient or 'Destinataire'} : {one.reason}" for one in (case.mail.bounce,) if one
        ]
        return _say("human", nobody, "Une de nos réponses n'a pas été distribuée.", *came_back, reason)
    if machine and machine.kind == "notification":
        alarming = [name for name in case.verdict.requests if name in case.guards.notifications_humaines]
        if alarming:
            return _say("human", nobody, f"Avis de la plateforme à traiter : {alarming[0]}.", reason)
    said = _say("ignore", nobody, f"Message automatique, jamais de réponse : {reason}")
    return replace(said, row=case.guards.ligne_machine)


def _by_situation(case: _Case, situation: Situation) -> Decision:
    doubts = tuple(_doubts(case, situation))
    reasons = (*case.chosen.reasons, *doubts)
    if situation.action.type == "ignorer":
        return _ignore(case, situation, doubts)
    if situation.action.type == "humain":
        return _say("human", case.chosen, *reasons, "Cette situation revient toujours à un agent.")
    if doubts:
        return _say("human", case.chosen, *reasons)
    brakes = tuple(islice(_brakes(case, situation), 1 if case.brief else None))
    return _say("draft" if brakes else "send", case.chosen, *reasons, *(brakes or (_ALONE,)))


_ALONE = "Tous les garde-fous sont satisfaits : la réponse peut partir seule."


def _ignore(case: _Case, situation: Situation, doubts: Sequence[str]) -> Decision:
    score = _score(case, situation)
    if case.mail.defects:
        why = "Un mail qui n'a pas été lu en entier n'est pas classé sans réponse."
        return _say("human", case.chosen, situation.raison, *doubts, *case.mail.defects, why)
    if doubts or score < situation.action.score_min or len(case.verdict.requests) > 1:
        why = f"Pas assez sûr pour classer sans réponse ({score:.0%})."
        return _say("human", case.chosen, situation.raison, *doubts, why)
    return _say("ignore", case.chosen, situation.raison)


def _doubts(case: _Case, situation: Situation) -> Iterator[str]:
    """What calls for a human whatever the situation says."""
    for guard in case.guards.drapeaux_humains:
        if guard.drapeau in case.verdict.flags:
            yield guard.raison
    for other in case.chosen.also:
        if other.action.type == "humain":
            yield f"Autre demande du même message, à traiter par un agent : {other.titre}."
    score = _score(case, situation)
    if case.verdict.requests and score < case.guards.certitude_min:
        yield f"Demande incertaine : « {case.verdict.requests[0]} » à {score:.0%} seulement."
    language = case.verdict.language
    if language is not None and language not in case.guards.langues:
        yield f"Message écrit dans une autre langue ({language})."
    if not case.mail.complete:
        yield "Message trop volumineux : il n'a été lu qu'en partie."
    if situation.action.type == "brouillon":
        yield from _cannot_answer(case, situation)


def _cannot_answer(case: _Case, situation: Situation) -> Iterator[str]:
    if case.mail.reply_to is None:
        yield "Le message n'a pas d'adresse à laquelle répondre."
    if _discloses(situation) and case.match.order is not None and case.match.identity != "verified":
        yield "L'auteur n'est pas reconnu comme l'acheteur : rien ne doit être dit de la commande."
    if case.reply is None:
        yield "Aucune réponse n'a pu être préparée."


def _discloses(situation: Situation) -> bool:
    return STAGES.index(situation.etape) >= _DISCLOSING


def _brakes(case: _Case, situation: Situation) -> Iterator[str]:
    """What keeps a ready draft from leaving alone."""
    yield from _permission(case, situation)
    if situation.action.envoi_seul:
        yield from _certainty(case, situation)
        yield from case.contradictions
        yield from _caps(case)
    if case.history.undeliverable is not None:
        yield f"Un envoi à ce client est revenu : {case.history.undeliverable}. Pas d'envoi seul."
    if case.reply is not None:
        if case.reply.missing:
            yield f"Il manque : {', '.join(case.reply.missing)}."
        if case.reply.blocked:
            yield f"Le texte est arrêté : {', '.join(case.reply.blocked)}."


def _permission(case: _Case, situation: Situation) -> Iterator[str]:
    if case.guards.arret_general:
        yield "L'arrêt général est enclenché (garde_fous.toml) : rien ne part seul."
    for one in case.chosen.also:
        if one not in case.chosen.told:
            yield f"La lettre ne répond pas à « {one.titre} », qui dirait le contraire : complétez-la au besoin."
    for one in (situation, *case.chosen.also):
        if not one.action.envoi_seul:
            yield f"À relire avant l'envoi : la réponse à « {one.titre} » ne part jamais seule."
        elif not case.shadow and one.id not in case.guards.envoi_seul:
            yield f"À relire avant l'envoi : l'envoi seul n'est pas activé pour « {one.id} »."


def _certainty(case: _Case, situation: Situation) -> Iterator[str]:
    action, match, mail, remedy = situation.action, case.match, case.mail, case.verdict.remedy
    score = _score(case, situation)
    if score < action.score_min:
        yield f"Compréhension trop incertaine pour un envoi seul ({score:.0%} sur {action.score_min:.0%})."
    others = [one for one in case.verdict.intents if one.id not in case.verdict.requests]
    if hidden := [one.id for one in others if one.score > case.guards.autre_demande_max]:
        yield f"Une autre demande est possible ({hidden[0]}) : la réponse ne part pas seule."
    if not action.question_admise and open_questions(mail.text, case.guards.questions_ordinaires):
        yield "Le client pose une question : un agent vérifie que la réponse y répond."
    if (remedy or "none") not in action.remedes_seul:
        yield f"Le client attend peut-être autre chose ({remedy or 'non dit'}) : la réponse ne part pas seule."
    known = situation.drapeaux | action.drapeaux_admis | case.guards.drapeaux_indifferents
    if told := case.verdict.flags - known:
        yield f"À lire d'abord : {', '.join(sorted(told))}."
    yield from _hints(case, situation)
    if mail.attachments:
        yield "Le message a des pièces jointes : quelqu'un doit les voir."
    if match.order is None or match.score < action.correspondance_min:
        yield "La commande n'est pas retrouvée avec assez de certitude pour un envoi seul."
    if match.identity != "verified":
        yield "L'auteur n'est pas reconnu comme l'acheteur : pas d'envoi seul."
    if case.verdict.language is None:
        yield "Langue du message inconnue : pas d'envoi seul."


def _hints(case: _Case, situation: Situation) -> Iterator[str]:
    stems = [one.id for one in (situation, *case.chosen.also)]
    for hint, words in unanswered(case.mail, case.verdict, stems, case.guards.indices):
        yield f"{hint.raison} (« {words} »)"


def _caps(case: _Case) -> Iterator[str]:
    history, guards = case.history, case.guards
    if history.automatic_replies_in_thread >= guards.plafond_fil:
        yield "Une réponse est déjà partie seule dans cette conversation."
    if history.automatic_replies_to_sender >= guards.plafond_correspondant:
        yield "Plafond de réponses parties seules atteint pour ce correspondant."
    if history.automatic_replies_last_hour >= guards.plafond_heure:
        yield "Plafond de réponses parties seules atteint pour cette heure."


def _score(case: _Case, situation: Situation) -> float:
    """The score of the request that decides: the primary one, or the one the situation is about."""
    asked = next((name for name in case.verdict.requests if name in situation.intentions), None)
    wanted = asked or next(iter(case.verdict.requests), None)
    return next((intent.score for intent in case.verdict.intents if intent.id == wanted), 0.0)

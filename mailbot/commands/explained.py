"""How `mailbot explain` shows a judged mail to a person."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from mailbot.steps.french import SHORT_DAYS
from mailbot.zone import PARIS

BAR = 20
ACTIONS = {
    "send": "partirait seul",
    "draft": "brouillon à approuver",
    "human": "à traiter par un humain",
    "ignore": "classé sans réponse",
}
METHODS = {
    "order_ref": "son numéro",
    "tracking": "son numéro de suivi",
    "thread": "la conversation",
    "email": "l'adresse du client",
    "name": "le nom du client",
}


def show(out: Console, answer: dict[str, Any]) -> None:
    """Print one object of contract §1 for a person."""
    out.rule(Text(answer["file"], "bold"))
    if "error" in answer:
        out.print(Text(f"✗ {answer['error']}", "bold red"))
        return
    out.print(Panel(_marked(answer), title=Text(answer["subject"] or "(sans objet)"), title_align="left"))
    if answer["machine"]:
        out.print(Text(f"Machine ({answer['machine']['kind']}) : {answer['machine']['reason']}", "yellow"))
    for intent in answer["intents"][:5]:
        _intent(out, intent, asked=intent["id"] in answer["requests"])
    _wish(out, answer)
    _facts(out, answer)
    decision = answer["decision"]
    out.print(
        Text(
            f"Décision : {ACTIONS[decision['action']]} — {answer['situation'] or 'aucune situation'}", "bold"
        )
    )
    for reason in decision["reasons"]:
        out.print(Text(f"  – {reason}"))
    if reply := answer["reply"]:
        title = Text(f"À {reply['to']} — {reply['subject']}")
        out.print(Panel(Text(reply["text"]), title=title, title_align="left", border_style="green"))
        for wrong in (*(f"il manque : {fact}" for fact in reply["missing"]), *reply["blocked"]):
            out.print(Text(f"  ✗ {wrong}", "red"))


def _marked(answer: dict[str, Any]) -> Text:
    """The customer's words with what was recognised marked."""
    text = Text(answer["visible_text"] or "(aucun texte nouveau)")
    asked = [intent for intent in answer["intents"] if intent["id"] in answer["requests"]]
    text.highlight_words(
        [words for intent in asked for words in intent["evidence"]], "bold yellow", case_sensitive=False
    )
    mentions = answer["mentions"]
    text.highlight_words([*mentions["order_refs"], *mentions["tracking"]], "bold cyan", case_sensitive=False)
    return text


def _intent(out: Console, intent: dict[str, Any], *, asked: bool) -> None:
    filled = round(intent["score"] * BAR)
    line = Text(f"  {'●' if asked else '○'} {intent['id']:<22}")
    line.append("█" * filled, "green" if asked else "dim").append("░" * (BAR - filled), "dim")
    line.append(f" {intent['score']:4.0%}  ").append(" · ".join(intent["evidence"][:4]), "italic dim")
    out.print(line)


def _wish(out: Console, answer: dict[str, Any]) -> None:
    """What the writer asks for, and what a person must see at once."""
    if answer["remedy"] not in (None, "none"):
        out.print(Text(f"Demande : {answer['remedy']}"))
    if answer["flags"]:
        out.print(Text(f"À voir : {', '.join(answer['flags'])}", "bold red"))


def _facts(out: Console, answer: dict[str, Any]) -> None:
    order = answer["order"]
    named = _named(order) if order else "aucune"
    out.print(
        Text(
            f"Commande : {named} ; identité {'vérifiée' if answer['identity'] == 'verified' else 'non vérifiée'}"
        )
    )
    for reason in answer["match_reasons"]:
        out.print(Text(f"  – {reason}", "dim"))
    for other in answer["candidates"]:
        out.print(Text(f"  écartée : {_named(other)}", "dim"))
    for deadline in answer["deadlines"]:
        due = datetime.fromisoformat(deadline["due_at"]).astimezone(PARIS)
        told = f"{SHORT_DAYS[due.weekday()]} {due:%d/%m/%Y %H:%M}"
        out.print(Text(f"  ⏱ {deadline['label']} : {told} — {deadline['basis']}"))


def _named(order: dict[str, Any]) -> str:
    """« FR-1001 (site, par son numéro) »."""
    return f"{order['order_id']} ({order['channel']}, par {METHODS.get(order['method'], order['method'])})"

"""What a replay compares and decides, in French, for the terminal and the page."""

KINDS = {
    "situation": "situation",
    "decision_row": "ligne",
    "action": "décision",
    "deadlines": "échéances",
    "text": "texte",
    "missing": "renseignements manquants",
    "blocked": "garde-fous",
}
ACTIONS = {"send": "part seule", "draft": "brouillon", "human": "agent", "ignore": "classé"}

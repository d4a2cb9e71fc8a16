"""What a person sees of a judged mail."""

import io
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from mailbot.commands import explained

ANSWER: dict[str, Any] = {
    "file": "a.eml",
    "subject": "Colis",
    "visible_text": "Toujours rien recu, commande FR-1001.",
    "machine": None,
    "intents": [
        {"id": "colis_non_recu", "score": 0.9, "evidence": ["Toujours rien"]},
        {"id": "facture", "score": 0.1, "evidence": []},
    ],
    "requests": ["colis_non_recu"],
    "remedy": "remboursement",
    "flags": ["urgence"],
    "mentions": {"order_refs": ["FR-1001"], "tracking": []},
    "order": {"order_id": "FR-1001", "channel": "site", "method": "order_ref", "score": 0.99},
    "candidates": [{"order_id": "FR-0007", "channel": "site", "method": "name", "score": 0.2}],
    "identity": "verified",
    "match_reasons": ["numéro FR-1001 écrit dans le mail"],
    "deadlines": [{"label": "Répondre", "due_at": "2026-11-24T22:59:59+00:00", "basis": "Engagement"}],
    "situation": "colis_non_recu/en_cours",
    "decision": {"action": "draft", "reasons": ["Le suivi avance."]},
    "reply": None,
}


@pytest.fixture
def shown() -> str:
    out = Console(record=True, width=120, file=io.StringIO(), force_terminal=True, color_system="standard")
    explained.show(out, ANSWER)
    return out.export_text(styles=True)


def test_intents_are_bars_and_those_not_asked_for_are_hollow(shown: str) -> None:
    shown = Text.from_ansi(shown).plain
    asked, other = (
        next(line for line in shown.splitlines() if name in line) for name in ("colis_non_recu ", "facture ")
    )
    assert "●" in asked and "█" * 18 in asked and "90%" in asked.replace(" ", "")
    assert "○" in other and "█" * 3 not in other


def test_what_was_recognised_is_marked_in_the_text(shown: str) -> None:
    line = next(line for line in shown.splitlines() if "FR-1001" in line and "recu" in line)
    assert "\x1b[1;33mToujours rien\x1b[0m" in line and "\x1b[1;36mFR-1001\x1b[0m" in line


@pytest.mark.parametrize(
    "words",
    [
        "Demande : remboursement",
        "À voir : urgence",
        "numéro FR-1001 écrit dans le mail",
        "Commande : FR-1001 (site, par son numéro) ; identité vérifiée",
        "écartée : FR-0007 (site, par le nom du client)",
        "Répondre : mar. 24/11/2026 23:59 — Engagement",
        "Le suivi avance.",
    ],
)
def test_it_says_what_is_wished_why_this_order_and_what_was_ruled_out(shown: str, words: str) -> None:
    assert words in Text.from_ansi(shown).plain

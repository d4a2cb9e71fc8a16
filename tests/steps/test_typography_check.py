"""Typography a French reader would stumble over."""

import pytest

from mailbot.steps.french import typography
from mailbot.steps.typography_check import faults

GOOD = typography(
    "Bonjour Nina,\n\nVotre commande n° A-1 (39,90 €) est partie : suivez-la sur https://la.example/?n=1;2 !\n\n"
    "- un nouvel envoi ;\n- ou le remboursement.\n\n12 rue de la Manufacture, 69003 Lyon\n"
)


def test_a_well_set_letter_has_no_fault() -> None:
    assert faults(GOOD) == ()


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("Votre  colis", "deux espaces"),
        ("Votre colis .", "espace avant un point"),
        ("Vraiment ?", "espace insécable"),
        ("Vraiment?", "manque l'espace insécable"),
        ("Voici:", "deux-points"),
        ("Le « bol »", "après le guillemet"),
        ('Le "bol"', "guillemets droits"),
        ("Fini..", "deux points finals"),
        ("Un, deux,, trois", "ponctuation en double"),
        ("Bientôt...", "points de suspension"),
        ("Soit 12.50\u00a0€.", "virgule sépare"),
        ("Cher Mr Bel", "écrivez M."),
        ("votre colis est parti.", "minuscule"),
        ("Le bol (bleu.", "l'un manque"),
    ],
)
def test_every_fault_is_named_with_its_words(bad: str, told: str) -> None:
    assert any(told in fault for fault in faults(bad)), faults(bad)

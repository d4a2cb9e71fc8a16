"""A wish that the model missed is still seen in its words, and keeps a reply from leaving alone."""

import pytest

from mailbot.rule_checks import bad_guards
from mailbot.ruleset.guards import Hint
from mailbot.steps.hints import unanswered
from tests.steps.scenes import mail, shipped_rules, verdict
from tests.steps.test_decide import DELIVERED, decided

HINTS = shipped_rules().guards.indices
WHERE = verdict("colis_non_recu", remedy="information")


def seen(motif: str, text: str) -> bool:
    hint = Hint(id="essai", motifs=(motif,), raison="Essai.")
    return bool(list(unanswered(mail(text=text, subject="Essai"), WHERE, (), [hint])))


def hinted(text: str, subject: str = "Ma commande") -> list[str]:
    return [hint.id for hint, _words in unanswered(mail(text=text, subject=subject), WHERE, (), HINTS)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Où est le colis, et quand mes 223,90 € reviendront-ils ?", "remboursement"),
        ("Soit il arrive demain, soit VOUS ME REMBOURSEZ !", "remboursement"),
        ("I would like a refund please, merci", "remboursement"),
        ("Rendez-moi mon argent.", "remboursement"),
        ("Un modeste dédommagement serait de bonne compagnie.", "geste"),
        ("Je ne le renverrai pas, mon dos s'y oppose.", "garder"),
        ("Entre-temps ma fille en a trouvé une autre.", "renoncer"),
        ("Nous n'en voulons plus.", "renoncer"),
        ("Nous partons le 28 mai, merci d'organiser l'enlèvement avant.", "enlevement"),
        ("Livré au 14, alors que j'habite au 41.", "adresse"),
        ("J'ai payé le taxi jusqu'au dépôt.", "frais"),
        ("Joignez aussi une facture.", "facture"),
    ],
)
def test_a_wish_is_seen_in_its_words(text: str, name: str) -> None:
    assert name in hinted(text)
    decision = decided(mail=mail(text=text))
    assert decision.action == "draft" and any("«" in reason for reason in decision.reasons[1:])


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour, où est mon colis ? Le suivi n'a pas bougé depuis lundi.",
        "J'ai commandé une perceuse et le facteur ne l'a pas remise au gardien.",
        "Le livreur est passé, mais sans laisser d'avis. Merci de regarder.",
    ],
)
def test_plain_words_hint_at_nothing(text: str) -> None:
    assert hinted(text) == []
    assert decided(mail=mail(text=text)).action == "send"


def test_the_subject_is_read_too() -> None:
    assert hinted("Bonjour", subject="Remboursement ?") == ["remboursement"]


def test_what_is_understood_or_answered_is_no_hint() -> None:
    text = mail(text="Remboursez-moi, je ne peux pas aller à la nouvelle adresse.")
    hints = (Hint(id="x", motifs=("rembours",), raison="?", sauf_demandes=frozenset({"remboursement"}),
                  sauf_remedes=frozenset({"retour"}), sauf_situations=frozenset({"a/b"})),)  # fmt: skip
    assert len(list(unanswered(text, WHERE, ("c/d",), hints))) == 1
    assert not list(unanswered(text, verdict("colis_non_recu", "remboursement"), (), hints))
    assert not list(unanswered(text, verdict("colis_non_recu", remedy="retour"), (), hints))
    assert not list(unanswered(text, WHERE, ("c/d", "a/b"), hints))


def test_a_flag_the_letter_answers_does_not_keep_it() -> None:
    back = verdict("ne_veut_plus", remedy="retour", flags=("question_retour",))
    assert decided(back, DELIVERED, mail=mail(text="Comment dois-je le renvoyer ?")).action == "send"
    pays = mail(text="Et est-ce que c'est moi qui paye pour le renvoyer")
    assert decided(back, DELIVERED, mail=pays).action == "draft"


def test_a_hint_that_names_nothing_known_is_refused() -> None:
    book = shipped_rules()
    odd = Hint(
        id="x", motifs=("(",), raison="?", sauf_demandes=frozenset({"remboursment"}),
        sauf_situations=frozenset({"a/b"}),
    )  # fmt: skip
    guards = book.guards.model_copy(update={"indices": (odd,)})
    told = list(bad_guards(guards, book.channels, book.situations, book.recognition))
    assert len(told) == 3 and "« remboursement »" in told[1]


def test_a_border_binds_only_the_choice_it_stands_before() -> None:
    assert seen(r"\bfrais|taxe", "la surtaxe de mardi") and not seen(r"\bfrais|taxe", "des défrais")
    assert seen(r"\b(?:frais|taxe)", "la taxe") and not seen(r"\b(?:frais|taxe)", "la surtaxe")
    assert seen(r"\ba[|]b", "un a|b") and not seen(r"\ba[|]b", "une rumba|b")


def test_of_several_hints_of_one_kind_the_first_words_are_told() -> None:
    hint = Hint(id="essai", motifs=("tva", r"\bfacture"), raison="Essai.")
    found = unanswered(mail(text="Ma facture, avec la TVA.", subject="Essai"), WHERE, (), [hint])
    assert [words for _hint, words in found] == ["facture"]

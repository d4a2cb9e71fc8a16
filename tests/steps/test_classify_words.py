"""Folding, cutting into words, and signals, without any model."""

import pytest

from mailbot.errors import RuleError
from mailbot.identifiers import fold_text
from mailbot.steps.signals import Signals
from mailbot.steps.words import MAX_CHARACTERS, Folder, shorten

LISTS = {"casse": "cass* bris* fendu"}


def found(phrase: str, text: str) -> list[tuple[str, bool]]:
    words = Folder({}).words(text)
    signals = Signals([("x", phrase)], LISTS, "pas ni sans jamais aucun")
    return [(words.span(hit.first, hit.last), hit.negated) for hit in signals.found(words.folded)]


def test_case_accents_and_ligatures_are_folded() -> None:
    assert fold_text("Œuvré ÇA") == "oeuvre ca"


def test_text_speak_is_spelt_out_but_places_stay_those_of_the_text() -> None:
    words = Folder({"tjrs": "toujours", "g": "j ai"}).words("g tjrs rien")
    assert words.folded == ("j", "ai", "toujours", "rien")
    assert words.span(0, 2) == "g tjrs"


def test_lengthened_letters_are_shortened() -> None:
    assert Folder({}).word("siiiii") == "si"


def test_a_huge_text_keeps_its_beginning_and_its_end() -> None:
    short = shorten("début" + "x" * 100_000 + "fin")
    assert short.startswith("début")
    assert short.endswith("fin")
    assert len(short) <= MAX_CHARACTERS + 1


@pytest.mark.parametrize(
    ("phrase", "text", "span"),
    [
        ("toujours rien", "Toujours RIEN reçu", "Toujours RIEN"),
        ("arriv* ... <casse>", "Il est arrivé, hélas, tout cassé hier", "arrivé, hélas, tout cassé"),
        ("colis|paquet vide", "un paquet vide", "paquet vide"),
        ("n'y est pas", "La notice n’y est pas", "n’y est pas"),
        ("#* euros", "il manque 12 euros", "12 euros"),
    ],
)
def test_a_signal_is_found_as_it_stands_in_the_text(phrase: str, text: str, span: str) -> None:
    assert found(phrase, text) == [(span, False)]


def test_a_gap_does_not_cross_a_sentence() -> None:
    assert found("colis ... vide", "Le colis est là. Ma boîte est vide.") == []


def test_a_negation_just_before_turns_a_signal() -> None:
    assert found("remboursement", "je ne demande pas de remboursement") == [("remboursement", True)]


def test_a_signal_that_negates_itself_is_not_turned() -> None:
    assert found("pas recu", "je n'ai jamais, non, pas reçu") == [("pas reçu", False)]


def test_an_unknown_list_is_refused_by_name() -> None:
    with pytest.raises(RuleError, match="<inconnue>"):
        found("<inconnue> vide", "x")


def test_a_signal_may_not_end_with_a_gap() -> None:
    with pytest.raises(RuleError, match="finir"):
        found("colis ...", "x")


def test_a_bar_binds_words_not_phrases() -> None:
    assert found("pas envie|intention de payer", "je n'ai pas envie") == []
    assert found("pas envie|intention de payer", "pas intention de payer") == [
        ("pas intention de payer", False)
    ]

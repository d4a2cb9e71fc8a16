"""How far a letter was moved from its draft."""

from hypothesis import given
from hypothesis import strategies as st

from mailbot.steps.edits import edit_of, most_frequent, sentences

DRAFT = "Bonjour Nina,\n\nVotre colis part le lundi 2 mars 2026. Vous n'avez rien à faire.\n\nBien cordialement,\n"


def test_the_same_text_is_no_edit_whatever_its_spaces() -> None:
    edit = edit_of("Prix : 12\u00a0€.", "Prix\u00a0: 12 €.\n")
    assert (edit.distance, edit.removed, edit.added) == (0.0, (), ())


def test_a_sentence_that_went_and_one_that_came_are_named() -> None:
    edit = edit_of(DRAFT, DRAFT.replace("Vous n'avez rien à faire.", "Nous vous tiendrons au courant."))
    assert edit.removed == ("Vous n'avez rien à faire.",)
    assert edit.added == ("Nous vous tiendrons au courant.",)
    assert 0 < edit.distance < 0.5


def test_the_same_change_in_letters_of_other_days_and_numbers_is_known_again() -> None:
    first = sentences("Votre commande n° A-1001 part le lundi 2 mars 2026.")
    second = sentences("Votre commande n° B-77 part le vendredi 1er mai 2026.")
    assert first == second == ["Votre commande n° … part le …."]


def test_a_sentence_counts_once_for_each_letter() -> None:
    assert most_frequent([("a", "a", "b"), ("a",), ("c",)], limit=2) == (("a", 2), ("b", 1))


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_can_be_compared(before: str, after: str) -> None:
    edit = edit_of(before, after)
    assert 0 <= edit.distance <= 1

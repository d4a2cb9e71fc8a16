"""Questions that a usual letter leaves open."""

from mailbot.steps.questions import open_questions

ORDINARY = ("comment.{0,40}renv", "pouv.{0,60}répar")


def test_a_question_that_the_letter_answers_is_not_open() -> None:
    assert open_questions("Bonjour. Comment je dois la renvoyer ? Merci", ORDINARY) == []
    assert open_questions("Vous pouvez la réparer ?", ORDINARY) == []


def test_any_other_question_is_open_and_quoted() -> None:
    text = "Comment la renvoyer ? Et qui paie les frais de port ?"
    assert open_questions(text, ORDINARY) == ["Et qui paie les frais de port ?"]


def test_without_patterns_every_question_is_open() -> None:
    assert open_questions("Ça va ?", ()) == ["Ça va ?"]
    assert open_questions("Tout va bien.", ()) == []


def test_a_question_begins_after_the_sentence_before_it() -> None:
    assert open_questions("Oui. Non ; et alors ? Bien : quand ?? Fin", ()) == ["et alors ?", "quand ?", "?"]

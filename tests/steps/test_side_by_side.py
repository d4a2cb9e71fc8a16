"""Two letters beside each other."""

from hypothesis import given
from hypothesis import strategies as st

from mailbot.steps.side_by_side import Row, only_changes, rows

BEFORE = "Bonjour Nina,\n\nVotre colis part demain. Vous n'avez rien à faire.\n\nBien cordialement,\n"


def words(row: Row, *, left: bool) -> str:
    return "".join(text for text, _changed in (row.left if left else row.right))


def test_the_same_text_has_no_line_that_differs() -> None:
    found = rows(BEFORE, BEFORE)
    assert [words(row, left=True) for row in found] == [
        "Bonjour Nina,", "Votre colis part demain.", "Vous n'avez rien à faire.", "Bien cordialement,",
    ]  # fmt: skip
    assert all(row.same for row in found) and only_changes(found) == []


def test_in_a_changed_sentence_only_the_other_words_are_marked() -> None:
    (row,) = [row for row in rows(BEFORE, BEFORE.replace("demain", "lundi prochain")) if not row.same]
    assert [text for text, changed in row.left if changed] == ["demain"]
    assert [text for text, changed in row.right if changed] == ["lundi prochain"]


def test_a_sentence_that_went_has_nothing_beside_it() -> None:
    found = rows(BEFORE, BEFORE.replace(" Vous n'avez rien à faire.", ""))
    (row,) = [row for row in found if not row.same]
    assert row == Row((("Vous n'avez rien à faire.", True),), ())
    assert [words(one, left=False) for one in only_changes(found)] == [
        "Votre colis part demain.", "", "Bien cordialement,",
    ]  # fmt: skip


@given(st.text(alphabet="ab. \n", max_size=60), st.text(alphabet="ab. \n", max_size=60))
def test_every_sentence_of_both_texts_is_on_some_line(before: str, after: str) -> None:
    found = rows(before, after)
    for text, left in ((before, True), (after, False)):
        told = "".join(words(row, left=left) for row in found)
        assert "".join(told.split()) == "".join(text.split())

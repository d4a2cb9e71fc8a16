"""Words and numbers as parts of a text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.identifiers import has_number, has_word


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("marie dupont", "dupont", True),
        ("dupont, marie", "dupont", True),
        ("dupontel puis dupont.", "dupont", True),
        ("dupontel", "dupont", False),
        ("du_pont l'eveque", "pont", False),
        ("le havre-plage", "le havre", True),
        ("", "dupont", False),
    ],
)
def test_a_word_counts_when_it_is_no_part_of_a_longer_one(text: str, word: str, found: bool) -> None:
    assert has_word(text, word) == found


def test_letters_may_touch_a_number_and_digits_may_not() -> None:
    assert has_number("f-75011paris", "75011")
    assert not has_number("0675011", "75011")


@given(st.text("ab1_ -"), st.text("ab1", min_size=1))
def test_it_is_what_a_pattern_would_say(text: str, part: str) -> None:
    assert has_word(text, part) == (re.search(rf"(?<!\w){part}(?!\w)", text) is not None)
    assert has_number(text, part) == (re.search(rf"(?<!\d){part}(?!\d)", text) is not None)

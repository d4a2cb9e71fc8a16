"""Shapes learnt from numbers, and the misspellings that lead back to a real one."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailbot.identifiers import fold_id, fold_name, fold_text
from mailbot.shapes import densest, learn, misspelt, shortened

AMAZON = learn(
    ("a", f"40{i % 8}-{i * 7919 % 10_000_000:07}-{i * 104_729 % 10_000_000:07}") for i in range(200)
)
RUNNING = learn(("s", f"CMD-2026-{i:06}") for i in range(500))
LETTERS = learn(("s", number) for number in ("GHTAYOKOS", "ATLLTOESP", "EHPRUTTCI", "QUZOPZPDD", "BXREPJJKW"))


def test_a_shape_knows_length_and_kind_of_each_place() -> None:
    [shape] = AMAZON
    assert shape.fits("40811111112222222")
    assert not shape.fits("4081111111222222A")
    assert not shape.fits("4081111111222222")


def test_numbers_drawn_by_lot_are_sparse_and_running_ones_dense() -> None:
    assert densest("40811111112222222", AMAZON) < 1e-9
    assert densest("CMD2026000123", RUNNING) > 0.1
    assert densest("GHTAYOKOS", LETTERS) < 1e-9


def test_parts_that_repeat_are_known_as_left_out() -> None:
    assert "CMD2026000123" in set(shortened("2026000123", RUNNING))
    assert "CMD2026000123" in set(shortened("000123", RUNNING))
    assert "40711111112222222" in set(shortened("11111112222222", AMAZON))


@pytest.mark.parametrize("slip", ["QUZOPZPD", "QUZOPPZDD", "QUZOPZPDDD", "QUZOPZPDS", "UQZOPZPDD"])
def test_one_slip_of_letters_leads_back(slip: str) -> None:
    assert "QUZOPZPDD" in set(misspelt(slip, LETTERS))


def test_look_alikes_are_put_right_all_at_once() -> None:
    assert "40811111112222220" in set(misspelt("4O8IIIIIII222222O", AMAZON))


@given(st.integers(0, 199), st.integers(0, 15), st.sampled_from("0123456789"))
def test_any_single_slip_of_digits_leads_back(index: int, at: int, other: str) -> None:
    number = fold_id(f"40{index % 8}-{index * 7919 % 10_000_000:07}-{index * 104_729 % 10_000_000:07}")
    for slip in (
        number[:at] + number[at + 1 :],
        number[:at] + other + number[at:],
        number[:at] + other + number[at + 1 :],
    ):
        if slip != number:
            assert number in set(misspelt(slip, AMAZON))


@given(st.text(max_size=30))
def test_no_key_makes_the_search_fail_or_explode(text: str) -> None:
    key = fold_id(text)
    assume(key)
    assert len(set(misspelt(key, (*AMAZON, *RUNNING, *LETTERS)))) < 3000
    assert all(guess != key for guess in misspelt(key, AMAZON))


def test_nothing_is_learnt_from_nothing() -> None:
    assert learn([]) == ()
    assert learn([("site", "---")]) == ()


def test_folding_keeps_what_identifies() -> None:
    assert fold_id("cmd-2026 é/12") == "CMD2026E12"
    assert fold_text("Œuvre Déjà") == "oeuvre deja"
    assert fold_name("DUPONT Marie-Ève") == fold_name("Marie Eve Dupont") == "dupont eve marie"
    assert fold_name("Marie") == ""


@given(st.text(st.characters(codec="cp1252")) | st.text())
def test_folding_opens_letters_as_unicode_does(text: str) -> None:
    opened = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    assert fold_text(text) == "".join(char for char in opened if not unicodedata.combining(char))

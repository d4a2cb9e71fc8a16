from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.steps.french import (
    HARD_BREAK,
    Money,
    counted,
    date_and_time,
    layout,
    long_date,
    one_line,
    person_name,
    short_date,
    to_html,
    typography,
)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 envoi incertain"),
        (1, "1 envoi incertain"),
        (2, "2 envois incertains"),
        (40, "40 envois incertains"),
    ],
)
def test_what_is_counted_takes_the_plural_from_two_on(count: int, said: str) -> None:
    assert counted(count, "envoi incertain") == said


def test_a_plural_that_takes_more_than_an_s_is_given() -> None:
    told = [counted(count, "mail attend", "mails attendent") for count in (0, 1, 2)]
    assert told == ["0 mail attend", "1 mail attend", "2 mails attendent"]


def test_a_date_has_its_weekday_and_the_first_of_a_month_its_ordinal() -> None:
    assert long_date(date(2026, 11, 25)) == "mercredi 25 novembre 2026"
    assert short_date(date(2026, 8, 1)) == "1er août 2026"


def test_an_instant_is_told_in_french_time_also_across_midnight_and_summer_time() -> None:
    assert (
        date_and_time(datetime(2026, 11, 25, 23, 5, tzinfo=UTC))
        == "jeudi 26 novembre 2026 à 0\u00a0h\u00a005"
    )
    assert (
        date_and_time(datetime(2026, 7, 1, 7, 30, tzinfo=UTC))
        == "mercredi 1er juillet 2026 à 9\u00a0h\u00a030"
    )


def test_a_plain_date_has_no_hour() -> None:
    assert date_and_time(date(2026, 11, 25)) == "mercredi 25 novembre 2026"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("39.9", "EUR", "39,90\u00a0€"),
        ("1299", "EUR", "1\u00a0299,00\u00a0€"),
        ("0.005", "EUR", "0,01\u00a0€"),
        ("12", "CHF", "12,00\u00a0CHF"),
        ("-5", "GBP", "-5,00\u00a0£"),
    ],
)
def test_an_amount_has_a_comma_two_decimals_and_no_break(amount: str, currency: str, written: str) -> None:
    assert str(Money(Decimal(amount), currency)) == written


def test_spaces_before_high_punctuation_do_not_break() -> None:
    assert typography("Bonjour ! Voici : « oui » ; n° 5 à 10 % ?") == (
        "Bonjour\u00a0! Voici\u00a0: «\u00a0oui\u00a0»\u00a0; n°\u00a05 à 10\u00a0%\u00a0?"
    )


def test_a_page_address_and_an_hour_keep_their_signs() -> None:
    text = "https://transporteur.example/suivi?code=8V80;x=1! à 14:05"
    assert typography(text) == text


@given(st.text())
def test_typography_twice_is_typography_once(text: str) -> None:
    assert typography(typography(text)) == typography(text)


def test_lines_of_a_paragraph_join_and_list_items_stay() -> None:
    source = "\n\nBonjour\nmadame,\n\n\n\nVoici :\n- un\n  peu ;\n- deux.\n   \nFin"
    assert layout(source) == "Bonjour madame,\n\nVoici :\n- un peu ;\n- deux.\n\nFin\n"


def test_a_hard_break_stays_a_line_end() -> None:
    assert layout(f"1 rue A{HARD_BREAK}75001 Paris") == "1 rue A\n75001 Paris\n"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_a_fact_on_one_line_never_opens_a_paragraph_or_a_list(text: str) -> None:
    assert "\n" not in one_line(text) and HARD_BREAK not in one_line(text)
    assert layout(f"avant {one_line(text)} après").count("\n") == 1


@pytest.mark.parametrize(
    ("written", "greeted"),
    [
        ("Sophie Martin", "Sophie Martin"),
        ("MARTIN-DUPONT SOPHIE", "Martin-Dupont Sophie"),
        ("jean d'ormesson", "Jean D'Ormesson"),
        ("Zoë  Le Gall", "Zoë Le Gall"),
        ("sophie.martin", None),
        ("Amazon.fr", None),
        ("Sophie {{ 7*7 }}", None),
        ("visitez www.site.example", None),
        ("06 12 34 56 78", None),
        ("", None),
        (None, None),
    ],
)
def test_only_what_looks_like_a_name_is_greeted(written: str | None, greeted: str | None) -> None:
    assert person_name(written) == greeted


def test_the_html_twin_has_paragraphs_lists_and_links_and_escapes_the_rest() -> None:
    text = "Voici <b>tout</b> & rien :\n- https://suivi.example/?a=1&b=2\n- fin.\n\nA\nB\n"
    page = to_html(text)
    assert "<p>Voici &lt;b&gt;tout&lt;/b&gt; &amp; rien :</p>" in page
    assert (
        '<li><a href="https://suivi.example/?a=1&amp;b=2">https://suivi.example/?a=1&amp;b=2</a></li>' in page
    )
    assert "<p>A<br>B</p>" in page


def test_no_script_address_becomes_a_link() -> None:
    assert "<a " not in to_html('javascript:alert(1) http://x.example "onclick=1')


@given(st.text(max_size=200))
def test_the_html_twin_has_no_tag_that_the_text_brought(text: str) -> None:
    page = to_html(layout(text))
    for found in page.replace("<", "\n<").splitlines():
        if found.startswith("<"):
            assert found.startswith(
                ("<!DOCTYPE", "<html", "<body", "<p>", "<ul>", "<li>", "<a href", "<br>", "</")
            )

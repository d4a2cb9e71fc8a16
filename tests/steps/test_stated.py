"""What a paragraph of an outgoing text states, and forbidden words found paragraph by paragraph."""

import pytest

from mailbot.steps.forbidden import Forbidden
from mailbot.steps.stated import contacts, stated


def test_dates_are_stated_with_their_day() -> None:
    said = stated("Le 1er mars 2026, le 2 avril, le 03/05/26 et le 2026-07-04.")
    assert said.long_dates == (("1er mars 2026", "2026-03-01"), ("2 avril", "-04-02"))
    assert said.short_dates == (("03/05/26", "2026-05-03"),)
    assert said.iso_dates == (("2026-07-04", "2026-07-04"),)


def test_amounts_are_stated_with_their_value() -> None:
    assert stated("Il reste 1 299,9 € et 12 euros, le 03/05/26.").amounts == (
        ("1 299,9 €", "1299.90"),
        ("12 euros", "12.00"),
    )


def test_digits_of_a_link_an_address_or_an_article_are_no_numbers() -> None:
    text = "Voir https://exemple.fr/12345, a12345@exemple.fr, L217-3 et CMD-98765."
    assert stated(text).numbers == ("CMD-98765",)
    assert stated(text).contacts["liens"] == ("https://exemple.fr/12345,",)
    assert contacts("adresses", text) == ("a12345@exemple.fr",)


def test_leftovers_of_a_program_are_seen() -> None:
    assert stated("Bonjour None, nan").leftovers == ("None", "nan")


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"sous peu", "Bonjour,\n\nNous répondrons Sous Peu.", "sous peu"),
        (r"\bRIB\b", "Bonjour,\n\nEnvoyez votre rib.", "rib"),
        (r"avis\s+positif", "Laissez un avis\n\npositif.", "avis\n\npositif"),
        (r"^bonjour", "Bonjour,\n\nbonjour", "bonjour"),
        (r"^bonjour", "Madame,\n\nbonjour", None),
        (r"sous peu", "Nous répondrons demain.", None),
    ],
)
def test_forbidden_words_are_found_wherever_they_stand(pattern: str, text: str, found: str | None) -> None:
    rule = Forbidden("essai", everywhere=True, patterns=(pattern,), reason="Raison.")
    for _ in range(2):  # the second time from memory
        assert rule.find(text, text.split("\n\n")) == found


def test_the_first_pattern_that_is_found_is_shown() -> None:
    rule = Forbidden("essai", everywhere=True, patterns=("bientôt", "sous peu"), reason="Raison.")
    text = "Réponse sous peu.\n\nRéponse bientôt."
    assert rule.find(text, text.split("\n\n")) == "bientôt"

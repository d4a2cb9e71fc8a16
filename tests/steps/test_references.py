"""Numbers read in mails before any look-up: what is one, what only looks like one, and of which kind."""

import time
from collections.abc import Sequence

import pytest

from mailbot.identifiers import fold_id
from mailbot.model import Mentions
from mailbot.steps import references
from tests.numbers import order, reader_for

SHOP = [order(f"CMD-2026-{i:06}", tracking=f"6A{i:011}") for i in range(40)]
LETTERS = [order(number) for number in ("GHTAYOKOS", "ATLLTOESP", "EHPRUTTCI", "TUCPCXJKE", "QZRTVBNMK")]


def mentions(text: str, subject: str = "") -> Mentions:
    return references.find((subject, text), reader_for(SHOP)).mentions()


def looked_up(text: str) -> Sequence[str]:
    found = references.find(("", text), reader_for(LETTERS))
    return [*found.refs]


@pytest.mark.parametrize(
    "text",
    [
        "appelez-moi au 06 12 34 56 78",
        "mon tel : 0612345678",
        "Tél. +33 6 12 34 56 78",
        "commandé le 12/05/2026 à 14h30",
        "depuis le 2026-05-12",
        "payé 1 234,50 € par carte",
        "il manque 2 lampes de 160x230 cm",
        "75011 Paris",
        "IBAN FR76 3000 6000 0112 3456 7890 189",
        "SIRET 732 829 320 00074",
        "article L. 216-7 du code",
        "ma commande de juin 2026",
        "voir https://boutique.example/p/8472910384",
        "écrivez à lea1234567890@mail.example",
    ],
)
def test_what_is_no_order_number_is_not_mentioned(text: str) -> None:
    assert mentions(text) == Mentions()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("commande CMD-2026-000012", "CMD-2026-000012"),
        ("ma cmd cmd-2026-000012 svp", "cmd-2026-000012"),
        ("Ref:CMD2026000012", "CMD2026000012"),
        ("commande cmd 2026 000012", "cmd 2026 000012"),
        ("commande 408-1234567-7654321 d'Amazon", "408-1234567-7654321"),
        ("n° de commande : 2642207097CUGML", "2642207097CUGML"),
        ("commande AB-99812 jamais vue", "AB-99812"),
    ],
)
def test_an_order_number_is_mentioned_as_it_is_written(text: str, written: str) -> None:
    assert mentions(text) == Mentions(order_refs=(written,))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("colis 6A00000000017", "6A00000000017"),
        ("UPS : 1Z5R89390357567127", "1Z5R89390357567127"),
        ("numéro XY746876977FR", "XY746876977FR"),
        ("mon colis Mondial Relay 72954899", "72954899"),
        ("suivi 04849411802862", "04849411802862"),
    ],
)
def test_a_parcel_number_is_mentioned_apart(text: str, written: str) -> None:
    assert mentions(text) == Mentions(tracking=(written,))


def test_numbers_come_in_order_of_appearance() -> None:
    assert mentions("puis CMD-2026-000002", "commande CMD-2026-000001").order_refs == (
        "CMD-2026-000001",
        "CMD-2026-000002",
    )


def test_words_of_the_right_length_are_looked_up_but_not_mentioned() -> None:
    found = references.find(("", "bonjour, livraison attendue"), reader_for(LETTERS))
    assert "LIVRAISON" in found.refs
    assert found.mentions() == Mentions()


@pytest.mark.parametrize(
    "text",
    [
        "commande mrf gnr wot",
        "la commande, la m rfgnrwot",
        "commande M R F G N R W O T, merci",
        "cmd MRFGNRWOT",
        "n°MRFGNRWOT",
    ],
)
def test_letters_with_blanks_are_put_together(text: str) -> None:
    assert "MRFGNRWOT" in looked_up(text)


def test_a_shouted_mail_does_not_make_numbers_of_its_words() -> None:
    found = references.find(("", "OÙ EST MA COMMANDE, LIVRAISON JAMAIS FAITE"), reader_for(LETTERS))
    assert found.mentions() == Mentions()


@pytest.mark.parametrize(
    "text",
    [
        "commande C-M-D-2-0-2-6-0-0-0-0-1-2",
        "commande c.m.d.2.0.2.6.0.0.0.0.1.2.",
        "commande \u0421\u041cD-2026-000012",  # Cyrillic letters drawn like C and M
        "commande \u0421\u041cD 2026 000012",
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_number_spelt_out_or_with_letters_drawn_alike_is_read(text: str, place: int) -> None:
    texts = ["", ""]
    texts[place] = text
    assert fold_id("CMD-2026-000012") in references.find(texts, reader_for(SHOP)).refs


@pytest.mark.parametrize(
    "text", ["commande 1.0.0.0.1.3", "version v1.0.0.0.1", "\u0421 1003 заказ", "le 1-0-0-0-1-3-7 au match"]
)
def test_versions_and_words_of_other_scripts_make_no_number(text: str) -> None:
    running = [order(f"{100_000 + 13 * n}") for n in range(40)]
    assert references.find(("", text), reader_for(running)).refs == {}


def test_a_number_cut_short_is_worth_a_wider_search() -> None:
    found = references.find(("", "commande CMD-2026-00012"), reader_for(SHOP))
    assert fold_id("CMD-2026-00012") in found.loose


@pytest.mark.parametrize("wall", ["12 34 56 78 90 ", "#1", "12/11/2026 ", "06 39 98 10 10 ", "%3D"])
def test_a_wall_of_numbers_is_read_in_bounded_time(wall: str) -> None:
    start = time.process_time()
    found = references.find(("", wall * 60_000), reader_for(SHOP))
    assert time.process_time() - start < 2
    assert found.mentions().tracking == ()


def test_a_line_of_very_many_numbers_is_read_to_its_end() -> None:
    line = "commandes " + " ".join(str(10_000_000 + 37 * n) for n in range(200)) + " commande CMD-2026-000012"
    assert fold_id("CMD-2026-000012") in references.find(("", line), reader_for(SHOP)).refs

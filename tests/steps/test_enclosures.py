"""Which files go along with a letter."""

from dataclasses import replace

import pytest

from mailbot.model import Order
from mailbot.ruleset.enclosures import EnclosureRule, Enclosures
from mailbot.steps.enclosures import candidates, file_name, missing, wanted
from tests.steps.scenes import order, shipped_rules

INVOICE = EnclosureRule(id="facture", titre="facture", fichier="{invoice_number}.pdf", colonne="invoice_file")
RULES = Enclosures(pieces=(INVOICE,))
SITE = shipped_rules().channel("site")
AMAZON = shipped_rules().channel("amazon_fr")


def with_(**extra: str) -> Order:
    return order(extra)


def test_the_name_comes_from_the_order_and_its_own_column_wins() -> None:
    assert file_name(INVOICE, with_(invoice_number="F-12")) == "F-12.pdf"
    assert file_name(INVOICE, with_(invoice_number="F-12", invoice_file="2026_F12.PDF")) == "2026_F12.PDF"
    by_order = replace(order(), order_id="A-77")
    assert file_name(INVOICE.model_copy(update={"fichier": "f-{order_id}.pdf"}), by_order) == "f-A-77.pdf"


@pytest.mark.parametrize("number", ["", "../../etc/x", "a/b", "F\x001", "..", ".x"])
def test_an_order_cannot_name_a_file_outside(number: str) -> None:
    assert file_name(INVOICE, with_(invoice_number=number)) == ""
    assert candidates([with_(invoice_number=number)], RULES) == frozenset()


def test_a_file_that_is_there_goes_along_and_one_that_is_not_is_missing() -> None:
    (one,) = wanted(["facture", "facture"], with_(invoice_number="F-12"), SITE, RULES, {"F-12.pdf": 14})
    assert (one.name, one.size, one.content_type) == ("F-12.pdf", 14, "application/pdf")
    assert missing([one]) == ()
    absent = wanted(["facture"], with_(invoice_number="F-12"), SITE, RULES, {})
    assert missing(absent) == ("fichier « F-12.pdf » (facture)",)
    assert missing(wanted(["facture"], with_(), SITE, RULES, {})) == ("fichier à joindre (facture)",)


def test_nothing_goes_to_a_channel_that_forbids_it_nor_to_an_unverified_writer() -> None:
    files = {"F-12.pdf": 14}
    assert wanted(["facture"], with_(invoice_number="F-12"), AMAZON, RULES, files) == ()
    assert wanted(["facture"], None, SITE, RULES, files) == ()


@pytest.mark.parametrize("kind", [one.id for one in shipped_rules().enclosures.pieces])
def test_no_shipped_kind_goes_where_files_are_forbidden(kind: str) -> None:
    files = {"F-12.pdf": 14, "T-1.pdf": 14}
    parcel = replace(with_(invoice_number="F-12"), tracking_number="T-1")
    rules = shipped_rules().enclosures
    assert [one.size for one in wanted([kind], parcel, SITE, rules, files)] == [14]
    for channel in shipped_rules().channels:
        if "pieces_jointes" in channel.interdits:
            assert wanted([kind], parcel, channel, rules, files) == ()
    assert wanted([kind], None, SITE, rules, files) == ()


@pytest.mark.parametrize("name", ["../{order_id}.pdf", "/x.pdf", "x.exe", ".{order_id}.pdf", "a\\b.pdf"])
def test_rules_cannot_name_a_file_outside(name: str) -> None:
    with pytest.raises(ValueError, match="un nom de fichier"):
        EnclosureRule(id="x", titre="x", fichier=name)


def test_every_file_a_shipped_situation_asks_for_is_defined() -> None:
    book = shipped_rules()
    asked = {one.piece_jointe for one in book.situations if one.piece_jointe}
    assert asked == {"facture", "preuve_livraison"} and all(book.enclosures.rule(name) for name in asked)

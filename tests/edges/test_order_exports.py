"""Exports of shop systems become orders by the mappings of rules/exports."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mailbot.edges import order_exports
from mailbot.edges.orders_file import BrokenRow, Row
from mailbot.model import Order
from mailbot.rule_files import read_exports
from mailbot.ruleset.exports import OrderExport

EXPORTS = read_exports(Path(__file__).parents[2] / "rules")


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode(encoding))
    return path


def orders_of(path: Path) -> list[Order]:
    rows = list(order_exports.read(path, EXPORTS))
    assert not [row for row in rows if isinstance(row, BrokenRow)]
    return [row.order for row in rows if isinstance(row, Row)]


def test_a_shopify_order_of_two_lines_is_one_order(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Name,Email,Financial Status,Fulfillment Status,Created at,Total,Currency,Lineitem quantity,Lineitem name,"
        "Lineitem price,Lineitem sku,Shipping Name,Shipping Zip,Shipping City,Shipping Country\n"
        "#1001,lea@example.org,paid,fulfilled,2026-11-02 10:11:12 +0100,39.90,EUR,2,Tasse bleue,12.50,TB,Léa Roux,"
        "'01000,Bourg-en-Bresse,FR\n"
        "#1001,,,,,,,1,Bol,14.90,BO,,,,\n",
    )
    (one,) = orders_of(path)
    assert (one.order_id, one.channel, one.status, one.postal_code) == ("#1001", "site", "shipped", "01000")
    assert one.placed_at == datetime.fromisoformat("2026-11-02T10:11:12+01:00")
    assert [(line.label, line.qty, line.unit_price) for line in one.lines] == [
        ("Tasse bleue", 2, Decimal("12.50")), ("Bol", 1, Decimal("14.90")),
    ]  # fmt: skip
    assert one.total == Decimal("39.90")


def test_an_amazon_report_says_who_ships_and_gives_line_amounts(tmp_path: Path) -> None:
    names = ("amazon-order-id", "purchase-date", "order-status", "fulfillment-channel", "product-name", "sku",
             "quantity", "currency", "item-price", "ship-postal-code")  # fmt: skip
    cells = ("404-1234567-7654321", "2026-11-02T08:00:00+00:00", "Shipped", "Amazon", "Lampe", "L1", "2",
             "EUR", "30.00", "75011")  # fmt: skip
    (one,) = orders_of(written(tmp_path, "\t".join(names) + "\n" + "\t".join(cells) + "\n"))
    assert (one.channel, one.fulfilment, one.status) == ("amazon_fr", "platform", "shipped")
    assert one.lines[0].unit_price == Decimal("15.00")


def test_ebay_preamble_totals_row_and_footer_are_understood(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "\nsep=,\nOrder Number,Sale Date,Ship To Name,Total Price,Tracking Number,Item Title,Quantity,Sold For\n"
        "12-345,21-juil.-25,Marc Petit,50,,,,\n12-345,,,,8R123,Vase,1,20\n12-345,,,,,Cadre,1,30\n"
        "\n3 record(s) downloaded\n",
        "utf-8-sig",
    )
    (one,) = orders_of(path)
    assert one.placed_at.date().isoformat() == "2025-07-21"
    assert [line.label for line in one.lines] == ["Vase", "Cadre"]
    assert one.tracking_number == "8R123"


def test_a_canonical_file_is_still_one(tmp_path: Path) -> None:
    path = written(tmp_path, "order_id,channel,placed_at\nA1,site,2026-11-02\n")
    assert order_exports.kind_of(path, EXPORTS) is None
    assert [one.order_id for one in orders_of(path)] == ["A1"]


def test_a_row_that_cannot_be_read_is_named_and_the_others_are_orders(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Name,Financial Status,Created at,Lineitem name\n#1,paid,hier,Tasse\n#2,paid,2026-11-02,Bol\n",
    )
    rows = list(order_exports.read(path, EXPORTS))
    assert [type(row) for row in rows] == [BrokenRow, Row]
    assert isinstance(rows[0], BrokenRow) and rows[0].line == 2 and "placed_at" in rows[0].reason


def test_a_price_that_is_none_costs_its_own_order_only(tmp_path: Path) -> None:
    header = "Name,Financial Status,Created at,Lineitem name,Lineitem price\n"
    path = written(tmp_path, header + "#1,paid,2026-11-02,Tasse,offert\n#2,paid,2026-11-02,Bol,4.50\n")
    first, second = order_exports.read(path, EXPORTS)
    assert isinstance(first, BrokenRow) and first.line == 2 and "montant « offert »" in first.reason
    assert isinstance(second, Row) and second.order.order_id == "#2"


def test_a_quote_never_closed_costs_its_own_line_of_an_export_only(tmp_path: Path) -> None:
    header = "sep=,\nName,Financial Status,Created at,Lineitem name,Total\n"
    rows = (
        '#1,paid,2026-11-02,"Tasse,4.50\n#2,paid,2026-11-02,Bol\u2028bleu,4.50\n#3,paid,2026-11-02,Bol,4.50\n'
    )
    broken, *good = order_exports.read(written(tmp_path, header + rows), EXPORTS)
    assert isinstance(broken, BrokenRow) and broken.line == 3 and "guillemet" in broken.reason
    assert [row.order.order_id for row in good if isinstance(row, Row)] == ["#2", "#3"]


def test_a_value_longer_than_csv_readers_like_is_read(tmp_path: Path) -> None:
    header = "Name,Financial Status,Created at,Lineitem name,Notes\n"
    [one] = orders_of(written(tmp_path, f'{header}#1,paid,2026-11-02,Tasse,"{"x" * 200_000}"\n'))
    assert one.order_id == "#1"


def test_a_mapping_without_order_number_is_refused() -> None:
    with pytest.raises(ValueError, match="order_id"):
        OrderExport(id="x", titre="x", canal="site", reconnait=("A", "B"), colonnes={"placed_at": ("A",)})

"""Orders files as merchants really have them: separators, encodings, spreadsheets' damage, broken rows."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mailbot.edges import orders_file
from mailbot.edges.orders_file import BrokenRow, Row
from mailbot.errors import OrdersFileError
from mailbot.model import Line, Order
from mailbot.zone import PARIS

HEADER = "order_id,channel,placed_at"

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "commandes.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def orders_of(path: Path) -> list[Order]:
    rows = list(orders_file.read(path))
    assert all(isinstance(row, Row) for row in rows), rows
    return [row.order for row in rows if isinstance(row, Row)]


def broken_of(path: Path) -> list[BrokenRow]:
    return [row for row in orders_file.read(path) if isinstance(row, BrokenRow)]


def test_a_row_becomes_an_order_with_typed_facts(write: Write) -> None:
    [order] = orders_of(
        write(
            "order_id,channel,placed_at,status,customer_name,customer_email,postal_code,country,estimated_delivery_max,"
            "total,currency,lines\n"
            'A-1,amazon_fr,2026-03-14T09:30,Delivered,Léa Martin,Lea@Mail.Example,75011,FR,2026-03-20,"12,50",EUR,'
            '"[{""sku"": ""S1"", ""label"": ""Lampe Oslo"", ""qty"": 2, ""unit_price"": 6.25}]"\n'
        )
    )
    assert order.placed_at == datetime(2026, 3, 14, 9, 30, tzinfo=PARIS)
    assert (order.status, order.customer_email) == ("delivered", "lea@mail.example")
    assert order.estimated_delivery_max == date(2026, 3, 20)
    assert order.total == Decimal("12.50")
    assert order.lines == (Line(sku="S1", label="Lampe Oslo", qty=2, unit_price=Decimal("6.25")),)


def test_what_the_file_does_not_say_is_unknown(write: Write) -> None:
    [order] = orders_of(write(f"{HEADER},status,total,shipped_at\nA-1,site,2026-03-14,,,\n"))
    assert order.status is None
    assert order.total is None
    assert order.shipped_at is None
    assert order.lines == ()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_read_from_the_header(write: Write, separator: str) -> None:
    text = f"{HEADER},city\nA-1,site,2026-03-14,Lyon\n".replace(",", separator)
    assert orders_of(write(text))[0].city == "Lyon"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_accents_survive_the_usual_encodings(write: Write, encoding: str) -> None:
    path = write(f"{HEADER},customer_name\nA-1,site,2026-03-14,Zoé Müller\n".encode(encoding))
    assert orders_of(path)[0].customer_name == "Zoé Müller"


def test_column_names_may_have_capitals_and_blanks(write: Write) -> None:
    assert orders_of(write("Order_ID , Channel,PLACED_AT\nA-1,site,2026-03-14\n"))[0].order_id == "A-1"


def test_a_missing_column_is_named_with_the_nearest_ones(write: Write) -> None:
    path = write("orderid,channel,placed_at\nA-1,site,2026-03-14\n")
    with pytest.raises(OrdersFileError, match=r"« order_id » absente \(colonnes proches : orderid"):
        list(orders_file.read(path))


def test_a_column_given_twice_is_refused(write: Write) -> None:
    with pytest.raises(OrdersFileError, match="deux fois : channel"):
        list(orders_file.read(write(f"{HEADER},channel\nA-1,site,2026-03-14,site\n")))


def test_an_empty_file_is_refused(write: Write) -> None:
    with pytest.raises(OrdersFileError, match="vide"):
        list(orders_file.read(write("")))


def test_a_file_that_is_not_there_is_refused_in_french(tmp_path: Path) -> None:
    with pytest.raises(OrdersFileError, match="lecture impossible"):
        list(orders_file.read(tmp_path / "absent.csv"))


def test_a_broken_row_gives_its_line_and_the_others_are_read(write: Write) -> None:
    path = write(f"{HEADER}\nA-1,site,2026-03-14\nA-2,site,hier\nA-3,site,2026-03-15\n")
    first, second, third = orders_file.read(path)
    assert isinstance(first, Row)
    assert second == BrokenRow(3, second.reason if isinstance(second, BrokenRow) else "")
    assert isinstance(second, BrokenRow)
    assert "placed_at : date « hier » incorrecte" in second.reason
    assert isinstance(third, Row)
    assert third.line == 4


def test_line_numbers_count_the_lines_of_long_cells(write: Write) -> None:
    path = write(f'{HEADER},relay_address\nA-1,site,2026-03-14,"1 rue A\n75001 Paris"\nA-2,site,non,\n')
    assert [row.line for row in broken_of(path)] == [4]


def test_a_quote_never_closed_costs_its_own_line_only(write: Write) -> None:
    path = write(
        f'{HEADER},city\nA-1,site,2026-03-14,Lyon\n"A-2,site,2026-03-14,Nice\nA-3,site,2026-03-14,Metz\n'
    )
    rows = list(orders_file.read(path))
    assert [row.order.order_id for row in rows if isinstance(row, Row)] == ["A-1", "A-3"]
    assert [row.line for row in rows if isinstance(row, BrokenRow)] == [3]


def test_a_cell_too_many_is_reported(write: Write) -> None:
    [row] = broken_of(write(f"{HEADER}\nA-1,site,2026-03-14,Lyon\n"))
    assert "4 cellules pour 3 colonnes" in row.reason


def test_empty_lines_are_passed_over(write: Write) -> None:
    assert len(orders_of(write(f"{HEADER}\n\nA-1,site,2026-03-14\n,,\n"))) == 1


@pytest.mark.parametrize("damaged", ["1,90424E+09", "1.9E+15", "4E15"])
def test_a_number_in_scientific_notation_is_refused(write: Write, damaged: str) -> None:
    [row] = broken_of(write(f'{HEADER}\n"{damaged}",site,2026-03-14\n'))
    assert "notation scientifique" in row.reason
    assert row.reason.startswith("order_id")


def test_an_order_without_number_is_refused(write: Write) -> None:
    assert (
        "order_id : valeur obligatoire absente" in broken_of(write(f"{HEADER}\n,site,2026-03-14\n"))[0].reason
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-07-01T23:30", datetime(2026, 7, 1, 23, 30, tzinfo=PARIS)),
        ("2026-07-01T23:30:00Z", datetime(2026, 7, 1, 23, 30, tzinfo=UTC)),
        ("2026-07-01 08:05:09", datetime(2026, 7, 1, 8, 5, 9, tzinfo=PARIS)),
        ("2026-07-01", datetime(2026, 7, 1, tzinfo=PARIS)),
        ("01/07/2026", datetime(2026, 7, 1, tzinfo=PARIS)),
        ("01-07-2026 08:30", datetime(2026, 7, 1, 8, 30, tzinfo=PARIS)),
        ("1.7.2026", datetime(2026, 7, 1, tzinfo=PARIS)),
        ("07/13/2026", None),
        ("01/07/26", None),
        ("1/7/2026 9h30", datetime(2026, 7, 1, 9, 30, tzinfo=PARIS)),
        ("01/07/2026 à 9h", None),
        ("31/02/2026", None),
    ],
)
def test_times_without_zone_are_of_paris(write: Write, written: str, expected: datetime | None) -> None:
    [row] = orders_file.read(write(f"{HEADER}\nA-1,site,{written}\n"))
    assert (row.order.placed_at if isinstance(row, Row) else None) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12.5", "12.5"),
        ("12,50 €", "12.50"),
        ("1 234,56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
    ],
)
def test_amounts_with_commas_and_signs_are_exact(write: Write, written: str, expected: str) -> None:
    assert orders_of(write(f'{HEADER},total\nA-1,site,2026-03-14,"{written}"\n'))[0].total == Decimal(
        expected
    )


@pytest.mark.parametrize("written", ["douze", "NaN", "Infinity", "1e999x"])
def test_an_amount_that_is_none_is_refused(write: Write, written: str) -> None:
    assert "total : montant" in broken_of(write(f"{HEADER},total\nA-1,site,2026-03-14,{written}\n"))[0].reason


@pytest.mark.parametrize(
    ("code", "country", "expected"),
    [
        ("1000", "FR", "01000"),
        ("1000", "", "01000"),
        ("1000", "BE", "1000"),
        ("'06000", "FR", "06000"),
        ("75011", "FR", "75011"),
    ],
)
def test_french_postal_codes_get_their_zero_back(
    write: Write, code: str, country: str, expected: str
) -> None:
    path = write(f"{HEADER},postal_code,country\nA-1,site,2026-03-14,{code},{country}\n")
    assert orders_of(path)[0].postal_code == expected


def test_an_unknown_channel_is_kept_beside_autre(write: Write) -> None:
    [order] = orders_of(write(f"{HEADER}\nA-1,Leboncoin Pro,2026-03-14\n"))
    assert order.channel == "autre"
    assert order.extra["channel_original"] == "Leboncoin Pro"


def test_unknown_columns_are_kept_as_they_stand(write: Write) -> None:
    [order] = orders_of(write(f"{HEADER},vendeur,relay_name\nA-1,site,2026-03-14,Luc,Tabac du Port\n"))
    assert order.extra == {"vendeur": "Luc", "relay_name": "Tabac du Port"}


@pytest.mark.parametrize("lines", ["[oups", '{""sku"": 1}', "[1, 2]", '[{""qty"": ""deux""}]'])
def test_lines_that_are_no_list_of_products_are_refused(write: Write, lines: str) -> None:
    [row] = broken_of(write(f'{HEADER},lines\nA-1,site,2026-03-14,"{lines}"\n'))
    assert row.reason.startswith("lines")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("{pas json", "lines : JSON incorrect au caractère 2"),
        ("[" * 100_000, "lines : JSON imbriqué sans fin"),
    ],
)
def test_unreadable_json_is_told_in_french(write: Write, lines: str, reason: str) -> None:
    [row] = broken_of(write(f"{HEADER},lines\nA-1,site,2026-03-14,{lines}\n"))
    assert row.reason == reason

"""CSV files as spreadsheets and shops write them: what stands before the header, quotes that are none, workbooks."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.edges import csv_records, orders_file
from mailbot.edges.orders_file import BrokenRow, Row
from mailbot.errors import OrdersFileError

HEADER = "order_id;channel;placed_at;article"


def read(tmp_path: Path, content: str | bytes) -> list[str]:
    """What became of each row: the order's number, or 'line : reason'."""
    path = tmp_path / "commandes.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [
        row.order.order_id if isinstance(row, Row) else f"{row.line} : {row.reason}"
        for row in orders_file.read(path)
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_separator_line_of_excel_is_passed_over(
    tmp_path: Path, separator: str, encoding: str, end: str
) -> None:
    rows = f"sep=;{end}{HEADER}{end}É-1;site;2026-03-14;x{end}É-2;site;hier;x{end}"
    found = read(tmp_path, rows.replace(";", separator).encode(encoding))
    assert found[0] == "É-1"
    assert found[1].startswith("4 : placed_at")  # the lines of the file are counted


@pytest.mark.parametrize(
    "before", ['"sep=;"\n', "\n\n", ";;;\n", "Commandes de mars\n", "Boutique;Mars\n;\n"]
)
def test_a_title_or_blank_lines_may_stand_before_the_header(tmp_path: Path, before: str) -> None:
    assert read(tmp_path, f"{before}{HEADER}\nA-1;site;2026-03-14;x\n") == ["A-1"]


def test_a_header_that_lacks_a_column_is_named_and_not_the_lines_before_it(tmp_path: Path) -> None:
    with pytest.raises(OrdersFileError, match=r"« placed_at » absente \(colonnes proches : place_at\)\.$"):
        read(tmp_path, "sep=;\norder_id;channel;place_at\nA-1;site;2026-03-14\n")


def test_separators_within_quoted_names_do_not_count() -> None:
    assert csv_records.names_of('"a";"b (un, deux, trois, quatre)"\n') == (
        ";", ["a", "b (un, deux, trois, quatre)"]
    )  # fmt: skip


CELLS = st.text(st.sampled_from('ab ;,\t"\n\r\u2028É'), max_size=6)
TABLES = st.integers(2, 5).flatmap(
    lambda wide: st.lists(st.lists(CELLS, min_size=wide, max_size=wide), max_size=8)
)


@given(TABLES, st.sampled_from(csv_records.SEPARATORS), st.booleans())
def test_what_a_program_writes_as_csv_is_read_as_it_was(
    table: list[list[str]], separator: str, everything: bool
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, "unix" if everything else "excel", delimiter=separator).writerows(table)
    file.seek(0)
    width = len(table[0]) if table else 2
    found = list(csv_records.records(file, separator, width, 2))
    assert [cells for _, cells in found] == table
    assert [line for line, _ in found] == sorted({line for line, _ in found})


@given(st.text(st.sampled_from('ab;"\n\r'), max_size=60), st.integers(1, 4))
def test_nothing_makes_the_reader_fail_or_lose_a_line(text: str, width: int) -> None:
    lines = io.StringIO(text, newline="").readlines()
    starts = [line for line, _ in csv_records.records(io.StringIO(text, newline=""), ";", width, 1)]
    assert starts[:1] == ([1] if lines else []) and starts == sorted(set(starts))
    assert not lines or starts[-1] <= len(lines)


@pytest.mark.parametrize("head", [b"PK\x03\x04\x14\x00\x06\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_workbook_is_called_one(tmp_path: Path, head: bytes) -> None:
    with pytest.raises(OrdersFileError, match="c'est un classeur, pas un CSV"):
        read(tmp_path, head + bytes(range(256)))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OrdersFileError, match="pas un fichier de texte"):
        read(tmp_path, f"{HEADER}\n".encode("utf-16-le"))


def test_a_sign_for_inches_swallows_no_order(tmp_path: Path) -> None:
    rows = "".join(
        f"A-{n};site;2026-03-14;Écran {n}{chr(34) if n in (1, 4) else ''} LED\n" for n in range(1, 6)
    )
    assert read(tmp_path, f"{HEADER}\n{rows}") == ["A-1", "A-2", "A-3", "A-4", "A-5"]


@pytest.mark.parametrize("later", ["x", '"x"', 'un "x"'])
def test_a_quote_left_open_in_the_last_column_swallows_no_order(tmp_path: Path, later: str) -> None:
    rows = f'A-1;site;2026-03-14;"Lampe\nA-2;site;2026-03-14;{later}\nA-3;site;2026-03-14;{later}\n'
    assert read(tmp_path, f"{HEADER}\n{rows}") == ["A-1", "A-2", "A-3"]


def test_a_value_of_several_lines_is_one_value(tmp_path: Path) -> None:
    path = tmp_path / "commandes.csv"
    path.write_text(f'{HEADER}\r\nA-1;site;2026-03-14;"Lampe ""Oslo"";\r\nbleue"\r\n', newline="")
    [row] = orders_file.read(path)
    assert isinstance(row, Row) and row.order.extra["article"] == 'Lampe "Oslo";\r\nbleue'


@pytest.mark.parametrize("cell", ["'00123", '="00123"', '"=""00123"""'])
def test_a_number_kept_as_text_for_a_spreadsheet_is_the_number(tmp_path: Path, cell: str) -> None:
    assert read(tmp_path, f"{HEADER}\n{cell};site;2026-03-14;x\n") == ["00123"]


@pytest.mark.parametrize("written", ["1.234", "1,234", "1.234 €"])
def test_an_amount_that_may_be_a_thousand_or_a_unit_is_not_guessed(tmp_path: Path, written: str) -> None:
    path = tmp_path / "commandes.csv"
    path.write_text(f"{HEADER};total\nA-1;site;2026-03-14;x;{written}\n")
    [row] = orders_file.read(path)
    assert isinstance(row, BrokenRow) and row.line == 2 and "ambigu" in row.reason


def test_a_price_of_three_decimals_in_the_lines_is_exact(tmp_path: Path) -> None:
    path = tmp_path / "commandes.csv"
    path.write_text(
        f'{HEADER};lines\nA-1;site;2026-03-14;x;"[{{""label"": ""Vis"", ""unit_price"": 1.234}}]"\n'
    )
    [row] = orders_file.read(path)
    assert isinstance(row, Row) and str(row.order.lines[0].unit_price) == "1.234"

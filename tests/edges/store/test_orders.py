"""The orders table: importing files again and again, and finding orders by what mails offer."""

import csv
import resource
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mailbot.edges.store import Store, open_store, orders
from mailbot.errors import OrdersFileError
from mailbot.model import Clues, Finding

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
COLUMNS = ("order_id", "channel", "placed_at", "customer_name", "customer_email", "tracking_number", "status")
LEA = (
    "408-1111111-2222222",
    "amazon_fr",
    "2026-03-14T10:00",
    "Léa Martin",
    "x1@relay.example",
    "6A12345678901",
    "shipped",
)
PAUL = (
    "QZRTVBNMK",
    "site",
    "2026-03-15T10:00",
    "Paul Le Goff",
    "paul@mail.example",
    "XY470174684FR",
    "delivered",
)


def file_of(path: Path, rows: Sequence[Sequence[str]], columns: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


@pytest.fixture
def filled(store: Store, tmp_path: Path) -> Store:
    orders.import_file(store, file_of(tmp_path / "a.csv", [LEA, PAUL]), NOW)
    return store


def found(store: Store, clues: Clues, thread: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    [findings] = orders.find_many(store, [clues], [thread], orders.shapes(store))
    return [(finding.method, finding.order.order_id) for finding in findings]


def test_an_order_comes_back_as_it_was_imported(store: Store, tmp_path: Path) -> None:
    columns = (*COLUMNS, "total", "shipped_at", "estimated_delivery_max", "lines", "relay_name")
    lines = '[{"sku": "S", "label": "Lampe à poser", "qty": 2, "unit_price": 49.9}]'
    row = (*PAUL, "99,80", "2026-03-16T08:00", "2026-03-20", lines, "Tabac ☺")
    orders.import_file(store, file_of(tmp_path / "a.csv", [row], columns), NOW)
    order = orders.get(store, "site", "QZRTVBNMK")
    assert order is not None
    assert order.placed_at == datetime(2026, 3, 15, 9, tzinfo=UTC)
    assert order.shipped_at == datetime(2026, 3, 16, 7, tzinfo=UTC)
    assert (order.total, order.lines[0].unit_price) == (Decimal("99.80"), Decimal("49.9"))
    assert order.lines[0].label == "Lampe à poser"
    assert dict(order.extra) == {"relay_name": "Tabac ☺"}


def test_an_order_nobody_imported_is_none(filled: Store) -> None:
    assert orders.get(filled, "site", "absent") is None


def test_the_report_counts_new_known_and_broken_rows(store: Store, tmp_path: Path) -> None:
    first = orders.import_file(store, file_of(tmp_path / "a.csv", [LEA]), NOW)
    second = orders.import_file(
        store, file_of(tmp_path / "b.csv", [LEA, PAUL, ("", "site", "2026-01-01")]), NOW
    )
    assert (first.imported, first.updated, first.broken) == (1, 0, ())
    assert (second.imported, second.updated, second.broken_count) == (1, 1, 1)
    assert second.broken == (
        (4, "order_id : valeur obligatoire absente (3 cellules pour 7 colonnes : ligne décalée ?)"),
    )


def test_only_the_first_thousand_broken_rows_are_kept(store: Store, tmp_path: Path) -> None:
    report = orders.import_file(store, file_of(tmp_path / "a.csv", [("A", "site", "hier")] * 1200), NOW)
    assert (len(report.broken), report.broken_count) == (1000, 1200)


def test_the_same_number_on_two_channels_is_two_orders(store: Store, tmp_path: Path) -> None:
    rows = [("100045", "site", "2026-03-14"), ("100045", "fnac", "2026-03-14")]
    assert orders.import_file(store, file_of(tmp_path / "a.csv", rows, COLUMNS[:3]), NOW).imported == 2
    assert orders.count(store) == 2


def test_a_later_file_changes_what_it_says_and_keeps_the_rest(filled: Store, tmp_path: Path) -> None:
    columns = ("order_id", "channel", "placed_at", "status", "customer_email", "delivery_note")
    row = ("QZRTVBNMK", "site", "2026-03-15T10:00", "returned", "", "chez le voisin")
    orders.import_file(filled, file_of(tmp_path / "b.csv", [row], columns), NOW)
    order = orders.get(filled, "site", "QZRTVBNMK")
    assert order is not None
    assert order.status == "returned"
    assert order.customer_email == "paul@mail.example"
    assert order.tracking_number == "XY470174684FR"
    assert order.extra["delivery_note"] == "chez le voisin"


def test_an_order_twice_in_one_file_ends_as_its_last_row(store: Store, tmp_path: Path) -> None:
    again = (*PAUL[:6], "returned")
    report = orders.import_file(store, file_of(tmp_path / "a.csv", [PAUL, LEA, again]), NOW)
    order = orders.get(store, "site", "QZRTVBNMK")
    assert report.imported == 2
    assert order is not None
    assert order.status == "returned"


def test_an_import_that_dies_is_completed_by_the_next(store: Store, tmp_path: Path) -> None:
    rows = [(f"W{i:06}", "site", "2026-03-14") for i in range(3 * orders.BATCH)]
    path = file_of(tmp_path / "a.csv", rows, COLUMNS[:3])

    def die(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        orders.import_file(store, path, NOW, die)
    assert orders.count(store) == orders.BATCH
    report = orders.import_file(store, path, NOW)
    assert (report.imported, report.updated) == (2 * orders.BATCH, orders.BATCH)
    assert orders.count(store) == len(rows)


def test_progress_is_told_batch_by_batch(store: Store, tmp_path: Path) -> None:
    heard: list[int] = []
    rows = [(f"W{i:06}", "site", "2026-03-14") for i in range(orders.BATCH + 5)]
    orders.import_file(store, file_of(tmp_path / "a.csv", rows, COLUMNS[:3]), NOW, heard.append)
    assert heard == [orders.BATCH, orders.BATCH + 5]


def test_a_file_without_its_columns_changes_nothing(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(OrdersFileError):
        orders.import_file(filled, file_of(tmp_path / "b.csv", [("A",)], ("numero",)), NOW)
    assert orders.count(filled) == 2


def test_an_order_is_found_by_each_clue(filled: Store) -> None:
    assert found(filled, Clues(refs=("40811111112222222",))) == [("order_ref", LEA[0])]
    assert found(filled, Clues(tracking=("XY470174684FR",))) == [("tracking", PAUL[0])]
    assert found(filled, Clues(emails=("paul@mail.example",))) == [("email", PAUL[0])]
    assert found(filled, Clues(names=("goff le paul",))) == [("name", PAUL[0])]
    assert found(filled, Clues(), [("site", PAUL[0])]) == [("thread", PAUL[0])]


def test_an_unknown_clue_finds_nothing(filled: Store) -> None:
    assert found(filled, Clues(refs=("NOSUCHREF",), emails=("a@b.example",)), [("site", "NOSUCHREF")]) == []


def test_a_thread_order_of_another_channel_is_not_taken(filled: Store) -> None:
    assert found(filled, Clues(), [("ebay", PAUL[0])]) == []


def test_the_second_parcel_of_an_order_finds_it_too(store: Store, tmp_path: Path) -> None:
    columns = (*COLUMNS, "tracking_number_2")
    orders.import_file(store, file_of(tmp_path / "a.csv", [(*PAUL, "LP00848000730902")], columns), NOW)
    assert found(store, Clues(tracking=("LP00848000730902",))) == [("tracking", PAUL[0])]


def test_a_misspelt_number_is_found_when_no_exact_one_is(filled: Store) -> None:
    misspelt = Clues(refs=("QZTRVBNMK",), loose=("QZTRVBNMK",))
    assert found(filled, misspelt) == [("order_ref", PAUL[0])]
    both = Clues(refs=("QZTRVBNMK", "40811111112222222"), loose=("QZTRVBNMK",))
    assert found(filled, both) == [("order_ref", LEA[0])]


def test_many_mails_are_answered_each_with_its_own(filled: Store) -> None:
    clues = [Clues(refs=("QZRTVBNMK",)), Clues(), Clues(emails=("x1@relay.example",))]
    answers: list[tuple[Finding, ...]] = orders.find_many(filled, clues, [(), (), ()], orders.shapes(filled))
    assert [[finding.order.order_id for finding in findings] for findings in answers] == [
        [PAUL[0]],
        [],
        [LEA[0]],
    ]


def test_an_address_that_all_buyers_share_finds_nobody(store: Store, tmp_path: Path) -> None:
    shared = [(f"W{i}", "site", "2026-03-14", "", "noreply@place.example", "", "") for i in range(300)]
    orders.import_file(store, file_of(tmp_path / "a.csv", [*shared, PAUL]), NOW)
    clues = Clues(emails=("noreply@place.example", "paul@mail.example"))
    assert found(store, clues) == [("email", PAUL[0])]


def test_shapes_are_learnt_from_the_table(filled: Store) -> None:
    shapes = orders.shapes(filled)
    assert sorted(shape.length for shape in shapes.orders) == [9, 17]
    assert sorted(shape.length for shape in shapes.tracking) == [13, 13]


def test_an_empty_table_has_no_shapes(store: Store) -> None:
    assert orders.shapes(store).orders == ()


def _many(path: Path, count: int) -> Path:
    rows = (
        (
            f"CMD-{i * 37 % 10_000_000:07}",
            "site",
            "2026-03-14T10:00",
            f"Client {i}",
            f"c{i}@mail.example",
            f"6A{i:011}",
            "",
        )
        for i in range(count)
    )
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return path


def _seconds_per_lookup(store: Store, count: int) -> float:
    shapes = orders.shapes(store)
    clues = [
        Clues(
            refs=(f"CMD{i * 37 % 10_000_000:07}",),
            emails=(f"c{i}@mail.example",),
            loose=(f"CMD{i * 37 % 10_000_000:07}",),
        )
        for i in range(0, count, count // 200)
    ]
    best = []
    for _ in range(3):
        start = time.perf_counter()
        answers = orders.find_many(store, clues, [()] * len(clues), shapes)
        best.append((time.perf_counter() - start) / len(clues))
        assert all(len({finding.order.order_id for finding in findings}) == 1 for findings in answers)
    return min(best)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_hundred_thousand_orders_take_bounded_memory_and_the_same_look_up_time(tmp_path: Path) -> None:
    small, large = (open_store(f"sqlite:///{tmp_path}/{name}.sqlite3", None) for name in ("small", "large"))
    orders.import_file(small, _many(tmp_path / "small.csv", 2_000), NOW)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = orders.import_file(large, _many(tmp_path / "large.csv", 200_000), NOW)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert report.imported == 200_000
    assert grown_mb < 120
    assert _seconds_per_lookup(large, 200_000) < 5 * _seconds_per_lookup(small, 2_000) + 0.001
    small.close()
    large.close()


def test_channels_nobody_knows_are_told_with_their_rows(store: Store, tmp_path: Path) -> None:
    rows = [("A", "Veepee", "2026-03-14"), ("B", "Veepee", "2026-03-14"), ("C", "site", "2026-03-14")]
    report = orders.import_file(store, file_of(tmp_path / "a.csv", rows), NOW)
    assert report.unknown_channels == (orders.UnknownChannel("Veepee", 2, 2),)
    assert orders.get(store, "autre", "A") is not None

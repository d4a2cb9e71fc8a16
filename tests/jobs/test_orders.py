"""The watched folder: what is settled is imported, whatever its clock; a mistake in the rules refuses no file."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailbot.edges.store import Store
from mailbot.edges.store import orders as table
from mailbot.jobs import orders
from mailbot.jobs.troubles import troubles
from mailbot.jobs.workplace import Workplace
from tests.edges.store.samples import NOW
from tests.jobs.places import workplace

CSV = "order_id,channel,placed_at\nFR-1,site,2026-11-18\n"


def place(store: Store, folder: Path, **more: object) -> Workplace:
    found = workplace(store)
    imports = found.config.orders.model_copy(update={"import_folder": folder})
    found.config = found.config.model_copy(update={"orders": imports, **more})
    return found


def drop(folder: Path, at: datetime, name: str = "o.csv") -> Path:
    path = folder / name
    path.write_text(CSV, "utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


@pytest.mark.parametrize("age", [timedelta(hours=1), -timedelta(hours=2), -timedelta(days=900)])
def test_a_file_is_imported_even_if_its_clock_runs_ahead(
    store: Store, tmp_path: Path, age: timedelta
) -> None:
    drop(tmp_path, NOW - age)
    assert orders.watched(place(store, tmp_path), lambda: NOW) == 1
    assert table.count(store) == 1


@pytest.mark.parametrize("age", [timedelta(seconds=3), -timedelta(seconds=3)])
def test_a_file_that_may_still_be_being_written_waits(store: Store, tmp_path: Path, age: timedelta) -> None:
    drop(tmp_path, NOW - age)
    assert orders.watched(place(store, tmp_path), lambda: NOW) == 0
    assert table.count(store) == 0


def test_the_newest_file_has_the_last_word_whatever_its_name(store: Store, tmp_path: Path) -> None:
    drop(tmp_path, NOW - timedelta(hours=2), "commandes.csv")
    newer = drop(tmp_path, NOW - timedelta(hours=1), "commandes (1).csv")
    newer.write_text("order_id,channel,placed_at,status\nFR-1,site,2026-11-18,shipped\n", "utf-8")
    older = tmp_path / "commandes.csv"
    older.write_text("order_id,channel,placed_at,status\nFR-1,site,2026-11-18,paid\n", "utf-8")
    for path, hours in ((older, 2), (newer, 1)):
        at = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(path, (at, at))
    assert orders.watched(place(store, tmp_path), lambda: NOW) == 2
    found = table.get(store, "site", "FR-1")
    assert found is not None and found.status == "shipped"


def test_a_mistake_in_the_rules_refuses_no_file(store: Store, tmp_path: Path) -> None:
    rules, files = tmp_path / "rules", tmp_path / "files"
    (rules / "exports").mkdir(parents=True)
    files.mkdir()
    (rules / "exports" / "boutique.toml").write_text("= pas fini", "utf-8")
    path = drop(files, NOW - timedelta(hours=1))
    at = place(store, files, rules_dir=rules)
    assert orders.watched(at, lambda: NOW) == 0
    assert path.exists() and not (files / "refuses").exists()
    shutil.rmtree(rules / "exports")
    assert orders.watched(at, lambda: NOW) == 1
    assert table.count(store) == 1


def test_a_folder_that_is_gone_is_told(store: Store, tmp_path: Path) -> None:
    here = place(store, tmp_path)
    assert troubles(here, datetime(2026, 11, 20, 9, tzinfo=UTC)) == []
    for gone in ("demonte", "x" * 300):  # the second one cannot even be asked for, as a share that was lost
        away = place(store, tmp_path / gone)
        (told,) = troubles(away, NOW)
        assert "aucune commande n'est plus importée" in told.text
        assert orders.watched(away, lambda: NOW) == 0


def test_a_file_that_nobody_takes_up_is_told(store: Store, tmp_path: Path) -> None:
    drop(tmp_path, NOW)
    dropped = datetime.now(UTC)
    assert troubles(place(store, tmp_path), dropped + timedelta(minutes=20)) == []
    (told,) = troubles(place(store, tmp_path), dropped + timedelta(hours=3))
    assert "1 fichier de commandes attend dans" in told.text

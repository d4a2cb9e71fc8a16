"""One service at a time: on a data directory, and on an SQLite file that two data directories share."""

from pathlib import Path

import pytest

from mailbot.commands.opening import open_database, open_service, read_config
from mailbot.edges.worker_lock import only_worker
from mailbot.errors import StoreError


def refused(config: Path) -> str:
    with pytest.raises(StoreError) as caught, open_service(config):
        pass
    return str(caught.value)


def test_a_second_service_on_one_data_directory_is_refused_with_the_process(config: Path) -> None:
    with only_worker(config.parent / "donnees"):
        said = refused(config)
    assert "donnees : un autre service mailbot y travaille déjà (processus " in said


def test_a_second_service_on_one_sqlite_file_is_refused_whatever_its_data_directory(
    config: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "commun"
    text = config.read_text("utf-8").replace("[storage]", f'[storage]\nurl = "sqlite:///{shared}/m.sqlite3"')
    config.write_text(text, "utf-8")
    with open_database(read_config(config)), only_worker(shared):
        assert "commun : un autre service mailbot y travaille déjà" in refused(config)

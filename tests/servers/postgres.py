"""A private PostgreSQL cluster in a directory of its own: started once per test session, never as root."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_SETTINGS = ("listen_addresses=127.0.0.1", "shared_buffers=64MB", "fsync=off", "max_connections=60")
_START_SECONDS = 60


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster and yield its URL (database postgres, user postgres, loopback only); nothing of it stays.

    It does not live in pytest's directories: pytest closes those to the user PostgreSQL runs as."""
    directory = Path(tempfile.mkdtemp(prefix="mailbot-postgres-"))
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    as_user: dict[str, Any] = {"cwd": "/", "stdin": subprocess.DEVNULL}
    if account:
        os.chown(directory, account.pw_uid, account.pw_gid)
        as_user |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data, port = directory / "data", _free_port()
    command: list[str] = [
        _program("initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **as_user)
    settings = [f"-c{one}" for one in (*_SETTINGS, f"port={port}", f"unix_socket_directories={directory}")]
    with (
        (directory / "log").open("wb") as log,
        subprocess.Popen(
            [_program("postgres"), "-D", data, *settings], stdout=log, stderr=log, **as_user
        ) as server,
    ):
        try:
            _wait_until_ready(server, port)
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=30)
    shutil.rmtree(directory)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str) -> str:
    places = os.pathsep.join([*map(str, _INSTALLED[-1:]), os.environ.get("PATH", "")])
    found = shutil.which(name, path=places)
    assert found, f"{name} is not installed (Debian: apt install postgresql)"
    return found


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + _START_SECONDS
    question = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(question, check=False).returncode != 0:
        assert server.poll() is None, "PostgreSQL stopped while starting"
        assert time.monotonic() < end, "PostgreSQL did not start in time"
        time.sleep(0.05)

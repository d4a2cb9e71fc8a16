"""A private PostgreSQL cluster in a temporary directory: started once per test session, never as root."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_SETTINGS = ("listen_addresses=127.0.0.1", "shared_buffers=64MB", "fsync=off", "max_connections=60")


@contextmanager
def cluster(directory: Path) -> Iterator[str]:
    """Run a cluster in `directory` and yield its URL (database postgres, user postgres, loopback only)."""
    port = _free_port()
    directory.mkdir(mode=0o700)
    _hand_over(directory)
    data = directory / "data"
    _run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    options = [f"-p {port}", f"-c unix_socket_directories={directory}", *(f"-c {one}" for one in _SETTINGS)]
    _run("pg_ctl", "-D", data, "-w", "-l", directory / "log", "-o", " ".join(options), "start")
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _hand_over(directory: Path) -> None:
    """PostgreSQL refuses to run as root: give the directory to the system's postgres user and open the way to it."""
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(directory, user.pw_uid, user.pw_gid)
        for parent in directory.parents:
            if parent.stat().st_uid == 0 and parent.stat().st_mode & 0o077 == 0:
                parent.chmod(0o711)


def _run(program: str, *arguments: object) -> None:
    found = shutil.which(program, path=os.pathsep.join([str(_INSTALLED[-1]), os.environ.get("PATH", "")]))
    assert found, f"{program} is not installed"
    command: Sequence[str] = [found, *map(str, arguments)]
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        subprocess.run(
            command, check=True, user=user.pw_uid, group=user.pw_gid, extra_groups=[], env={"HOME": "/tmp"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
        )  # fmt: skip
    else:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

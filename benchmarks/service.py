"""`mailbot` as its users run it: a process of its own, timed from outside, its memory watched."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mailbot.config import Account, cache_home
from tests.servers.dovecot import PASSWORD

_CONFIG = """
[[accounts]]
name = "sav"
address = "support@boutique-exemple.fr"
start_from = "all"
imap = {{ host = "127.0.0.1", port = {port}, security = "none", username = "{user}", password_env = "MESURE_SECRET" }}
smtp = {{ host = "127.0.0.1", port = 9, security = "none", username = "{user}", password_env = "MESURE_SECRET" }}

[storage]
directory = "donnees"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One finished process. `peak_mb`: the most resident memory it ever held; `halfway_mb`: the most after half of
    its time; `cpu_seconds`: what it used of all processors."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    halfway_mb: float
    output: str


class Shop:
    """A shop's working directory with its config.toml."""

    def __init__(self, home: Path, account: Account) -> None:
        self.home = home
        self.config = home / "config.toml"
        cache_home().mkdir(parents=True, exist_ok=True)
        (home / "donnees").mkdir(mode=0o700)
        (home / "donnees" / "modele").symlink_to(cache_home())  # trained once for all runs
        self.config.write_text(_CONFIG.format(port=account.imap.port, user=account.imap.username), "utf-8")

    def mailbot(self, *words: str) -> Run:
        """Run one command to its end. Raises RuntimeError with its last words when it fails."""
        return run([*mailbot(), *words], cwd=self.home)

    def once(self) -> tuple[Run, int]:
        """`mailbot once`, and how many mails it prepared."""
        done = self.mailbot("once", "--json")
        return done, int(json.loads(done.output)["prepared"])


def mailbot() -> list[str]:
    """The installed command of this interpreter."""
    return [str(Path(sys.executable).with_name("mailbot"))]


def run(command: Sequence[str], cwd: Path | None = None) -> Run:
    """Run a command and watch its memory (VmHWM of /proc, which exec resets, unlike ru_maxrss)."""
    environment = {**os.environ, "MESURE_SECRET": PASSWORD}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start = time.perf_counter()
        before = _children_cpu()
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=out, stderr=err)
        peaks: list[tuple[float, float]] = []
        watcher = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
        watcher.start()
        code = process.wait()
        seconds, cpu = time.perf_counter() - start, _children_cpu() - before
        watcher.join()
        out.seek(0), err.seek(0)
        output, errors = out.read(), err.read()
    if code:
        raise RuntimeError(f"{' '.join(command)} : code {code}\n{errors[-3000:]}")
    half = [peak for at, peak in peaks if at - start <= seconds / 2] or [0.0]
    return Run(
        seconds=seconds,
        cpu_seconds=cpu,
        peak_mb=max([0.0, *(peak for _, peak in peaks)]),
        halfway_mb=half[-1],
        output=output,
    )


def _watch(process: "subprocess.Popen[bytes]", peaks: list[tuple[float, float]]) -> None:
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        try:
            lines = status.read_text().splitlines()
        except OSError:
            return
        peaks += [
            (time.perf_counter(), int(line.split()[1]) / 1024) for line in lines if line.startswith("VmHWM")
        ]
        time.sleep(0.02)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

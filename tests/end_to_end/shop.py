"""A shop that runs mailbot: its directory and configuration, its commands as real processes, its database rows."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailbot.config import defaults_dir
from tests.servers.dovecot import PASSWORD, Dovecot

ALONE = "colis_non_recu/en_transit_dans_les_delais"
NOBODY = 1  # a port nothing listens on


class Launcher:
    """The forking process of launcher.py."""

    def __init__(self) -> None:
        env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "launcher.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )

    def ask(self, **order: object) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def warm(self, trained: Path, directory: Path | None = None) -> None:
        """Read the rules and templates of a directory (None: the shipped ones) ahead; train what is not trained yet."""
        rules, templates = (str(directory / name) if directory else None for name in ("rules", "templates"))
        self.ask(warm=str(trained), rules=rules, templates=templates, automatic=directory is not None)

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def said(self) -> str:
        """Everything it printed, on one line however wide the screen was."""
        return " ".join((self.out + " " + self.err).split())


@dataclass(frozen=True, slots=True)
class Running:
    """A command at work."""

    launcher: Launcher
    pid: int
    out: Path
    err: Path

    def poll(self) -> int | None:
        code: int | None = self.launcher.ask(poll=self.pid)["code"]
        return code

    def log(self) -> str:
        return self.err.read_text("utf-8")

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory runs out."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
        self.wait(5)

    def shoot(self) -> None:
        """SIGKILL without waiting; for other threads than the test's own."""
        os.kill(self.pid, signal.SIGKILL)

    def stop(self, seconds: float = 15) -> Done:
        """SIGTERM, as systemd does."""
        os.kill(self.pid, signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds: float) -> Done:
        until(lambda: self.poll() is not None, seconds, lambda: f"mailbot still runs:\n{self.log()}")
        code = self.poll()
        assert code is not None
        done = Done(code, self.out.read_text("utf-8"), self.err.read_text("utf-8"))
        assert "Traceback" not in done.err, done.err
        return done


def until(
    true: Callable[[], object], seconds: float, otherwise: Callable[[], str] = lambda: "it never became true"
) -> float:
    """Wait for a condition; returns the seconds it took."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, otherwise()
        time.sleep(0.01)
    return time.monotonic() - start


def toml(value: object) -> str:
    """A value as TOML has it (JSON's strings, numbers, booleans and lists are TOML's)."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


class Shop:
    """One data directory with its config.toml. `user` is its mailbox on `dovecot`."""

    def __init__(
        self, directory: Path, launcher: Launcher, dovecot: Dovecot, user: str, trained: Path
    ) -> None:
        self.directory, self.dovecot, self.user = directory, dovecot, user
        self.data = directory / "donnees"
        self._launcher, self._started = launcher, 0
        self.data.mkdir(mode=0o700)
        (self.data / "modele").symlink_to(trained)
        self.configure()

    @property
    def address(self) -> str:
        return f"{self.user}@localhost"

    def account(self, **changes: object) -> dict[str, object]:
        """The settings of an account on the Dovecot; imap and smtp as tables."""
        imap = {
            "host": "127.0.0.1",
            "port": self.dovecot.imap_port,
            "security": "none",
            "username": self.user,
            "password_env": "PW",
            "timeout_seconds": 5,
        }
        smtp = {"host": "127.0.0.1", "port": NOBODY, "security": "none", "timeout_seconds": 3}
        inner: dict[str, Mapping[str, object]] = {"imap": imap, "smtp": smtp}
        given: dict[str, object] = {"name": self.user, "address": self.address, "start_from": "all", **inner}
        for name, value in changes.items():
            given[name] = {**inner[name], **value} if isinstance(value, Mapping) and name in inner else value
        return given

    def configure(self, *accounts: Mapping[str, object], **sections: Mapping[str, object] | str) -> None:
        """Write config.toml: these accounts (else the usual one) and sections; plain strings are top-level keys."""
        tables = {"storage": {"directory": "donnees"}, "sending": {"undo_seconds": 0}, **sections}
        lines = [f"{key} = {toml(value)}" for key, value in tables.items()]
        lines.append("accounts = " + "[" + ", ".join(map(toml, accounts or [self.account()])) + "]")
        self.config.write_text("\n".join(lines) + "\n", "utf-8")

    @property
    def config(self) -> Path:
        return self.directory / "config.toml"

    def own_rules(self) -> Path:
        """A copy of the shipped rules and templates beside config.toml; returns its directory."""
        for name in ("rules", "templates"):
            shutil.copytree(defaults_dir() / name, self.directory / name, dirs_exist_ok=True)
        return self.directory

    def answer_alone(self, smtp_port: int, **sections: Mapping[str, object] | str) -> None:
        """Let replies to the situation ALONE leave without a human, through this SMTP server."""
        guards = self.own_rules() / "rules" / "garde_fous.toml"
        text = guards.read_text("utf-8").replace("\nenvoi_seul = []", f'\nenvoi_seul = ["{ALONE}"]')
        guards.write_text(text.replace("plafond_heure = 20", "plafond_heure = 10000"), "utf-8")
        self._launcher.warm(self.data / "modele", self.directory)
        given: dict[str, Mapping[str, object] | str] = {
            "rules_dir": "rules",
            "templates_dir": "templates",
            "sending": {"undo_seconds": 0, "automatic": True},
        }
        self.configure(self.account(smtp={"port": smtp_port}), **{**given, **sections})

    def start(
        self, *argv: str, env: Mapping[str, str] | None = None, file_limit: int | None = None
    ) -> Running:
        """Start a command with this shop's configuration."""
        self._started += 1
        out, err = (self.directory / f"{self._started}.{name}" for name in ("out", "err"))
        out.touch()
        err.touch()
        given = {"PW": PASSWORD, "PATH": os.environ["PATH"], "COLUMNS": "1000", **(env or {})}
        given |= {"MAILBOT_CONFIG": str(self.config), "OMP_NUM_THREADS": "1", "USER": "camille"}
        answer = self._launcher.ask(
            argv=argv,
            env=given,
            cwd=str(self.directory),
            out=str(out),
            err=str(err),
            file_limit=file_limit,
        )
        return Running(self._launcher, answer["pid"], out, err)

    def run(self, *argv: str, seconds: float = 60, **given: Any) -> Done:
        """A command from start to end."""
        return self.start(*argv, **given).wait(seconds)

    def ok(self, *argv: str, **given: Any) -> Done:
        """A command that must succeed."""
        done = self.run(*argv, **given)
        assert done.code == 0, done
        return done

    def deliver(self, *mails: bytes) -> None:
        """Mails arrive in the shop's inbox."""
        for mail in mails:
            self.dovecot.deliver(mail, self.user)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database holds, read behind the service's back."""
        path = self.data / "mailbot.sqlite3"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as db:
            return list(db.execute(query))

    def one(self, query: str) -> Any:
        """The first value of a query."""
        return self.rows(query)[0][0]

    def states(self, table: str) -> dict[str, int]:
        """How many rows of `mails` or `replies` are in each state."""
        return dict(self.rows(f"SELECT state, count(*) FROM {table} GROUP BY state"))


def cases_by_mail(shop: Shop) -> Sequence[int]:
    """How many cases each mail that is no copy has: all ones when none is lost and none is twice."""
    query = (
        "SELECT count(cases.id) FROM mails LEFT JOIN cases ON cases.mail_id = mails.id "
        "WHERE mails.note IS NULL OR mails.note NOT LIKE 'copie identique%' GROUP BY mails.id"
    )
    return [row[0] for row in shop.rows(query)]

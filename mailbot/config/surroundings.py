"""What the machine around us says: environment variables, and where the shipped files lie."""

import os
import re
import shlex
import sys
from pathlib import Path

from mailbot.config.sections import Storage
from mailbot.errors import ConfigError


def database_url(storage: Storage) -> str:
    """The SQLAlchemy URL: storage.url_env, storage.url, else an SQLite file in storage.directory."""
    if storage.url_env:
        value = os.environ.get(storage.url_env, "").strip()
        if not value:
            raise ConfigError(
                f"storage.url_env : la variable d'environnement {storage.url_env} n'est pas définie ou est vide."
            )
        return value
    return storage.url or f"sqlite:///{storage.directory / 'mailbot.sqlite3'}"


def editor() -> list[str]:
    """The person's text editor as a command line ($VISUAL, $EDITOR, else nano)."""
    return shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "nano")


def graphical() -> bool:
    """True when a browser can be opened before the person's eyes."""
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(shown) or sys.platform in ("darwin", "win32")


def notify_socket() -> str | None:
    """Where systemd wants to be told (sd_notify), or None."""
    return os.environ.get("NOTIFY_SOCKET")


def watchdog_seconds() -> float | None:
    """systemd's watchdog period in seconds, or None."""
    value = os.environ.get("WATCHDOG_USEC", "")
    return int(value) / 1_000_000 if re.fullmatch(r"\d+", value) else None


def compute_in_one_thread() -> None:
    """Before numpy is first imported: more threads take twice the processor time, and longer, for what we compute. What
    the environment says already stands."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def cache_home() -> Path:
    """Where `explain` keeps the trained model between two calls (XDG base directories)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mailbot"


def defaults_dir() -> Path:
    """The directory that holds the shipped rules/, templates/ and config.example.toml."""
    packaged = Path(__file__).parents[1] / "_defaults"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]

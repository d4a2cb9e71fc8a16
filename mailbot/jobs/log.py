"""The service's log: French lines on standard error, one a fact; systemd adds the time, on a terminal we do."""

import logging
import re
import sys

from mailbot.errors import MailbotError, SignedOut

log = logging.getLogger("mailbot")

_LIBRARIES = (
    "apscheduler",
    "imapclient",
)  # a turn skipped on a busy machine, odd bytes of a server: no news to anybody
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class _Lines(logging.Formatter):
    """Words of servers and mails get into messages: they must not steer a terminal or forge a line's beginning."""

    def format(self, record: logging.LogRecord) -> str:
        return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", super().format(record)).replace("\n", "\n    ")


def to_stderr(*, verbose: bool) -> None:
    """Print the log on standard error (called once by the command line)."""
    handler = logging.StreamHandler()
    timed = "%(asctime)s " if sys.stderr.isatty() else ""
    handler.setFormatter(_Lines(f"{timed}%(levelname)s %(message)s", "%H:%M:%S"))
    logging.addLevelName(logging.WARNING, "ATTENTION")
    logging.addLevelName(logging.ERROR, "ERREUR")
    log.addHandler(handler)
    _calm_libraries()
    log.setLevel(logging.DEBUG if verbose else logging.INFO)


def to_nowhere() -> None:
    """Print nothing of the log: the demonstration shows its own lines."""
    log.addHandler(logging.NullHandler())
    log.propagate = False
    _calm_libraries()


def _calm_libraries() -> None:
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.ERROR)


def level(error: MailbotError) -> int:
    """How loud a trouble of an account is told: as a warning, but once only that it must be connected again."""
    return logging.DEBUG if isinstance(error, SignedOut) and not error.news else logging.WARNING


def about(account: str, what: str, message: str) -> str:
    """A trouble of an account's folder or duty; `message` often begins with the account itself, which is said once."""
    own = f"compte « {account} »"
    rest = message.removeprefix(own).lstrip(" ,:") if message.startswith(own) else message
    return f"{own}, {what} : {rest}"

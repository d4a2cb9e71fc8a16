"""The service's log: French lines on standard error, one a fact; systemd adds the time."""

import logging

log = logging.getLogger("mailbot")


def to_stderr(*, verbose: bool) -> None:
    """Print the log on standard error (called once by the command line)."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.addLevelName(logging.WARNING, "ATTENTION")
    logging.addLevelName(logging.ERROR, "ERREUR")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG if verbose else logging.INFO)

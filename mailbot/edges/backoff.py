"""How long to wait before knocking again at a server that did not answer."""

_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300)


def backoff(attempt: int, jitter: float = 0.0) -> float:
    """Seconds to wait after failed `attempt` (1 = the first): 1, 2, 5, 10, 30, 60, 120, then 300 for ever.

    `jitter`, between -1 and 1 and drawn by the caller, moves the result by up to a fifth, so that several
    mailboxes on one server do not come back all at once."""
    base = _SECONDS[min(max(attempt, 1), len(_SECONDS)) - 1]
    return base * (1 + 0.2 * max(-1.0, min(1.0, jitter)))

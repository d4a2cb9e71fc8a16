"""A hole in a letter is told twice, as a missing fact and by the guards: once is enough for a reader."""

from mailbot.model import Reply


def beyond_holes(reply: Reply) -> tuple[str, ...]:
    """What the guards say besides that a fact is missing, which `missing` names already."""
    holes = [f"« [à compléter : {name}] »" for name in reply.missing]
    return tuple(one for one in reply.blocked if not any(hole in one for hole in holes))

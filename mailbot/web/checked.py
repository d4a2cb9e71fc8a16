"""Whether a working copy would load: each state of the files is tried once, however many pages ask."""

from collections import OrderedDict
from collections.abc import Mapping

from mailbot.edges.store.versions import content_digest
from mailbot.errors import RuleError
from mailbot.jobs import rule_drafts
from mailbot.rulebook import Rulebook

_KEPT = 16


def mark(files: Mapping[str, bytes]) -> str:
    """What tells one working copy from another."""
    told = "\n".join(f"{name} {content_digest(data)}" for name, data in sorted(files.items()))
    return content_digest(told.encode())


class Checks:
    """The newest answers; two threads may find the same one, which does no harm."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()

    def problems(self, files: Mapping[str, bytes], in_service: Rulebook) -> tuple[str, ...]:
        """Why these files could not be published in place of the rules in service (French); nothing when they could."""
        key = (mark(files), in_service.digest)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _tried(files, in_service)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found


def _tried(files: Mapping[str, bytes], in_service: Rulebook) -> tuple[str, ...]:
    try:
        with rule_drafts.tried(files, in_service):
            return ()
    except RuleError as error:
        return tuple(str(error).splitlines())

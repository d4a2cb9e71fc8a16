"""Changed rules and templates are taken up while the service runs; those it cannot use are refused and told once."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mailbot.edges.store import rule_state
from mailbot.errors import RuleError
from mailbot.jobs.log import log
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.rulebook import files

Stamp = frozenset[tuple[Path, int, int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where rules and templates lie, and how a line is made of them (raises RuleError)."""

    folders: tuple[Path, ...]
    build: Callable[[], Line]

    def stamp(self) -> Stamp:
        """What the files look like from outside, some milliseconds: names, times, sizes."""
        found = set()
        for path in (path for folder in self.folders for path in files(folder)):
            with suppress(OSError):  # gone since it was listed
                about = path.stat()
                found.add((path, about.st_mtime_ns, about.st_size, about.st_ino))
        return frozenset(found)


class Watch:
    """Looks at the files of a `source` now and then. `known`: their stamp before the present line was built."""

    def __init__(self, workplace: Workplace, source: Source, known: Stamp) -> None:
        self._workplace, self._source = workplace, source
        self._known = self._before = known

    def look(self, now: Callable[[], datetime]) -> bool:
        """Take up what has changed; True when a new line is in place. Files that changed since the last look are still
        being saved: they are read at the next one. Each change is read once, and when it is refused the line stays."""
        found, before = self._source.stamp(), self._before
        self._before = found
        if found == self._known or found != before:
            return False
        self._known = found
        return self._reload(found, now)

    def _reload(self, found: Stamp, now: Callable[[], datetime]) -> bool:
        workplace = self._workplace
        try:
            line = self._source.build()
        except RuleError as error:
            self._refuse(str(error), now())
            return False
        except Exception as error:  # noqa: BLE001 - the job boundary: the service goes on with the rules it has
            log.exception("règles : erreur imprévue pendant la lecture")
            self._refuse(f"erreur imprévue ({type(error).__name__} : {error})", now())
            return False
        if self._source.stamp() != found:
            return False  # perhaps half old, half new: the next look reads them again
        changed = line.rulebook.digest != workplace.line.rulebook.digest
        if changed:
            workplace.line = line
            log.info("règles et modèles relus, empreinte %s.", line.rulebook.digest[:12])
        rule_state.in_service(workplace.store, line.rulebook.digest, now())
        return changed

    def _refuse(self, reasons: str, now: datetime) -> None:
        kept = self._workplace.line.rulebook.digest[:12]
        log.error("règles modifiées refusées, les précédentes (%s) restent en service :\n%s", kept, reasons)
        rule_state.refused(self._workplace.store, reasons, now)

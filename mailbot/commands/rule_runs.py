"""What `mailbot rules` runs or counts: the sample mails, and the cases of the database."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mailbot.commands.opening import DEFAULT_CONFIG, read_config

if TYPE_CHECKING:
    from mailbot.edges.store import Store
    from mailbot.jobs.samples import Outcome
    from mailbot.situation import Situation


def sample_outcomes(
    rules_dir: Path, templates_dir: Path, chosen: "list[Situation]", situation: str | None
) -> "list[Outcome]":
    """What came of the sample mails of these situations' rows (all when `situation` is None)."""
    from mailbot.commands.opening import load_line
    from mailbot.config import cache_home
    from mailbot.jobs import samples
    from mailbot.line import Line

    rows = {one.ligne for one in chosen}
    some = [one for one in samples.read(rules_dir) if situation is None or one.row in rows]
    line = load_line(rules_dir, templates_dir, cache_home()) if some else None

    def line_for(shadow: bool) -> Line:
        assert line is not None
        return Line.build(line.rulebook, line.model, shadow=shadow) if shadow else line

    return list(samples.run(some, line_for))


def taken_by(config: Path | None, count: "Callable[[Store], Mapping[str, int]]") -> Mapping[str, int] | None:
    """What the database of the configuration counts; None without configuration or database."""
    from mailbot.commands.opening import open_database

    path = config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)
    if path is None:
        return None
    with open_database(read_config(path)) as store:
        return count(store)

"""The watched folder: every orders file dropped there is imported, then filed away."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from mailbot.config import defaults_dir
from mailbot.edges.store import orders
from mailbot.errors import OrdersFileError, RuleError
from mailbot.jobs.log import log
from mailbot.jobs.workplace import Workplace
from mailbot.rule_files import read_exports
from mailbot.ruleset.exports import OrderExport
from mailbot.steps.french import counted

SETTLED = timedelta(seconds=10)


def watched(workplace: Workplace, now: Callable[[], datetime]) -> int:
    """Import every settled .csv of the watched folder, the oldest first; returns how many files.

    A file that was touched in the last ten seconds may still be being written and waits for the next turn. Imported
    files move to `importes/`, unreadable ones to `refuses/` with a .txt that says why. A mistake in the rules of
    exports refuses no file: all wait until it is mended."""
    folder = workplace.config.orders.import_folder
    if folder is None or not is_there(folder) or not (waiting := _settled(folder, now())):
        return 0
    try:
        exports = read_exports(workplace.config.rules_dir or defaults_dir() / "rules")
    except RuleError as error:
        log.error(
            "commandes : %s en attente, les règles ne se lisent pas : %s",
            counted(len(waiting), "fichier"),
            error,
        )
        return 0
    done = 0
    for path in waiting:
        try:
            _import(workplace, path, exports, now())
        except OSError as error:
            log.error(
                "commandes : %s ne peut pas être rangé (%s). Corrigez les droits du dossier.", path, error
            )
            continue
        done += 1
    return done


def is_there(folder: Path) -> bool:
    """Whether it is a folder that can be looked into; a share that was lost is not."""
    try:
        next(folder.iterdir(), None)
    except OSError:
        return False
    return True


def _settled(folder: Path, now: datetime) -> list[Path]:
    """What nobody writes any more: by their own time, so that the newest word on an order is the last. A time ahead of
    ours is that of another machine's clock."""
    found = []
    for path in folder.glob("*.csv"):
        with suppress(FileNotFoundError):
            touched = path.stat().st_mtime
            if abs(now.timestamp() - touched) >= SETTLED.total_seconds():
                found.append((touched, path))
    return [path for _, path in sorted(found)]


def _import(workplace: Workplace, path: Path, exports: Sequence[OrderExport], now: datetime) -> None:
    try:
        report = orders.import_file(workplace.store, path, now, exports=exports)
    except OrdersFileError as error:
        target = _file_away(path, "refuses", now)
        target.with_suffix(".txt").write_text(f"{error}\n", "utf-8")
        log.error("commandes : %s", error)
        return
    target = _file_away(path, "importes", now)
    if report.broken:
        lines = "\n".join(f"ligne {line} : {reason}" for line, reason in report.broken)
        target.with_suffix(".txt").write_text(lines + "\n", "utf-8")
    for one in report.unknown_channels:
        log.warning(
            "commandes : %s, canal inconnu « %s » (%s, la première : %d), importé comme « autre ».",
            path.name,
            one.word,
            counted(one.rows, "ligne"),
            one.line,
        )
    log.info(
        "commandes : %s importé, %s, %s, %s.",
        path.name,
        counted(report.imported, "nouvelle"),
        counted(report.updated, "mise à jour", "mises à jour"),
        counted(report.broken_count, "refusée"),
    )


def _file_away(path: Path, where: str, now: datetime) -> Path:
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    return path.rename(folder / f"{now:%Y%m%d-%H%M%S}-{path.name}")

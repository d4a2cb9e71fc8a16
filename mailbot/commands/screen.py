"""What every command prints with: a rich console for people, JSON lines for scripts."""

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, repeat
from threading import Timer
from typing import Any, TypeVar

from rich.console import Console

from mailbot.steps.french import SHORT_DAYS
from mailbot.zone import PARIS

T = TypeVar("T")


def console() -> Console:
    """Standard output, as wide as the terminal (or 120 columns in a pipe)."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def print_json(value: Any) -> None:
    """One JSON value on one line, UTF-8."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    empty: str,
    title: str | None = None,
    styles: Sequence[str] = (),
    whole: Collection[str] = (),
) -> None:
    """A table, or the sentence `empty` when there are no rows; headings that are all empty are left out. `styles`:
    rich's style of each row, if any; `whole`: the headings of columns that are never broken into lines."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=title, header_style="bold", title_justify="left", show_header=any(headings))
    for heading in headings:
        shown.add_column(heading, min_width=len(heading), no_wrap=heading in whole, overflow="fold")
    for row, style in zip(rows, chain(styles, repeat("")), strict=False):
        shown.add_row(*(Text(cell) for cell in row), style=style or None)
    out = console()
    out.print(shown if shown.row_count else empty)


def moment(instant: datetime | None) -> str:
    """A French date and time in Paris, short; a dash when there is none."""
    if instant is None:
        return "—"
    local = instant.astimezone(PARIS)
    return f"{SHORT_DAYS[local.weekday()]} {local:%d/%m} {local:%H:%M}"


def remaining(due: datetime, now: datetime) -> str:
    """What is left before a deadline, in words."""
    seconds = int((due - now).total_seconds())
    late, minutes = seconds < 0, abs(seconds) // 60
    days, hours = minutes // 1440, minutes % 1440 // 60
    span = f"{days} j {hours} h" if days else f"{hours} h {minutes % 60:02d}"
    return f"dépassé de {span}" if late else f"reste {span}"


@contextmanager
def patience(what: str) -> Iterator[None]:
    """Says on standard error what is being waited for, once it has lasted more than a moment."""
    late = Timer(1.5, lambda: print(f"mailbot : {what}…", file=sys.stderr, flush=True))
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Any]:
    """A progress bar on standard error; yields a function that is told how much is done so far."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = Console(stderr=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.update(task, completed=done)


def compact(values: Mapping[str, T | None]) -> dict[str, T]:
    """The entries that have a value."""
    return {key: value for key, value in values.items() if value is not None}


def share(part: float) -> str:
    """A part of one as a percentage, as French writes it."""
    return f"{100 * part:.0f}\u00a0%"

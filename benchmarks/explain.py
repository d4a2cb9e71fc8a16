"""How fast mails are judged on one core:  python -m benchmarks.explain [DIR] [--orders CSV] [--rounds N] [--json]

By default the 300 mails of tests/corpus. `without_io` goes from the bytes of a batch of mails to the answers `explain`
gives, the orders and threads they point at having been looked up before; `whole` also reads the files, asks the
database and writes the JSON. Mails per second: of the best round, and of the one in the middle."""

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import service
from benchmarks.intake import show
from mailbot.commands.opening import load_line, settle
from mailbot.config import cache_home
from mailbot.edges.store import orders
from mailbot.jobs import explanation
from mailbot.jobs.explanation import BATCH
from mailbot.jobs.prepare import Desk
from mailbot.model import Finding, History, RawMail

TOP = Path(__file__).parents[1]
CORPUS = TOP / "tests" / "corpus"


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures of one run, as JSON holds them."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    files = sorted(options.directory.glob("*.eml"))
    service.run(
        [*service.mailbot(), "explain", "--json", str(files[0])]
    )  # learns, checks the rules, fills the cache
    start = time.perf_counter()
    line = load_line(TOP / "rules", TOP / "templates", cache_home())
    loading = time.perf_counter() - start
    with explanation.open_explainer(line, options.orders) as explainer:
        settle()
        raws = [raw for path in files if isinstance(raw := explanation.read_mail(path, None), RawMail)]
        ready = [_ready(explainer.desk, raws[at : at + BATCH]) for at in range(0, len(raws), BATCH)]

        def whole() -> None:
            for answer in explainer.explain(files, None):
                json.dumps(answer, ensure_ascii=False, default=str)

        def without_io() -> None:
            for batch, findings in ready:
                _answers(explainer.desk, batch, findings)

        figures: dict[str, Any] = {"mails": len(raws), "seconds_loading": round(loading, 2)}
        for work in (without_io, whole):
            rates = [len(raws) / _seconds(work) for _ in range(options.rounds)]
            figures[work.__name__] = round(max(rates))
            figures[f"{work.__name__}_middle"] = round(statistics.median(rates))
    return figures | {"peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)}


def _ready(desk: Desk, batch: list[RawMail]) -> tuple[list[RawMail], list[tuple[Finding, ...]]]:
    """A batch of mails and the orders they point at."""
    clues = [one.clues for one in desk.line.read(batch, desk.reader)]
    return batch, orders.find_many(desk.store, clues, [[] for _ in clues], desk.reader.shapes)


def _answers(desk: Desk, batch: list[RawMail], findings: list[tuple[Finding, ...]]) -> list[dict[str, Any]]:
    """What `explain` says of a batch, asking no database."""
    read = desk.line.read(batch, desk.reader)
    return [
        explanation.as_json("", desk.line.judge(one, found, History(), desk.reader, one.mail.received))
        for one, found in zip(read, findings, strict=True)
    ]


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explain", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, default=CORPUS / "mail")
    parser.add_argument("--orders", type=Path, default=CORPUS / "orders.csv")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options)
    if options.json:
        print(json.dumps(figures))
    else:
        show(figures)


if __name__ == "__main__":
    main()

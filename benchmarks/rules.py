"""How long the rulebook takes to load, and one mail to be decided and its deadlines counted.

`python -m benchmarks.rules [--rounds N] [--json]`: the shipped rules, the sample mails of rules/cas with their orders.
Processor time of this process, so that other programs weigh less; the best of some rounds."""

import argparse
import csv
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from unittest import mock

from mailbot import line as line_module
from mailbot.commands.opening import load_line
from mailbot.config import cache_home, defaults_dir
from mailbot.jobs import samples
from mailbot.jobs.explanation import open_explainer
from mailbot.line import Line
from mailbot.rulebook import load

STAGES = (
    "gather",
    "choose",
    "decide",
)  # of mailbot.line; with Line._deadlines the whole of "decide + deadlines"


def load_times(rounds: int) -> list[float]:
    """Seconds of each load, the first one cold."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        load(defaults_dir() / "rules", defaults_dir() / "templates")
        taken.append(time.process_time() - started)
    return taken


class Watch:
    """Adds up the processor time of wrapped calls."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, call: Callable[..., object]) -> Callable[..., object]:
        def timed(*args: object, **kwargs: object) -> object:
            started = time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                self.seconds += time.process_time() - started

        return timed


def judge_times(rounds: int) -> tuple[list[float], int]:
    """Milliseconds per mail for facts, situation, deadlines and decision, round by round, and the number of mails."""
    line = load_line(None, None, cache_home())
    some = [one for one in samples.read(defaults_dir() / "rules") if not one.mail.seul]
    taken = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _orders(folder / "commandes.csv", some)
        files = [folder / f"{number:04d}.eml" for number in range(len(some))]
        for file, sample in zip(files, some, strict=True):
            file.write_bytes(samples.letter(sample))
        with open_explainer(line, folder / "commandes.csv") as explainer:
            for _ in range(rounds):
                watch = Watch()
                with ExitStack() as stack:
                    for stage in STAGES:
                        wrapped = watch.around(getattr(line_module, stage))
                        stack.enter_context(mock.patch.object(line_module, stage, wrapped))
                    stack.enter_context(mock.patch.object(Line, "_deadlines", _method(watch)))
                    for _answer in explainer.explain(files, None):
                        pass
                taken.append(watch.seconds * 1000 / len(some))
    return taken, len(some)


def _method(watch: Watch) -> Callable[..., object]:
    original = Line._deadlines
    return lambda self, *args: watch.around(original)(self, *args)


def _orders(path: Path, some: list[samples.Sample]) -> None:
    rows = [samples.order_row(order) for one in some for order in one.mail.commandes]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Print both figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    loads = load_times(asked.rounds)
    per_mail, mails = judge_times(asked.rounds)
    figures = {
        "at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "rulebook_load_first_s": round(loads[0], 3),
        "rulebook_load_best_s": round(min(loads), 3),
        "mails": mails,
        "decide_and_deadlines_best_ms": round(min(per_mail), 3),
        "decide_and_deadlines_median_ms": round(statistics.median(per_mail), 3),
    }
    if asked.json:
        print(json.dumps(figures))
        return
    print(
        f"rulebook load: {figures['rulebook_load_first_s']} s cold, {figures['rulebook_load_best_s']} s warm"
    )
    print(
        f"facts, situation, deadlines and decision: {figures['decide_and_deadlines_best_ms']} ms per mail at best, "
        f"{figures['decide_and_deadlines_median_ms']} ms in the middle ({mails} mails)"
    )


if __name__ == "__main__":
    main()

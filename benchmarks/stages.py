"""Where the time of the line goes: the real jobs in one thread, with a stopwatch around each stage."""

import functools
import itertools
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from mailbot import clock, config
from mailbot.commands.opening import open_workplace
from mailbot.edges import mailbox
from mailbot.jobs import intake, prepare
from tests.servers.dovecot import PASSWORD

# module attribute → stage
_STAGES = {
    "mailbot.jobs.intake.header_sender": "ingest",
    "mailbot.jobs.intake.mails.ingest": "ingest",
    "mailbot.jobs.prepare.mails.claim": "claim",
    "mailbot.jobs.prepare.Desk.of": "open",
    "mailbot.line.parse": "parse",
    "mailbot.line.classify": "classify",
    "mailbot.line.match.find_clues": "clues",
    "mailbot.line.match.choose": "match",
    "mailbot.jobs.prepare.orders.find_many": "look up orders",
    "mailbot.jobs.prepare.threads_of.thread_orders": "look up threads",
    "mailbot.jobs.prepare.threads_of.histories": "look up threads",
    "mailbot.line.gather": "facts and decision",
    "mailbot.line.choose": "facts and decision",
    "mailbot.line.decide": "facts and decision",
    "mailbot.line.Line._deadlines": "deadlines",
    "mailbot.line.Line._reply": "compose and guards",
    "mailbot.jobs.prepare.cases.save": "store",
}


class Stopwatch:
    """Processor seconds of this thread by stage, so that other programs do not disturb it; what a stage calls of
    another counts only there."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._stack: list[str] = []
        self._since = time.thread_time()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time inside for `name`."""
        self._turn()
        self._stack.append(name)
        yield
        self._turn()
        self._stack.pop()

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed."""

        @functools.wraps(function)
        def timed(*args: Any, **options: Any) -> Any:
            with self.stage(name):
                return function(*args, **options)

        return timed

    def _turn(self) -> None:
        now = time.thread_time()
        if self._stack:
            self.seconds[self._stack[-1]] += now - self._since
        self._since = now


def measure(settings: Path) -> tuple[dict[str, float], int]:
    """Seconds by stage of a whole pass over the first account of `settings`, and how many mails that were."""
    watch = Stopwatch()
    os.environ["MESURE_SECRET"] = PASSWORD
    account = config.load(settings).accounts[0]
    with watch.stage("open"), ExitStack() as patches:
        workplace = patches.enter_context(open_workplace(settings))
        for target, stage in _STAGES.items():
            _patch(patches, watch, target, stage)
        with watch.stage("fetch"), mailbox.connect(account, PASSWORD) as box:
            intake.fetch_folder(workplace.store, box, account, "INBOX", clock.now)
        with watch.stage("rest"):
            prepared = prepare.run(workplace, clock.now)
    return dict(watch.seconds), prepared


def _patch(patches: ExitStack, watch: Stopwatch, target: str, stage: str) -> None:
    owner_name, _, name = target.rpartition(".")
    owner = _resolve(owner_name)
    function = owner.__dict__[name]
    if isinstance(function, classmethod):
        timed: Any = classmethod(watch.around(stage, function.__func__))
    else:
        timed = watch.around(stage, function)
    patches.enter_context(mock.patch.object(owner, name, timed))


def _resolve(dotted: str) -> Any:
    parts = dotted.split(".")
    found: Any = __import__(parts[0])
    for part in itertools.islice(parts, 1, None):
        found = getattr(found, part)
    return found

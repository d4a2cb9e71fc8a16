"""Replays of past mails with somebody's working copy: one at a time, in a thread of the office, with its progress; each
person's last result stays until the next one."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.edges.store import past
from mailbot.edges.store.conflicts import Impossible
from mailbot.errors import MailbotError
from mailbot.jobs import replay, rule_drafts
from mailbot.jobs.log import log
from mailbot.jobs.prepare import Desk
from mailbot.jobs.replay import Difference, Summary
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.web.checked import mark

FAILED = "le rejeu a échoué ; le journal du service dit pourquoi."


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One replay. `copy`: digest of the working copy it judges with; `done` of `total` mails are judged. `changed`: the
    mails that would be judged otherwise; `stopped`: by its person; `error`: why it ended early (French)."""

    person: str
    copy: str
    total: int
    began_at: datetime
    done: int = 0
    stopped: bool = False
    changed: tuple[Difference, ...] = ()
    error: str = ""

    @property
    def summary(self) -> Summary:
        """The changes, counted."""
        return replay.summary(self.done, self.changed)


class Replays:
    """The one that runs, and the last of each person."""

    def __init__(self, stop: threading.Event) -> None:
        self._lock, self._closing = threading.Lock(), stop
        self._halt = threading.Event()
        self._running: Run | None = None
        self._last: dict[str, Run] = {}

    @property
    def running(self) -> Run | None:
        """The replay that runs now."""
        return self._running

    def last(self, person: str) -> Run | None:
        """What this person's newest finished replay found."""
        return self._last.get(person)

    def start(
        self, workplace: Workplace, person: str, files: Mapping[str, bytes], last: int, now: datetime
    ) -> threading.Thread:
        """Judge the newest `last` mails with these rules and with those in service. Raises Impossible (French) when
        another replay runs, or mails cannot be read."""
        if workplace.line.model is None:
            raise Impossible("le modèle qui lit les mails n'est pas chargé : le rejeu attend.")
        run = Run(person=person, copy=mark(files), total=past.count(workplace.store, last), began_at=now)
        with self._lock:
            if self._running is not None:
                raise Impossible(f"un rejeu est déjà en cours, lancé par {self._running.person}.")
            self._running = run
            self._halt.clear()
        thread = threading.Thread(target=self._work, args=(workplace, files, last, run), name="rejeu")
        thread.start()
        return thread

    def stop(self, person: str) -> bool:
        """End this person's replay early; False when none runs."""
        with self._lock:
            mine = self._running is not None and self._running.person == person
            if mine:
                self._halt.set()
        return mine

    def count(self) -> None:
        """One more mail is judged."""
        with self._lock:
            if self._running is not None:
                self._running = replace(self._running, done=self._running.done + 1)

    def _work(self, workplace: Workplace, files: Mapping[str, bytes], last: int, run: Run) -> None:
        changed: list[Difference] = []
        error = ""
        try:
            self._judge(workplace, files, last, changed)
        except MailbotError as known:
            error = str(known)
        except Exception:  # noqa: BLE001 - a job boundary: whoever looks is told, the pages go on
            log.exception("rejeu de mails passés")
            error = FAILED
        with self._lock:
            done = self._running.done if self._running else 0
            ended = replace(run, done=done, stopped=self._halt.is_set(), changed=tuple(changed), error=error)
            self._last[run.person], self._running = ended, None

    def _judge(
        self, workplace: Workplace, files: Mapping[str, bytes], last: int, changed: list[Difference]
    ) -> None:
        present = workplace.line
        with rule_drafts.tried(files) as book:
            line = Line.build(book, present.model, automatic=workplace.config.sending.automatic)
            desk, against = Desk.of(line, workplace.store), Desk.of(present, workplace.store)
            for one in replay.replay(desk, workplace.store, last, against=against):
                if one.changed:
                    changed.append(one)
                self.count()
                if self._halt.is_set() or self._closing.is_set():
                    return

"""The service in one process: watchers (IDLE), a prepare loop, and APScheduler for what recurs.

Everything it does is a job from jobs/; rows keep the truth, so stopping at any moment loses nothing."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from mailbot import clock, config
from mailbot.config import Account
from mailbot.edges import systemd
from mailbot.engines import agents, watch
from mailbot.errors import MailbotError
from mailbot.jobs import alarms, deliver, orders, prepare, sent_watch, tend
from mailbot.jobs.log import log
from mailbot.jobs.rules import Watch
from mailbot.jobs.workplace import Workplace
from mailbot.steps.french import counted

STOP_SECONDS = 9.0  # systemd and people expect a stop within ten
PREPARE_IDLE_SECONDS = 5.0
DELIVER_SECONDS = 1
TIDY_SECONDS = 20
SUPERVISE_SECONDS = 5
RULES_SECONDS = 2  # changed files are read at the second look
PREPARE_STUCK_SECONDS = 120.0
_SOON = timedelta(seconds=1)
_SETTLED = timedelta(seconds=30)  # before that, a folder that was not read yet is no trouble


class LocalEngine:
    """Runs the jobs until `stop()` or SIGTERM/SIGINT. Use once. `page` serves the agents until the event is set."""

    def __init__(
        self,
        workplace: Workplace,
        rules: Watch | None = None,
        page: Callable[[threading.Event], None] | None = None,
    ) -> None:
        self._workplace, self._rules, self._page = workplace, rules, page
        self._stop = threading.Event()
        self._news = threading.Event()
        self._threads: dict[str, threading.Thread] = {}
        self._beat = time.monotonic()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            executors={"default": ThreadPoolExecutor(8 + 2 * len(workplace.config.accounts))},
        )

    def run(self) -> bool:
        """Start everything, block until asked to stop, then stop within ten seconds.

        False when a job still waits for a server: its row says what it was doing, the process need not wait for it."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self.start()
        systemd.notify(config.notify_socket(), "READY=1\nSTATUS=En service")
        watched = sum(len(account.folders) for account in self._workplace.config.accounts)
        log.info("mailbot est en service : %s.", counted(watched, "dossier surveillé"))
        self._stop.wait()
        systemd.notify(config.notify_socket(), "STOPPING=1\nSTATUS=Arrêt en cours")
        log.info("arrêt demandé : on termine ce qui est commencé.")
        finished = self.join()
        log.info("arrêté, rien n'est perdu.")
        return finished

    def start(self) -> None:
        """Start watchers, the prepare loop and the scheduler; returns at once."""
        self._supervise()
        settings, imports = self._workplace.config.alarms, self._workplace.config.orders
        # systemd's advice is to answer twice as often as it looks
        supervise = min(SUPERVISE_SECONDS, (config.watchdog_seconds() or 60.0) / 2)
        self._every(timedelta(seconds=supervise), self._supervise)
        for account in self._workplace.config.accounts:
            self._serve(account)
        self._every(timedelta(seconds=TIDY_SECONDS), self._tidy_what_is_left)
        self._every(
            timedelta(minutes=settings.every_minutes),
            lambda: alarms.run(self._workplace, clock.now),
            first=_SETTLED,
        )
        self._every(timedelta(hours=24), lambda: tend.purge(self._workplace, clock.now))
        if self._rules is not None:
            self._every(timedelta(seconds=RULES_SECONDS), partial(self._rules.look, clock.now))
        if imports.import_folder is not None:
            self._every(
                timedelta(minutes=imports.every_minutes), lambda: orders.watched(self._workplace, clock.now)
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Ask everything to stop; safe from a signal handler."""
        self._stop.set()
        self._news.set()

    def _serve(self, account: Account) -> None:
        """Jobs of their own for each account: none waits for another's server."""
        workplace = self._workplace
        self._every(
            timedelta(seconds=DELIVER_SECONDS),
            lambda: deliver.run_account(workplace, account.name, clock.now, self._stop),
        )
        self._every(timedelta(seconds=TIDY_SECONDS), lambda: tend.tidy_account(workplace, account, clock.now))

    def _tidy_what_is_left(self) -> None:
        if not self._workplace.alone():
            log.error(
                "un autre service a pris la place de celui-ci sur la base de données ; celui-ci s'arrête."
            )
            self.stop()
            return
        tend.expire(self._workplace, clock.now())
        sent_watch.settle(self._workplace, clock.now)
        deliver.gone(self._workplace, clock.now, self._stop)

    def join(self) -> bool:
        """Wait for the running jobs, at most STOP_SECONDS; rows left in the middle are taken up at the next start."""
        deadline = time.monotonic() + STOP_SECONDS
        closer = threading.Thread(target=self._scheduler.shutdown, daemon=True)
        closer.start()
        waited = (*self._threads.values(), closer)
        for thread in waited:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in waited)

    def _every(self, period: timedelta, job: Callable[[], object], *, first: timedelta = _SOON) -> None:
        self._scheduler.add_job(
            _guarded(job),
            "interval",
            seconds=period.total_seconds(),
            next_run_time=clock.now() + min(period, first),
        )

    def _supervise(self) -> None:
        """Start what should run and does not (a thread that died of a bug), and tell systemd we are alive."""
        if self._stop.is_set():
            return
        for name, target in self._duties().items():
            thread = self._threads.get(name)
            if thread is not None and thread.is_alive():
                continue
            if thread is not None:
                log.error("« %s » s'est arrêté sur une erreur imprévue ; il est relancé.", name)
            self._threads[name] = threading.Thread(target=target, name=name, daemon=True)
            self._threads[name].start()
        if config.watchdog_seconds() and time.monotonic() - self._beat < PREPARE_STUCK_SECONDS:
            systemd.notify(config.notify_socket(), "WATCHDOG=1")

    def _duties(self) -> dict[str, Callable[[], None]]:
        duties: dict[str, Callable[[], None]] = {"préparation": self._prepare}
        if self._page is not None:
            duties["page des agents"] = partial(self._page, self._stop)
        for account in self._workplace.config.accounts:
            for folder in account.folders:
                job = watch.Watch(
                    store=self._workplace.store,
                    account=account,
                    sign_in=self._workplace.sign_in,
                    folder=folder,
                    now=clock.now,
                    news=self._news.set,
                    stop=self._stop,
                )
                duties[f"{account.name}/{folder}"] = _watcher(job)
            if self._workplace.config.watches_sent(account):
                duties[f"{account.name}, envoyés et brouillons"] = self._follower(account)
        return duties

    def _follower(self, account: Account) -> Callable[[], None]:
        follow = agents.Follow(workplace=self._workplace, account=account, now=clock.now, stop=self._stop)
        return lambda: agents.run(follow)

    def _prepare(self) -> None:
        _try(lambda: prepare.warm(self._workplace, clock.now()))
        while not self._stop.is_set():
            self._alive()
            self._mind_the_clock()
            self._news.clear()
            if not _try(lambda: prepare.run(self._workplace, clock.now, self._stop, self._alive)):
                self._news.wait(PREPARE_IDLE_SECONDS)

    def _mind_the_clock(self) -> None:
        """The machine's clock was set back: the jobs must not wait until it says again what it said before."""
        now = clock.now()
        for job in self._scheduler.get_jobs():
            if job.next_run_time is not None and job.next_run_time - now > job.trigger.interval + _SOON:
                job.modify(next_run_time=now + _SOON)

    def _alive(self) -> None:
        self._beat = time.monotonic()


def _watcher(job: watch.Watch) -> Callable[[], None]:
    return lambda: watch.run(job)


def _guarded(job: Callable[[], object]) -> Callable[[], object]:
    return lambda: _try(job)


def _try(job: Callable[[], object]) -> object:
    """Run a job; a known trouble is logged and tried again at its next turn."""
    try:
        return job()
    except MailbotError as error:
        log.error("%s", error)
        return None

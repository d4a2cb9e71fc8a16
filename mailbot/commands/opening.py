"""From a config path to a workplace: config, rules, model, database."""

import gc
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.commands import screen
from mailbot.zone import PARIS

if TYPE_CHECKING:
    from mailbot.config import Config
    from mailbot.edges.store.connection import Store
    from mailbot.edges.store.replies import StoredReply
    from mailbot.jobs.rules import Source, Watch
    from mailbot.jobs.workplace import Workplace
    from mailbot.line import Line
    from mailbot.rulebook import Rulebook
    from mailbot.ruleset.guards import Guards

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config", "-c", help="Fichier de configuration.", envvar="MAILBOT_CONFIG", show_envvar=True
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Sortie JSON, une valeur par ligne, pour les scripts.")
]
DEFAULT_CONFIG = Path("config.toml")


def instant(text: str, option: str) -> datetime:
    """An ISO 8601 instant; without offset it is Europe/Paris. Raises a usage error (French)."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{option} : « {text} » n'est pas une date écrite comme 2026-11-23T10:15 "
            "(le 23 novembre 2026 à 10 h 15, heure de Paris)"
        ) from error
    return value if value.tzinfo else value.replace(tzinfo=PARIS)


def read_config(path: Path) -> "Config":
    """The validated configuration. Raises ConfigError (French)."""
    from mailbot import config

    return config.load(path)


@contextmanager
def open_database(config: "Config") -> "Iterator[Store]":
    """The database of a configuration, migrated if need be."""
    from mailbot.config import database_url
    from mailbot.edges.store.connection import open_store

    store = open_store(database_url(config.storage), config.storage.directory)
    try:
        yield store
    finally:
        store.close()


def load_rulebook(
    rules: Path | None, templates: Path | None, *, remembered_in: Path | None = None
) -> "Rulebook":
    """The rulebook of these folders, by default the shipped ones; `remembered_in`: see rulebook.load. Raises RuleError
    (French) when in doubt."""
    from mailbot.config import defaults_dir
    from mailbot.errors import RuleError
    from mailbot.rulebook import load

    for key, folder in (("rules_dir", rules), ("templates_dir", templates)):
        if folder is not None and not folder.is_dir():
            raise RuleError(
                f"{key} : le dossier {folder} n'existe pas. Corrigez ce chemin, ou « mailbot init »."
            )
    folders = rules or defaults_dir() / "rules", templates or defaults_dir() / "templates"
    return load(*folders, remembered_in=remembered_in)


def load_line(
    rules: Path | None,
    templates: Path | None,
    cache: Path,
    *,
    config: "Config | None" = None,
    **switches: bool,
) -> "Line":
    """Rules, templates and the trained model, ready to judge. Raises RuleError (French) when in doubt.

    `config`: says where files to enclose lie; `switches`: `shadow` and `automatic` of Line."""
    from mailbot.config import defaults_dir
    from mailbot.jobs.deliver import enclosure_folder
    from mailbot.line import Line
    from mailbot.recognition import model_for

    rulebook = load_rulebook(rules, templates, remembered_in=cache)
    learning = screen.patience("apprentissage des exemples, une demi-minute, seulement quand ils ont changé")
    model = model_for(rules or defaults_dir() / "rules", cache, rulebook.recognition, learning)
    folder = enclosure_folder(config) if config else None
    return Line.build(rulebook, model, enclosures_in=folder, **switches)


def load_guards(config: "Config") -> "Guards":
    """rules/garde_fous.toml of a configuration, read alone. Raises RuleError (French)."""
    from mailbot.config import defaults_dir
    from mailbot.rule_files import read_toml
    from mailbot.ruleset.guards import Guards

    return read_toml((config.rules_dir or defaults_dir() / "rules") / "garde_fous.toml", Guards)


def settle() -> None:
    """Before much work: what is loaded by now stays, and the garbage collector need not look through it again."""
    if not gc.get_freeze_count():
        gc.freeze()


def load_checker(config: "Config") -> "Callable[[StoredReply, str, str, datetime], tuple[str, ...]]":
    """The guards for a rewritten text: (reply, text, subject, now) → French reasons why it may not leave."""
    from mailbot.steps.french import paris_day
    from mailbot.steps.guards import CaseFacts, OutputRules, check

    rules = OutputRules.compiled(load_guards(config))

    def checked(reply: "StoredReply", text: str, subject: str, now: datetime) -> tuple[str, ...]:
        facts = CaseFacts.from_json(reply.reply.facts)
        return check(text, subject, facts, rules, today=paris_day(now))

    return checked


@contextmanager
def open_workplace(path: Path, *, model_cache: Path | None = None) -> "Iterator[Workplace]":
    """Everything the jobs need, as the only worker on this data directory; what a dead worker left is taken over.

    `model_cache`: where the trained model is kept, by default in the data directory."""
    with open_service(path, model_cache=model_cache) as (workplace, _rules):
        yield workplace


@contextmanager
def open_service(path: Path, *, model_cache: Path | None = None) -> "Iterator[tuple[Workplace, Watch]]":
    """As open_workplace, with what keeps an eye on the files of rules and templates."""
    from mailbot import clock
    from mailbot.edges.store import rule_state
    from mailbot.edges.store.sole_worker import sole_worker
    from mailbot.edges.worker_lock import only_worker
    from mailbot.jobs import tend
    from mailbot.jobs.rules import Watch
    from mailbot.jobs.workplace import Workplace

    config = read_config(path)
    source = _source(config, model_cache)
    with ExitStack() as held:
        held.enter_context(only_worker(config.storage.directory))
        store = held.enter_context(open_database(config))
        if (folder := _shared_folder(config, store)) is not None:
            held.enter_context(only_worker(folder))
        alone = held.enter_context(sole_worker(store))
        known = source.stamp()
        owner = f"{socket.gethostname()}:{os.getpid()}:{clock.now():%Y%m%d%H%M%S%f}"
        workplace = Workplace(config=config, store=store, line=source.build(), owner=owner, alone=alone)
        tend.take_over(workplace, clock.now())
        rule_state.in_service(store, workplace.line.rulebook.digest, clock.now())
        settle()
        yield workplace, Watch(workplace, source, known)


def _shared_folder(config: "Config", store: "Store") -> Path | None:
    """Where an SQLite file lies that storage.url puts outside the data directory: two services may share it."""
    if store.engine.dialect.name != "sqlite":
        return None
    folder = Path(str(store.engine.url.database)).resolve().parent
    return None if folder == config.storage.directory.resolve() else folder


@contextmanager
def open_alone(path: Path) -> "Iterator[tuple[Workplace, Watch]]":
    """As open_service, beside whoever is the worker: for what reads, and writes only what people do."""
    from mailbot.jobs.rules import Watch
    from mailbot.jobs.workplace import Workplace

    config = read_config(path)
    source = _source(config, None)
    with open_database(config) as store:
        known = source.stamp()
        workplace = Workplace(config=config, store=store, line=source.build(), owner="page")
        yield workplace, Watch(workplace, source, known)


def _source(config: "Config", model_cache: Path | None) -> "Source":
    """Where the rules and templates of a configuration lie, and how a line is made of them."""
    from mailbot.config import defaults_dir
    from mailbot.jobs.rules import Source

    rules, templates = config.rules_dir, config.templates_dir
    cache = model_cache or config.storage.directory / "modele"
    return Source(
        folders=(rules or defaults_dir() / "rules", templates or defaults_dir() / "templates"),
        build=lambda: load_line(rules, templates, cache, automatic=config.sending.automatic, config=config),
    )

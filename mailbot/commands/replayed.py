"""How `mailbot replay` gets its two sets of rules, and how it shows what differs."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailbot.commands import private, screen
from mailbot.commands.opening import load_line, open_database
from mailbot.jobs import replay_words
from mailbot.jobs.replay_words import ACTIONS, KINDS
from mailbot.steps.french import counted

if TYPE_CHECKING:
    from rich.text import Text

    from mailbot.config import Config
    from mailbot.edges.store.connection import Store
    from mailbot.jobs.replay import Difference, Summary
    from mailbot.line import Line
    from mailbot.steps.side_by_side import Piece


told = partial(replay_words.told, named=str, at=screen.moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which mails, and against what: `against` is a published version."""

    files: tuple[Path, ...]
    last: int | None
    since: datetime | None
    against: int | None
    orders: Path | None
    at: datetime | None


def changes(
    found: "Iterator[Difference]", told: Callable[[Any], None] | None
) -> "tuple[Summary, list[Difference]]":
    """What changes, and the sum of it; `told` hears each change as it is found."""
    from mailbot.jobs.replay import summary

    seen, changed = 0, []
    for difference in found:
        seen += 1
        if difference.changed:
            changed.append(difference)
            if told is not None:
                told(difference.as_dict())
    return summary(seen, changed), changed


def differences(
    config: "Config", wanted: Wanted, rules: Path | None, templates: Path | None
) -> "Iterator[Difference]":
    """Every mail on both sides, with a progress bar. `rules`, `templates`: instead of those of the configuration."""
    from mailbot.edges.store import past
    from mailbot.jobs import replay
    from mailbot.jobs.explanation import open_explainer
    from mailbot.jobs.prepare import Desk

    with ExitStack() as open_things:
        store = open_things.enter_context(open_database(config))
        line = _line(config, rules or config.rules_dir, templates or config.templates_dir)
        before = open_things.enter_context(_version_line(config, store, wanted))
        if wanted.files:
            new = open_things.enter_context(open_explainer(line, wanted.orders))
            old = Desk.of(before or line, new.desk.store)
            found = replay.replay_files(new.desk, old, wanted.files, wanted.at)
            total = len(wanted.files)
        else:
            against = None if before is None else Desk.of(before, store)
            found = replay.replay(Desk.of(line, store), store, wanted.last, wanted.since, against)
            total = past.count(store, wanted.last, wanted.since)
        progressed = open_things.enter_context(screen.progress("Mails", total))
        for seen, difference in enumerate(found, 1):
            progressed(seen)
            yield difference


def _line(config: "Config", rules: Path | None, templates: Path | None) -> "Line":
    cache = config.storage.directory / "modele"
    return load_line(rules, templates, cache, automatic=config.sending.automatic, config=config)


@contextmanager
def _version_line(config: "Config", store: "Store", wanted: Wanted) -> "Iterator[Line | None]":
    """The rules to compare with: the version asked for; for files else the newest one, else those that came with the
    program. None: what was judged at the time."""
    from mailbot.edges import rule_folders
    from mailbot.edges.store import versions

    number = wanted.against
    if number is None and wanted.files:
        number = next((one.number for one in versions.list_versions(store)), None)
    if number is None:
        yield _line(config, None, None) if wanted.files else None
        return
    files = versions.contents(store, versions.get(store, number))
    with tempfile.TemporaryDirectory(prefix="mailbot-") as name:
        laid = rule_folders.lay_out(files, Path(name))
        yield _line(config, laid.rules, laid.templates)


def show(total: "Summary", changed: "Sequence[Difference]", details: int) -> None:
    """The counts, every changed mail on a line, and the first texts side by side."""
    if not changed:
        print(f"Rien ne changerait. {counted(total.seen, 'mail rejugé')}.")
        return
    screen.table(
        ("Mail", "Objet", "Ce qui change", "Avant", "Maintenant"),
        [_row(one) for one in changed],
        empty="",
    )
    for one in [one for one in changed if "text" in one.changed][:details]:
        _show_texts(one)
    for line in in_words(total):
        print(line)


def _row(one: "Difference") -> tuple[str, ...]:
    return (
        one.name,
        one.subject,
        ", ".join(KINDS[name] for name in one.changed),
        "\n".join(told(one, before=True)),
        "\n".join(told(one, before=False)),
    )


def _show_texts(one: "Difference") -> None:
    from rich.table import Table

    from mailbot.steps.side_by_side import only_changes, rows

    shown = Table(title=f"{one.name} — {one.subject}", title_justify="left", expand=True, show_lines=True)
    shown.add_column("Avant", ratio=1)
    shown.add_column("Maintenant", ratio=1)
    for row in only_changes(rows(one.before.text or "", one.after.text or "")):
        shown.add_row(
            _marked(row.left, "red"), _marked(row.right, "green"), style="" if not row.same else "dim"
        )
    screen.console().print(shown)


def _marked(pieces: "Sequence[Piece]", style: str) -> "Text":
    from rich.text import Text

    return Text.assemble(*((words, style if changed else "") for words, changed in pieces))


def in_words(total: "Summary") -> list[str]:
    """The whole in a few French lines."""
    changed = counted(total.changed, "jugement différent")
    lines = [f"{counted(total.seen, 'mail rejugé')}, {changed}."]
    lines += [f"  {KINDS[kind]} : {count}" for kind, count in total.kinds]
    lines += [f"  {a or 'aucune'} → {b or 'aucune'} : {count}" for a, b, count in total.situations]
    lines += [f"  {ACTIONS[a]} → {ACTIONS[b]} : {count}" for a, b, count in total.actions]
    lines += [f"  manquerait : {name} ({count})" for name, count in total.missing]
    lines += [f"  garde-fou : {reason} ({count})" for reason, count in total.blocked]
    return lines


def write_html(path: Path, total: "Summary", changed: "Sequence[Difference]", now: datetime) -> None:
    """The whole report as one file without anything from outside."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from mailbot.steps.side_by_side import rows

    world = Environment(
        loader=PackageLoader("mailbot.commands", ""), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    texts = {
        number: rows(one.before.text or "", one.after.text or "")
        for number, one in enumerate(changed)
        if "text" in one.changed
    }
    page = world.get_template("replay_report.html.j2").render(
        lines=in_words(total), changed=changed, texts=texts, kinds=KINDS, told=told, when=screen.moment(now)
    )
    private.write(path, page.encode())

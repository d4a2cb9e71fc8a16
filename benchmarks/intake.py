"""How fast mail becomes drafts:  python -m benchmarks.intake [--mails N] [--orders M] [--profile] [--json]"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import download, rival, service, shop, stages
from benchmarks.mails import mails
from tests.servers.dovecot import Dovecot

USER = "sav"


@contextmanager
def mailboxes(
    options: argparse.Namespace, work: Path
) -> Iterator[tuple[Dovecot, list[shop.Order], list[bytes]]]:
    """A running Dovecot, the shop's orders, and the mails that are to come."""
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    orders = shop.orders(options.orders, options.seed, end)
    shop.write_csv(work / "commandes.csv", orders)
    letters = list(mails(options.mails, options.seed, end, orders))
    with Dovecot(certificate=None) as server:
        yield server, orders, letters


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures of one run, as JSON holds them. Rates in mails per second."""
    with tempfile.TemporaryDirectory(prefix="mailbot-mesure-") as name:
        work = Path(name)
        with mailboxes(options, work) as (server, _, letters):
            return _measured(options, work, server, letters)


def _measured(
    options: argparse.Namespace, work: Path, server: Dovecot, letters: list[bytes]
) -> dict[str, Any]:
    account = server.account(USER)
    ours = service.Shop(_made(work / "boutique"), account)
    ours.once()  # trains the model unless it is cached, makes the database
    start = ours.once()[0]
    ours.mailbot("orders", "import", str(work / "commandes.csv"))
    server.drop(letters, USER)
    count = len(letters)
    download.bare(account, quiet=True)  # Dovecot indexes the new mails now, not in a measurement
    loops = {quiet: download.bare(account, quiet=quiet) for quiet in (False, True)}
    run, prepared = ours.once()
    if prepared != count:
        raise RuntimeError(f"{prepared} mails prepared of {count}")
    data = ours.home / "donnees"
    figures: dict[str, Any] = {
        "mails": count,
        "orders": options.orders,
        "average_kb": round(sum(map(len, letters)) / count / 1000, 1),
        "bare_loop": round(count / loops[False]),
        "bare_loop_quiet": round(count / loops[True]),
        "mailbot_once": round(count / run.seconds, 1),
        "mailbot_once_without_start": round(count / (run.seconds - start.seconds), 1),
        "per_cpu_second": round(count / (run.cpu_seconds - start.cpu_seconds), 1),
        "share_of_bare_loop": round(loops[False] / run.seconds, 3),
        "seconds_start": round(start.seconds, 2),
        "cpu_seconds_start": round(start.cpu_seconds, 2),
        "peak_mb": round(run.peak_mb),
        "halfway_peak_mb": round(run.halfway_mb),
        "database_mb": round(sum(path.stat().st_size for path in data.glob("*.sqlite3*")) / 1e6, 1),
        "help_ms": _help_ms(),
        "explain": _explain(work, letters),
    }
    if options.profile:
        figures["stages_ms_per_mail"] = _stages(work, server)
    if python := options.with_django_helpdesk:
        figures["django_helpdesk"] = rival.measure(python, _made(work / "rival"), server, letters)
        figures["times_django_helpdesk"] = round(
            figures["mailbot_once"] / figures["django_helpdesk"]["rate"], 1
        )
    return figures


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


def _help_ms() -> int:
    """The best of five `mailbot --help`."""
    return round(1000 * min(service.run([*service.mailbot(), "--help"]).seconds for _ in range(5)))


def _explain(work: Path, letters: list[bytes]) -> dict[str, float]:
    """`mailbot explain` on up to 1,000 mail files, with the orders file; and how much of it is start."""
    files = [work / f"{number:05}.eml" for number in range(min(1000, len(letters)))]
    for path, data in zip(files, letters, strict=False):
        path.write_bytes(data)
    command = [*service.mailbot(), "explain", "--json", "--orders", str(work / "commandes.csv")]
    start = time.perf_counter()
    service.run([*command, str(files[0])])
    between = time.perf_counter()
    service.run([*command, *map(str, files)])
    alone, together = between - start, time.perf_counter() - between
    return {
        "rate": round(len(files) / together, 1),
        "rate_without_start": round((len(files) - 1) / max(together - alone, 0.001), 1),
        "seconds_start": round(alone, 2),
    }


def _stages(work: Path, server: Dovecot) -> dict[str, float]:
    """The same mailbox once more, into a new database, stage by stage."""
    again = service.Shop(_made(work / "etapes"), server.account(USER))
    again.mailbot("orders", "import", str(work / "commandes.csv"))
    seconds, count = stages.measure(again.config)
    return {
        stage: round(1000 * spent / count, 3)
        for stage, spent in sorted(seconds.items(), key=lambda one: -one[1])
    }


def show(figures: dict[str, Any], indent: str = "") -> None:
    """Print for a person."""
    for name, value in figures.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            show(value, indent + "    ")
        else:
            print(f"{indent}{name:<30} {value}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intake", description=__doc__)
    parser.add_argument("--mails", type=int, default=3000)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", action="store_true", help="also measure each stage, in one thread")
    parser.add_argument(
        "--with-django-helpdesk",
        nargs="?",
        const=sys.executable,
        metavar="PYTHON",
        help="also run django-helpdesk, installed in this environment or in that of PYTHON",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options)
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        show(figures)


if __name__ == "__main__":
    main()

"""What `mailbot once` costs whatever the machine's mood:  python -m benchmarks.instructions [--mails FEW MANY]

Processor instructions, counted by valgrind (Debian package `valgrind`) for two mailboxes: what a start takes, and what
each further mail does. Unlike seconds they are the same in each run; waiting and slow memory do not count. It takes
some minutes, as valgrind is fifty times slower; the shapes of order numbers are learnt anew each minute meanwhile."""

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import service
from benchmarks.intake import USER, mailboxes

_COUNTED = re.compile(r"I +refs: +([\d,]+)")


def counted(options: argparse.Namespace, mails: int) -> int:
    """Instructions of `mailbot once` that takes in and judges so many mails."""
    with TemporaryDirectory(prefix="mailbot-mesure-") as name:
        work = Path(name)
        wanted = argparse.Namespace(mails=mails, orders=options.orders, seed=1)
        with mailboxes(wanted, work) as (server, _, letters):
            (work / "boutique").mkdir()
            ours = service.Shop(work / "boutique", server.account(USER))
            ours.once()
            ours.mailbot("orders", "import", str(work / "commandes.csv"))
            server.drop(letters, USER)
            report = work / "valgrind.txt"
            tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
            service.run([*tool, f"--log-file={report}", *service.mailbot(), "once"], cwd=ours.home)
            found = _COUNTED.search(report.read_text())
    if found is None:
        raise RuntimeError("valgrind counted nothing")
    return int(found[1].replace(",", ""))


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.instructions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--mails", type=int, nargs=2, default=(100, 400), metavar=("FEW", "MANY"))
    parser.add_argument("--orders", type=int, default=20_000)
    options = parser.parse_args(words)
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not installed (Debian: apt install valgrind)")
    few, many = options.mails
    first, second = counted(options, few), counted(options, many)
    each = (second - first) / (many - few)
    print(f"start                {(first - each * few) / 1e6:9.0f} million instructions")
    print(f"each mail            {each / 1e6:9.1f}")


if __name__ == "__main__":
    main()

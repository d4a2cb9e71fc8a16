"""Starts `mailbot` commands by forking a process that has already imported everything and read the rules: real
processes, real signals, without three seconds of start each. Speaks JSON lines on its standard input and output."""

import gc
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any


def serve() -> Any:
    """Answer orders until the end of input; returns only in a child, with the order it is to carry out."""
    ended: dict[int, int] = {}
    for line in sys.stdin:
        order = json.loads(line)
        if "argv" in order:
            pid = os.fork()
            if pid == 0:
                return order
            answer: dict[str, int | None] = {"pid": pid}
        elif "warm" in order:
            rules, templates = (Path(order[name]) if order[name] else None for name in ("rules", "templates"))
            opening.load_line(rules, templates, Path(order["warm"]), automatic=order["automatic"])
            answer = {}
        else:
            answer = {"code": _ended(order["poll"], ended)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    sys.exit(0)


def _ended(pid: int, ended: dict[int, int]) -> int | None:
    if pid not in ended:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended.get(pid)


def remember_lines() -> None:
    """Have what was read once of the same rules and templates not be read again."""
    read, known = opening.load_line, {}

    def load_line(
        rules: Path | None,
        templates: Path | None,
        cache: Path,
        *,
        config: Config | None = None,
        **switches: bool,
    ) -> Line:
        base = defaults_dir()
        files = digest(rules or base / "rules", templates or base / "templates")
        folder = enclosure_folder(config) if config else None
        key = (files, folder, switches.get("shadow", False), switches.get("automatic", False))
        if key not in known:
            known[key] = read(rules, templates, cache, config=config, **switches)
        return known[key]

    opening.load_line = load_line


def become(order: dict[str, Any]) -> None:
    """Take on the order's arguments, environment, directory, files and limit."""
    files = (("/dev/null", os.O_RDONLY), (order["out"], os.O_WRONLY), (order["err"], os.O_WRONLY))
    for number, (path, flags) in enumerate(files):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    for wrapper, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        mode = "r" if number == 0 else "w"
        setattr(sys, wrapper, os.fdopen(number, mode, encoding="utf-8", closefd=False, buffering=1))
    sys.argv = ["mailbot", *order["argv"]]
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    if order["file_limit"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_limit"], resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))

    import mailbot.commands.explained
    import mailbot.commands.health
    import mailbot.commands.setup
    import mailbot.engines.local
    import mailbot.engines.once
    import mailbot.jobs.explanation
    import mailbot.steps.learn  # noqa: F401
    from mailbot.cli import main
    from mailbot.commands import opening
    from mailbot.config import Config, defaults_dir
    from mailbot.jobs.deliver import enclosure_folder
    from mailbot.line import Line
    from mailbot.rulebook import digest

    remember_lines()
    gc.freeze()
    become(serve())
    main()

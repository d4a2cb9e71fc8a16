"""The shipped counting rules, and a short way to write an instant in Paris."""

import tomllib
from datetime import datetime
from pathlib import Path

from mailbot.steps.deadlines import parse_rules
from mailbot.zone import PARIS

ROOT = Path(__file__).parent.parent.parent


def tables() -> dict[str, object]:
    """The merged tables of rules/delais.toml and rules/calendrier.toml."""
    merged: dict[str, object] = {}
    for name in ("delais.toml", "calendrier.toml"):
        merged |= tomllib.loads((ROOT / "rules" / name).read_text("utf-8"))
    return merged


RULES = parse_rules(tables())


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)

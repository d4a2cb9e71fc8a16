"""rules/exemples/corrections.jsonl: the mails that agents corrected, as examples that a lead can read and change."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from mailbot.edges import whole_file
from mailbot.ruleset.intents import Example

NAME = "corrections.jsonl"
_ADDRESS = re.compile(r"\S+@\S+")
_HIDDEN = "…"


def hide(text: str, name: str) -> str:
    """The text without mail addresses and without the words of its writer's name."""
    text = _ADDRESS.sub(_HIDDEN, text)
    for word in name.split():
        if len(word) > 2:
            text = re.sub(rf"\b{re.escape(word)}\b", _HIDDEN, text, flags=re.IGNORECASE)
    return text


def add(rules_dir: Path, examples: Sequence[Example]) -> Path:
    """Write these examples among the corrections, each in place of the one of the same id; the other lines stay as
    they are. Put in place at once."""
    path = rules_dir / "exemples" / NAME
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    new = {example.id: _line(example) for example in examples}
    kept = [new.pop(_id(line), line) for line in lines if line.strip()]
    text = "\n".join([*kept, *new.values()]) + "\n"
    whole_file.write(path, text.encode(), lambda new_file: new_file.chmod(0o644))
    return path


def _line(example: Example) -> str:
    return json.dumps(example.model_dump(exclude={"groupe"}), ensure_ascii=False)


def _id(line: str) -> str:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError):
        return ""

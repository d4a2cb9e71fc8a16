"""rules/intentions and rules/exemples → frozen values. The only reader of these files."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mailbot.errors import RuleError
from mailbot.ruleset.intents import Example, Recognition

_SPECIAL = ("_lexique", "_drapeaux", "_remedes")


def read_recognition(rules_dir: Path) -> Recognition:
    """Everything under rules/intentions. Raises RuleError (French) naming the file and the key."""
    folder = rules_dir / "intentions"
    files = sorted(path for path in folder.glob("[!.]*.toml") if path.stem not in _SPECIAL)
    if not files:
        raise RuleError(f"{folder} : aucune intention. Rétablissez ce dossier avec « mailbot init ».")
    data = {
        "intentions": [_intent(path) for path in files],
        "lexique": _toml(folder / "_lexique.toml"),
        "drapeaux": _named(folder / "_drapeaux.toml"),
        "remedes": _named(folder / "_remedes.toml"),
    }
    try:
        return Recognition.model_validate(data)
    except ValidationError as error:
        raise RuleError(f"{folder} : {_problem(error, files)}") from error


def read_examples(rules_dir: Path) -> tuple[Example, ...]:
    """Every labelled text of rules/exemples/*.jsonl, in the order of the files. Raises RuleError naming the line."""
    return tuple(
        _example(path, number, line)
        for path in sorted((rules_dir / "exemples").glob("[!.]*.jsonl"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if line.strip()
    )


def digest(rules_dir: Path) -> str:
    """SHA-256 over the names and bytes of every file the model depends on."""
    total = hashlib.sha256()
    for path in sorted(
        [*(rules_dir / "intentions").glob("[!.]*.toml"), *(rules_dir / "exemples").glob("[!.]*.jsonl")]
    ):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _intent(path: Path) -> dict[str, Any]:
    return {"id": path.stem, **_toml(path)}


def _named(path: Path) -> list[dict[str, Any]]:
    return [{"id": name, **table} for name, table in _toml(path).items()]


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise RuleError(f"{path} : fichier introuvable. Rétablissez-le avec « mailbot init ».") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{path} : lecture impossible ({error}).") from error


def _example(path: Path, number: int, line: str) -> Example:
    try:
        data = json.loads(line)
        if not isinstance(data, Mapping):
            raise RuleError(f"{path}, ligne {number} : un objet JSON est attendu.")
        return Example.model_validate({**data, "groupe": path.stem})
    except ValidationError as error:
        raise RuleError(f"{path}, ligne {number} : {_first(error)}") from error
    except json.JSONDecodeError as error:
        raise RuleError(f"{path}, ligne {number} : JSON incorrect au caractère {error.pos + 1}.") from error


def _problem(error: ValidationError, files: list[Path]) -> str:
    place = error.errors()[0]["loc"]
    if len(place) > 1 and place[0] == "intentions" and isinstance(place[1], int):
        return f"{files[place[1]].name}, {_first(error)}"
    return _first(error)


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    wrong = "clé inconnue" if first["type"] == "extra_forbidden" else first["msg"]
    return f"clé « {key} » : {wrong}"

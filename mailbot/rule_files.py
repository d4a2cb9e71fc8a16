"""Reads rule files: TOML → validated value, or a French sentence naming file, key path and nearest known word."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mailbot.config import explain_syntax, explain_validation
from mailbot.errors import RuleError, words
from mailbot.ruleset.exports import OrderExport

Value = TypeVar("Value", bound=BaseModel)


def raw_toml(path: Path) -> dict[str, Any]:
    """The tables of one file. Raises RuleError when it is absent, not UTF-8 or not TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise RuleError(f"{path} : fichier introuvable. Rétablissez-le avec « mailbot init ».") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path} : lecture impossible ({words(error)}).") from error
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path} : syntaxe TOML incorrecte {explain_syntax(error)}") from error


def read_toml(path: Path, kind: type[Value]) -> Value:
    """One file as one value. Raises RuleError."""
    return validate(path, kind, raw_toml(path))


def validate(path: Path, kind: type[Value], data: Mapping[str, Any]) -> Value:
    """`data` as a `kind`. Raises RuleError, one line for each thing that is wrong in the file."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        lines = explain_validation(error, kind)
        raise RuleError("\n".join(f"{path} : {line}" for line in lines)) from error


def read_folder(folder: Path, kind: type[Value]) -> tuple[Value, ...]:
    """Every <id>.toml of a folder, by name; the file's name is the id. Raises RuleError naming every bad file."""
    found: list[Value] = []
    problems: list[str] = []
    for path in sorted(folder.glob("[!.]*.toml")):
        try:
            found.append(_named(path, kind, path.stem))
        except RuleError as error:
            problems.append(str(error))
    refuse(problems)
    if not found:
        raise RuleError(f"{folder} : aucun fichier. Rétablissez ce dossier avec « mailbot init ».")
    return tuple(found)


def read_exports(rules_dir: Path) -> tuple[OrderExport, ...]:
    """The exports that the shop knows to read, rules/exports; none when there is no such folder. Raises RuleError."""
    folder = rules_dir / "exports"
    return read_folder(folder, OrderExport) if folder.is_dir() else ()


def read_tree(folder: Path, kind: type[Value]) -> tuple[Value, ...]:
    """Every <famille>/<nom>.toml below a folder; "famille/nom" is the id. Raises RuleError naming every bad file."""
    found: list[Value] = []
    problems: list[str] = []
    for path in sorted(folder.rglob("[!.]*.toml")):
        try:
            found.append(_named(path, kind, path.relative_to(folder).with_suffix("").as_posix()))
        except RuleError as error:
            problems.append(str(error))
    refuse(problems)
    return tuple(found)


def _named(path: Path, kind: type[Value], name: str) -> Value:
    data = raw_toml(path)
    if data.get("id", name) != name:
        raise RuleError(f"{path} : id : « {data['id']} » n'est pas le nom du fichier (« {name} »)")
    return validate(path, kind, {**data, "id": name})


def refuse(problems: list[str]) -> None:
    """Raise RuleError with all the problems, or return when there is none."""
    if problems:
        raise RuleError("\n".join(problems))

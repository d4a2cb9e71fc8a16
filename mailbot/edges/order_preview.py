"""A first look at an orders file of unknown kind: its columns and first rows; and a mapping written as a rule file."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mailbot.edges import csv_records, orders_file
from mailbot.errors import OrdersFileError
from mailbot.ruleset.exports import OrderExport

_LEAST, _LOOKED_AT, _MOST_WORDS = 3, 2_000, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`header`: the names of the columns; `rows`: the first rows, as wide as the header; `values`: column → its
    distinct values, of columns that have few."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    values: Mapping[str, tuple[str, ...]]

    @property
    def canonical(self) -> bool:
        """It has the columns that an orders file must have."""
        return {name.lower() for name in self.header} >= {*orders_file.REQUIRED}


def look(path: Path, rows: int = 10) -> Look:
    """The header is the first line with three names or more. Raises OrdersFileError (French) when there is none."""
    with csv_records.opened(path) as file:
        lines = list(islice(file, _LOOKED_AT))
    for number, line in enumerate(lines[: csv_records.PREAMBLE], start=1):
        separator, cells = csv_records.names_of(line)
        names = [name.strip() for name in cells]
        if sum(map(bool, names)) >= _LEAST:
            rest = io.StringIO("".join(lines[number:]), newline="")
            return _look(names, csv_records.records(rest, separator, len(names), number + 1), rows)
    raise OrdersFileError(
        "ce n'est pas un tableau : aucune des premières lignes ne nomme au moins trois colonnes. Exportez en CSV."
    )


def _look(names: Sequence[str], records: Iterable[tuple[int, list[str] | None]], most: int) -> Look:
    full = [cells for _, cells in records if cells and any(map(str.strip, cells))]
    wide = [tuple((*cells, *[""] * len(names))[: len(names)]) for cells in full]
    distinct = {
        name: tuple(sorted({cells[place].strip() for cells in wide if cells[place].strip()}))
        for place, name in enumerate(names)
        if name
    }
    few = {name: found for name, found in distinct.items() if 0 < len(found) <= _MOST_WORDS}
    return Look(header=tuple(names), rows=tuple(wide[:most]), values=few)


def as_toml(export: OrderExport) -> str:
    """The mapping as the text of rules/exports/<id>.toml."""
    lines = [
        "# Écrit depuis la page « Commandes », à l'import d'un fichier.",
        f"titre = {_toml(export.titre)}",
        f"canal = {_toml(export.canal)}",
        f"reconnait = {_toml(export.reconnait)}",
        f"formats = {_toml(export.formats)}",
        "",
        "[colonnes]",
        *(f"{name} = {_toml(columns)}" for name, columns in export.colonnes.items()),
    ]
    if export.ligne is not None:
        parts = export.ligne.model_dump().items()
        lines += ["", "[ligne]", *(f"{name} = {_toml(column)}" for name, column in parts if column)]
    for name, known in export.valeurs.items():
        lines += [
            "",
            f"[valeurs.{name}]",
            *(f"{_toml(word)} = {_toml(told)}" for word, told in known.items()),
        ]
    return "\n".join(lines) + "\n"


def _toml(value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(map(_toml, value))}]"

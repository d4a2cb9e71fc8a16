"""Reads the orders file (CSV) row by row: each row becomes an Order, or says in French why it cannot.

A file can be read or not as a whole (OrdersFileError); after that one broken row never stops the others.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from rapidfuzz import process

from mailbot.edges import csv_records, order_cells
from mailbot.errors import OrdersFileError
from mailbot.model import Line, Order

CHANNELS = frozenset(
    {
        "site",
        "amazon_fr",
        "cdiscount",
        "fnac",
        "rakuten",
        "ebay",
        "aliexpress",
        "manomano",
        "backmarket",
        "mirakl",
        "autre",
    }
)
REQUIRED = ("order_id", "channel", "placed_at")
_TEXT = (
    "status",
    "customer_name",
    "phone",
    "city",
    "country",
    "carrier",
    "tracking_number",
    "tracking_status",
    "delivery_proof",
    "fulfilment",
    "currency",
)
_MOMENTS = ("shipped_at", "delivered_at", "tracking_last_event_at", "ship_by", "refunded_at")
_DATES = ("estimated_delivery_min", "estimated_delivery_max")
_AMOUNTS = ("refund_amount", "total")
_NAMED = frozenset(
    {*REQUIRED, *_TEXT, *_MOMENTS, *_DATES, *_AMOUNTS, "customer_email", "postal_code", "lines"}
)


@dataclass(frozen=True, slots=True)
class Row:
    """A good row: its line number in the file (the header is line 1) and the order."""

    line: int
    order: Order


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that is skipped: its line number and the reason, in French."""

    line: int
    reason: str


def read(path: Path) -> Iterator[Row | BrokenRow]:
    """Every row of the file, in order, a few in memory at most. UTF-8 (BOM tolerated), UTF-16 with BOM, else
    Windows-1252; separator `,`, `;`, tab or `|`; the header stands in one of the first ten lines. Times without a zone
    are Europe/Paris. Raises OrdersFileError (French) when the file cannot be opened or lacks a required column."""
    with csv_records.opened(path) as file:
        number, separator, header = _header(path, file)
        for line, cells in csv_records.records(file, separator, len(header), number + 1):
            if cells is None:
                yield BrokenRow(line, "guillemet ouvert et jamais refermé")
            elif any(cell.strip() for cell in cells):
                yield _row(line, header, cells)


def _header(path: Path, file: TextIO) -> tuple[int, str, list[str]]:
    """The line that names the columns: its number, what separates its cells, the names."""
    best: list[str] = []
    for number, line in enumerate(islice(file, csv_records.PREAMBLE), start=1):
        separator, cells = csv_records.names_of(line)
        names = [name.strip().lower() for name in cells]
        if not {*REQUIRED}.difference(names):
            _check_doubles(path, names)
            return number, separator, names
        best = max(best, names, key=lambda some: (len({*REQUIRED}.intersection(some)), sum(map(bool, some))))
    if not any(best):
        raise OrdersFileError(
            f"{path} : le fichier est vide ou commence par des lignes vides ; la première ligne doit nommer "
            f"les colonnes ({', '.join(REQUIRED)}, ...)."
        )
    hints = [_missing_column(name, best) for name in REQUIRED if name not in best]
    raise OrdersFileError(f"{path} : " + " ; ".join(hints) + ".")


def _check_doubles(path: Path, header: Sequence[str]) -> None:
    if doubles := sorted({name for name in header if name and header.count(name) > 1}):
        raise OrdersFileError(f"{path} : colonne présente deux fois : {', '.join(doubles)}.")


def _missing_column(name: str, header: Sequence[str]) -> str:
    near = [
        match[0]
        for match in process.extract(name, [item for item in header if item], limit=3, score_cutoff=55)
    ]
    hint = (
        f" (colonnes proches : {', '.join(near)})"
        if near
        else f" (colonnes lues : {', '.join(header) or 'aucune'})"
    )
    return f"colonne obligatoire « {name} » absente{hint}"


def _row(line: int, header: Sequence[str], cells: Sequence[str]) -> Row | BrokenRow:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        return BrokenRow(
            line, f"{len(cells)} cellules pour {len(header)} colonnes (séparateur dans une valeur ?)"
        )
    facts = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name and cell.strip()}
    try:
        return Row(line, order(facts))
    except order_cells.BadCell as error:
        short = f" ({len(cells)} cellules pour {len(header)} colonnes : ligne décalée ?)"
        return BrokenRow(line, f"{error}{short if len(cells) < len(header) else ''}")


def order(facts: Mapping[str, str]) -> Order:
    """One order from its cells (contract §3), by column name; empty and absent cells are unknown (None).
    Raises BadCell (French) naming the column."""
    channel, original = _channel(order_cells.required(facts, "channel"))
    extra = {name: value for name, value in facts.items() if name not in _NAMED}
    if original:
        extra["channel_original"] = original
    values: dict[str, Any] = dict(_texts(facts))
    values |= {name: order_cells.moment(name, facts[name]) for name in _MOMENTS if name in facts}
    values |= {name: order_cells.day(name, facts[name]) for name in _DATES if name in facts}
    values |= {name: order_cells.amount(name, facts[name]) for name in _AMOUNTS if name in facts}
    if "customer_email" in facts:
        values["customer_email"] = facts["customer_email"].lower()
    return Order(
        order_id=order_cells.identifier(facts, "order_id"),
        channel=channel,
        placed_at=order_cells.moment("placed_at", order_cells.required(facts, "placed_at")),
        postal_code=order_cells.postal_code(facts.get("postal_code"), facts.get("country")),
        lines=_lines(facts.get("lines")),
        extra=extra,
        **values,
    )


def _texts(facts: Mapping[str, str]) -> dict[str, str]:
    texts = {name: facts[name] for name in _TEXT if name in facts}
    if "tracking_number" in texts:
        texts["tracking_number"] = order_cells.identifier(facts, "tracking_number")
    for name in ("status", "tracking_status", "delivery_proof", "fulfilment"):
        if name in texts:
            texts[name] = texts[name].lower()
    return texts


def nearest_channel(word: str) -> str | None:
    """The channel whose id looks most like this word, or None when none does."""
    found = process.extractOne(word.lower(), sorted(CHANNELS - {"autre"}), score_cutoff=70)
    return None if found is None else str(found[0])


def _channel(value: str) -> tuple[str, str | None]:
    known = value.lower().replace(" ", "_").replace("-", "_").replace(".", "_")
    return (known, None) if known in CHANNELS else ("autre", value)


def _lines(text: str | None) -> tuple[Line, ...]:
    if text is None:
        return ()
    try:
        items = json.loads(text, parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        raise order_cells.BadCell(f"lines : JSON incorrect au caractère {error.pos + 1}") from error
    except RecursionError as error:
        raise order_cells.BadCell("lines : JSON imbriqué sans fin") from error
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise order_cells.BadCell('lines : une liste [{"sku", "label", "qty", "unit_price"}] est attendue')
    return tuple(_line(item) for item in items)


def _line(item: Mapping[str, object]) -> Line:
    quantity = str(item.get("qty") or "1").removesuffix(".0")
    if not quantity.isdecimal():
        raise order_cells.BadCell(f"lines : quantité incorrecte « {quantity} »")
    price = item.get("unit_price")
    return Line(
        sku=str(item.get("sku") or ""),
        label=str(item.get("label") or ""),
        qty=int(quantity),
        unit_price=order_cells.exact("lines", str(price)) if price not in (None, "") else None,
    )

"""Exports of shop systems and marketplaces → the rows of the orders file, by the mappings of rules/exports."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from mailbot.edges import csv_records, order_cells, orders_file
from mailbot.edges.orders_file import BrokenRow, Row
from mailbot.ruleset.exports import OrderExport

_NOISE = re.compile(r"[\s_\-]+")
_DATES = frozenset(
    {"placed_at", "shipped_at", "delivered_at", "ship_by", "refunded_at", "tracking_last_event_at"}
    | {"estimated_delivery_min", "estimated_delivery_max"}
)
_MONTHS = {
    "janv": "Jan", "févr": "Feb", "fevr": "Feb", "mars": "Mar", "avr": "Apr", "mai": "May", "juin": "Jun",
    "juil": "Jul", "août": "Aug", "aout": "Aug", "sept": "Sep", "oct": "Oct", "nov": "Nov", "déc": "Dec", "dec": "Dec",
}  # fmt: skip
_MONTH = re.compile("(" + "|".join(_MONTHS) + r")\w*\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    """Which export a file is, its separator, and where its header stands (lines from 0)."""

    export: OrderExport
    separator: str
    header: int


@dataclass(slots=True)
class _Gathering:
    """One order while its rows are read."""

    line: int
    facts: dict[str, str] = field(default_factory=dict)
    items: list[dict[str, str]] = field(default_factory=list)
    broken: BrokenRow | None = None


def kind_of(path: Path, exports: Sequence[OrderExport]) -> OrderExport | None:
    """The export this file is, by its header; None for the canonical orders file and unknown ones. Raises
    OrdersFileError (French) when it cannot be read."""
    found = _recognise(_text(path), exports)
    return found.export if found else None


def read(path: Path, exports: Sequence[OrderExport]) -> Iterator[Row | BrokenRow]:
    """Every order of the file. A file of none of the `exports` is read as the canonical orders file, streamed; an
    export is gathered in memory, since the lines of one order may lie apart. Raises OrdersFileError (French)."""
    found = _recognise(_text(path, lines=csv_records.PREAMBLE), exports)
    if found is None:
        yield from orders_file.read(path)
    else:
        yield from _orders(_text(path), found)


def _text(path: Path, lines: int | None = None) -> str:
    with csv_records.opened(path) as file:
        return file.read() if lines is None else "".join(islice(file, lines))


def _recognise(text: str, exports: Sequence[OrderExport]) -> _Found | None:
    for number, line in enumerate(islice(io.StringIO(text, newline=""), csv_records.PREAMBLE)):
        separator, cells = csv_records.names_of(line)
        names = {_folded(name) for name in cells}
        for export in exports:
            if {_folded(name) for name in export.reconnait} <= names:
                return _Found(export, separator, number)
    return None


def _folded(name: str) -> str:
    return _NOISE.sub("", name).casefold()


def _orders(text: str, found: _Found) -> Iterator[Row | BrokenRow]:
    file = io.StringIO(text, newline="")
    *_, first = islice(file, found.header + 1)
    header = [_folded(name) for name in csv_records.names_of(first)[1]]
    gathered: dict[str, _Gathering] = {}
    last = ""
    for line, cells in csv_records.records(file, found.separator, len(header), found.header + 2):
        if cells is None:
            yield BrokenRow(line, "guillemet ouvert et jamais refermé")
            continue
        values = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
        if len(values) < 2:
            continue  # blank lines and the footers of some exports
        number = _first(values, found.export.colonnes["order_id"]) or last
        if not number:
            yield BrokenRow(line, "numéro de commande absent")
            continue
        last = number
        one = gathered.setdefault(number, _Gathering(line))
        try:
            _take(one, values, found.export)
        except order_cells.BadCell as error:
            one.broken = one.broken or BrokenRow(line, str(error))
    for one in gathered.values():
        yield one.broken or _order(one, found.export)


def _take(one: _Gathering, values: Mapping[str, str], export: OrderExport) -> None:
    for name, columns in export.colonnes.items():
        if name not in one.facts and (value := _fact(name, values, columns, export)):
            one.facts[name] = value
    if export.ligne is not None and (label := values.get(_folded(export.ligne.label))):
        one.items.append(_item(label, values, export))


def _fact(name: str, values: Mapping[str, str], columns: Sequence[str], export: OrderExport) -> str:
    known = export.valeurs.get(name)
    if known is None:
        return _first(values, columns)
    folded = {_folded(word): meaning for word, meaning in known.items()}
    told = (folded.get(_folded(value)) for column in columns if (value := values.get(_folded(column))))
    return next((meaning for meaning in told if meaning), "")


def _first(values: Mapping[str, str], columns: Sequence[str]) -> str:
    return next((value for column in columns if (value := values.get(_folded(column)))), "")


def _item(label: str, values: Mapping[str, str], export: OrderExport) -> dict[str, str]:
    line = export.ligne
    assert line is not None
    quantity = values.get(_folded(line.qty), "1") if line.qty else "1"
    item = {"sku": values.get(_folded(line.sku), "") if line.sku else "", "label": label, "qty": quantity}
    if line.unit_price and (price := values.get(_folded(line.unit_price))):
        item["unit_price"] = str(order_cells.amount("lines", price))
    elif line.montant and (price := values.get(_folded(line.montant))):
        number = int(quantity) if quantity.isdecimal() and int(quantity) else 1
        item["unit_price"] = str((order_cells.amount("lines", price) / number).quantize(Decimal("0.01")))
    return item


def _order(one: _Gathering, export: OrderExport) -> Row | BrokenRow:
    facts = {"channel": export.canal, **one.facts}
    if one.items:
        facts["lines"] = json.dumps(one.items, ensure_ascii=False)
    try:
        dated = {
            name: _date(name, value, export) if name in _DATES else value for name, value in facts.items()
        }
        return Row(one.line, orders_file.order(dated))
    except order_cells.BadCell as error:
        return BrokenRow(one.line, str(error))


def _date(name: str, value: str, export: OrderExport) -> str:
    """The date as ISO 8601 with its offset. Raises BadCell."""
    english = _MONTH.sub(lambda month: _MONTHS[month[1].lower()], value)
    for pattern in export.formats:
        try:
            found = datetime.strptime(english, pattern)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        zone = ZoneInfo(export.fuseau)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()
    moment = order_cells.moment(name, value)
    has_zone = value.endswith("Z") or "+" in value[10:] or "-" in value[11:]
    return (moment if has_zone else moment.replace(tzinfo=ZoneInfo(export.fuseau))).isoformat()

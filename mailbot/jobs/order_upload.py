"""An orders file that a person hands over: kept while its columns are matched, then imported."""

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from mailbot.config import Config, explain_validation
from mailbot.edges import order_exports, order_preview
from mailbot.edges.order_preview import Look
from mailbot.edges.orders_file import BrokenRow, Row
from mailbot.edges.store import Store, orders
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.orders import ImportReport
from mailbot.errors import OrdersFileError, RuleError, words
from mailbot.jobs.rule_drafts import folders_of
from mailbot.rule_files import read_exports
from mailbot.ruleset.exports import OrderExport

KEPT = timedelta(days=1)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_FOLDER = "commandes-deposees"
DATES = {
    "jour": ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y", "%d.%m.%Y"),
    "mois": ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%m/%d/%Y", "%m-%d-%Y"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as handed over. `kind`: the export it is recognised as; `look` of a file of unknown kind, None when it can
    be imported at once."""

    token: str
    path: Path
    kind: OrderExport | None
    look: Look | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """What a person says of the columns. `columns`: fact → column of the file; `items`: the same for the order's lines;
    `words`: fact → word of the file → ours; `dates`: a key of DATES."""

    title: str
    channel: str
    columns: Mapping[str, str]
    items: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    dates: str


def known_exports(config: Config) -> tuple[OrderExport, ...]:
    """The exports that are recognised. Raises RuleError (French)."""
    return read_exports(folders_of(config).rules)


def take_in(config: Config, data: bytes, now: datetime) -> Upload:
    """Keep the file for a day and say what it is. Raises OrdersFileError (French) when it is no table."""
    folder = config.storage.directory / _FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in folder.glob("*.csv"):
            if now.timestamp() - old.stat().st_mtime > KEPT.total_seconds():
                old.unlink(missing_ok=True)
        token = secrets.token_hex(16)
        path = folder / f"{token}.csv"
        path.write_bytes(data)
        path.chmod(0o600)
    except OSError as error:
        raise OrdersFileError(f"{folder} : écriture impossible ({words(error)}).") from error
    return _upload(config, token, path)


def handed_over(config: Config, token: str) -> Upload:
    """A file that was kept. Raises Impossible (French) when it is no longer there."""
    path = config.storage.directory / _FOLDER / f"{token}.csv"
    if not _TOKEN.fullmatch(token) or not path.is_file():
        raise Impossible("ce fichier n'est plus là (il est gardé un jour) : choisissez-le de nouveau.")
    return _upload(config, token, path)


def _upload(config: Config, token: str, path: Path) -> Upload:
    kind = order_exports.kind_of(path, known_exports(config))
    if kind is not None:
        return Upload(token=token, path=path, kind=kind, look=None)
    look = order_preview.look(path)
    return Upload(token=token, path=path, kind=None, look=None if look.canonical else look)


def bring_in(store: Store, upload: Upload, export: OrderExport | None, now: datetime) -> ImportReport:
    """Import the file, as the canonical orders file without an `export`, and forget it."""
    report = orders.import_file(store, upload.path, now, exports=(export,) if export else ())
    upload.path.unlink(missing_ok=True)
    return report


def export_of(wanted: ColumnMapping) -> OrderExport:
    """The mapping as a rule. Raises RuleError (French) for what is missing."""
    columns = {name: (column,) for name, column in wanted.columns.items() if column}
    told = {name: known for name, known in wanted.words.items() if known and name in columns}
    label = wanted.items.get("label")
    known = dict.fromkeys(
        [*(column for names in columns.values() for column in names), *filter(None, [label])]
    )
    raw = {
        "id": slug(wanted.title),
        "titre": wanted.title.strip(),
        "canal": wanted.channel,
        "reconnait": tuple(islice(known, 5)),
        "colonnes": columns,
        "ligne": {name: column for name, column in wanted.items.items() if column} if label else None,
        "valeurs": told,
        "formats": DATES.get(wanted.dates, ()),
    }
    if not raw["id"]:
        raise RuleError("donnez un nom à ce genre de fichier, par exemple « Prestashop, commandes ».")
    for name, title in (("order_id", "le numéro de commande"), ("placed_at", "la date de la commande")):
        if name not in columns:
            raise RuleError(f"dites quelle colonne donne {title}.")
    try:
        return OrderExport.model_validate(raw)
    except ValidationError as error:
        raise RuleError("\n".join(explain_validation(error, OrderExport))) from error


def first_rows(upload: Upload, export: OrderExport, count: int = 10) -> Sequence[Row | BrokenRow]:
    """The first orders as they would be read."""
    return list(islice(order_exports.read(upload.path, (export,)), count))


def slug(title: str) -> str:
    """A file name for a title: lower case, without accents, '_' between words."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", title.lower()) if sign.isascii())
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60]


def keep_export(config: Config, export: OrderExport) -> Path | None:
    """Write the mapping beside the others, so that the next such file is recognised; None when the rules are those that
    came with the program. Raises RuleError (French) when the name is taken or the folder cannot be written."""
    folders = folders_of(config)
    if config.rules_dir is None:
        return None
    path = folders.rules / "exports" / f"{export.id}.toml"
    if path.exists():
        raise RuleError(f"rules/exports/{path.name} existe déjà : donnez un autre nom.")
    new = path.with_name(f".{path.name}.nouveau")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(order_preview.as_toml(export), "utf-8")
        new.replace(path)
    except OSError as error:
        raise RuleError(f"{path} : écriture impossible ({words(error)}).") from error
    return path

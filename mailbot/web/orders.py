"""`/commandes`: look orders up, one order with its cases, and the import of a file, its columns matched if need be."""

from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import Response

from mailbot.edges.store import audit, order_list, orders, queue, search
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.orders import ImportReport
from mailbot.errors import OrdersFileError, RuleError
from mailbot.jobs import order_upload as job
from mailbot.jobs.order_upload import ColumnMapping, Upload
from mailbot.model import Order
from mailbot.ruleset.exports import OrderExport
from mailbot.steps.french import counted
from mailbot.web import render, words
from mailbot.web.order_words import FIELDS, ITEMS, LABELS, further, guess, meaning, value
from mailbot.web.routing import get, post
from mailbot.web.visit import Visit

_ELSEWHERE = frozenset({"order_id", "channel", "currency"})  # in the title, or beside the total
_SAID = {"status": words.ORDER_STATES, "tracking_status": words.PARCEL_STATES}


def listing(visit: Visit) -> Response:
    """Orders that fit the words, else the newest ones; and the form to import."""
    asked = visit.query.get("q", "").strip()[:200]
    found = search.find_orders(visit.store, asked, limit=50) if asked else order_list.newest(visit.store)
    return _list_page(visit, found, asked)


def _list_page(
    visit: Visit, found: list[Order], asked: str = "", *, why: str = "", status: int = 200
) -> Response:
    known = {one.titre.partition(",")[0] for one in job.known_exports(visit.office.config)}
    return render.page(
        visit, "orders", title="Commandes", status=status, orders=found, asked=asked, why=why, link=link,
        total=orders.count(visit.store), exports=sorted(known),
    )  # fmt: skip


def link(order: Order) -> str:
    """The page of an order."""
    return f"/commandes/{quote(order.channel, safe='')}/{quote(order.order_id, safe='')}"


def show(visit: Visit) -> Response:
    """Everything known of an order, and the cases about it."""
    channel, number = visit.request.path_params["canal"], visit.request.path_params["numero"]
    order = orders.get(visit.store, channel, number)
    if order is None:
        raise Impossible(f"la commande {number} ({channel}) n'est pas connue.")
    audit.write(visit.store, visit.now, visit.person.name, "commande_vue", detail=f"{channel} {number}")
    cases = queue.some(visit.store, search.cases_of_orders(visit.store, [order]), visit.person.accounts)
    told = {name: value(order, name) for name in LABELS if name not in _ELSEWHERE}
    if order.total is not None:
        told["total"] = words.money(order.total, order.currency)
    return render.page(
        visit, "order", title=f"Commande {number}", order=order, cases=cases, labels=LABELS,
        facts={name: text for name, text in told.items() if text}, more=further(order),
    )  # fmt: skip


def hand_over(visit: Visit) -> Response:
    """Import a file at once when it is known, else show how to match its columns."""
    file = visit.form.get("fichier")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Impossible("choisissez d'abord un fichier.")
    try:
        upload = job.take_in(visit.office.config, file.file.read(), visit.now)
        if upload.look is None:
            return _import(visit, upload, upload.kind, file.filename)
    except (OrdersFileError, RuleError) as error:
        return _list_page(visit, order_list.newest(visit.store), why=_plain(error, file.filename), status=409)
    return _mapping_page(visit, upload, _guessed(visit, upload, file.filename))


def _plain(error: Exception, name: str) -> str:
    """Without the place where the file is kept."""
    text = str(error)
    head, found, rest = text.partition(".csv : ")
    return f"{name} : {rest if found and '/' in head else text}"


def _import(visit: Visit, upload: Upload, export: OrderExport | None, name: str, saved: str = "") -> Response:
    report = job.bring_in(visit.store, upload, export, visit.now)
    _log(visit, name, report)
    return render.page(
        visit, "orders_report", title="Import", report=report, name=name, export=export, saved=saved,
        status=200 if report.imported or report.updated or not report.broken_count else 409,
    )  # fmt: skip


def _log(visit: Visit, name: str, report: ImportReport) -> None:
    said = (
        f"{name} : {counted(report.imported, 'nouvelle')}, "
        f"{counted(report.updated, 'mise à jour', 'mises à jour')}, {counted(report.broken_count, 'refusée')}"
    )
    audit.write(visit.store, visit.now, visit.person.name, "commandes_importees", detail=said)


def _guessed(visit: Visit, upload: Upload, name: str) -> ColumnMapping:
    """What the names of the columns suggest."""
    header = upload.look.header if upload.look else ()
    columns, items = guess(header, job.known_exports(visit.office.config))
    title = name.rpartition(".")[0] or name
    return ColumnMapping(title=title, channel="site", columns=columns, items=items, words={}, dates="jour")


def match(visit: Visit) -> Response:
    """The columns as a person matched them: show what would be read, or import (and keep the mapping)."""
    upload, name = job.handed_over(visit.office.config, visit.text("depot")), visit.text("nom") or "fichier"
    if upload.look is None:
        return _import(visit, upload, upload.kind, name)
    wanted = _mapping(visit)
    try:
        export = job.export_of(wanted)
        if visit.text("faire") != "importer":
            return _mapping_page(visit, upload, wanted, export)
        path = job.keep_export(visit.office.config, export) if visit.text("garder") else None
    except (RuleError, OrdersFileError) as error:
        return _mapping_page(visit, upload, wanted, why=str(error), status=409)
    if path is not None:
        audit.write(visit.store, visit.now, visit.person.name, "correspondance_gardee", detail=path.name)
    return _import(visit, upload, export, name, f"rules/exports/{path.name}" if path else "")


def _mapping(visit: Visit) -> ColumnMapping:
    known = {
        name: {
            word: visit.text(f"mot:{name}:{word}")
            for word in (key.split(":", 2)[2] for key in visit.form if key.startswith(f"mot:{name}:"))
            if visit.text(f"mot:{name}:{word}")
        }
        for name in _SAID
    }
    return ColumnMapping(
        title=visit.text("titre"), channel=visit.text("canal"), dates=visit.text("dates"), words=known,
        columns={name: visit.text(f"colonne:{name}") for name in FIELDS},
        items={name: visit.text(f"ligne:{name}") for name in ITEMS},
    )  # fmt: skip


def _mapping_page(
    visit: Visit,
    upload: Upload,
    wanted: ColumnMapping,
    export: OrderExport | None = None,
    *,
    why: str = "",
    status: int = 200,
) -> Response:
    look = upload.look
    to_say = {
        name: look.values.get(wanted.columns.get(name, ""), ())
        for name in _SAID
        if look and wanted.columns.get(name)
    }
    return render.page(
        visit, "orders_mapping", title="Colonnes", status=status, upload=upload, look=look, wanted=wanted, why=why,
        fields=FIELDS, items=ITEMS, said_words=_SAID, to_say=to_say, meaning=meaning,
        channels=visit.office.rulebook.channels,
        rows=job.first_rows(upload, export) if export else (), value=value, export=export,
        name=visit.text("nom") or wanted.title, editable=visit.office.config.rules_dir is not None,
    )  # fmt: skip


ROUTES = [
    get("/commandes", listing, role="lead"),
    post("/commandes/import", hand_over, role="lead"),
    post("/commandes/colonnes", match, role="lead"),
    get("/commandes/{canal}/{numero:path}", show, role="lead"),
]

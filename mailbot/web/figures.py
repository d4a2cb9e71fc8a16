"""The figures: `/chiffres` as charts with their tables, `/chiffres.csv` for a spreadsheet."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup
from starlette.responses import Response

from mailbot.jobs import figures as job
from mailbot.steps import charts
from mailbot.steps.french import NBSP
from mailbot.web import render
from mailbot.web.names import Names, names
from mailbot.web.routing import get
from mailbot.web.visit import Visit
from mailbot.zone import PARIS

PERIODS = {7: "7 jours", 30: "30 jours", 90: "90 jours", 365: "un an"}
_USUAL = 30
_MOST_BARS = 15
_PARCELS = "Colis des commandes passées dans la période ; la barre est la part arrivée après la date promise."
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One chart and its table twin. `id` names the CSV; `note` says in a sentence what is counted."""

    id: str
    title: str
    note: str
    chart: Markup | None
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def show(visit: Visit) -> Response:
    """All boards of the period."""
    days = _days(visit)
    found, called = _figures(visit, days), names(visit.office.rulebook)
    return render.page(
        visit, "figures", title="Chiffres", boards=_boards(found, called), days=days, periods=PERIODS,
        total=sum(one.received for one in found.days), leaving=found.leaving,
        recontact=_share(found.recontacted, found.followed), followed=found.followed,
    )  # fmt: skip


def table(visit: Visit) -> Response:
    """One board as CSV (UTF-8 with a mark, semicolons: what a French spreadsheet opens rightly)."""
    found, called = _figures(visit, _days(visit)), names(visit.office.rulebook)
    boards = {board.id: board for board in _boards(found, called)}
    board = boards.get(visit.query.get("tableau", ""))
    if board is None:
        return Response("Ce tableau n'existe pas.", 404, media_type="text/plain; charset=utf-8")
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerows([_safe(cell) for cell in row] for row in (board.head, *board.rows))
    headers = {"content-disposition": f'attachment; filename="mailbot-{board.id}.csv"'}
    return Response("\ufeff" + buffer.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _days(visit: Visit) -> int:
    asked = visit.query.get("jours", "")
    return int(asked) if asked.isdecimal() and int(asked) in PERIODS else _USUAL


def _figures(visit: Visit, days: int) -> job.Figures:
    midnight = visit.now.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    return job.figures(visit.store, _before(midnight, days - 1), visit.now, visit.now)


def _before(midnight: datetime, days: int) -> datetime:
    """The midnight of Paris so many days before, whatever the change of the hour."""
    day = midnight.date() - timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def _boards(found: job.Figures, called: Names) -> tuple[Board, ...]:
    return (
        _volume(found),
        _clocks(found),
        _replies(found.leaving),
        _ranking("situations", "Situations", "Mails par situation, du plus fréquent au plus rare.",
                 [(called.situation(name), count) for name, count in found.situations]),
        _ranking("canaux", "Canaux de vente", "Mails par canal de la commande.",
                 [(called.channel(name), count) for name, count in found.channels]),
        _carriers(found, called),
    )  # fmt: skip


def _volume(found: job.Figures) -> Board:
    labels = [one.day.strftime("%d/%m") for one in found.days]
    series = [("reçus", [one.received for one in found.days]), ("envoyées", [one.sent for one in found.days])]
    chart = charts.columns(
        "Mails reçus et réponses envoyées par jour", labels, series, every=_every(len(labels))
    )
    return Board(
        id="jours", title="Par jour", note="En bleu les mails reçus, en vert les réponses envoyées, en jours de Paris.",
        chart=Markup(chart),  # noqa: S704 - made by steps/charts.py, which escapes every label
        head=("Jour", "Mails reçus", "Réponses envoyées"),
        rows=tuple((one.day.isoformat(), str(one.received), str(one.sent)) for one in found.days),
    )  # fmt: skip


def _every(count: int) -> int:
    return max(1, count // 10)


def _clocks(found: job.Figures) -> Board:
    seen = Counter(one.label for one in found.answers)
    parts = [
        (
            one.label if seen[one.label] == 1 else f"{one.label} ({one.basis})",
            [one.kept, one.at_risk, one.missed, one.running],
        )
        for one in found.answers[:_MOST_BARS]
    ]
    names = ("tenues", "de justesse", "manquées", "en cours")
    chart = charts.bars(
        "Échéances tenues et manquées", [(name, list(map(float, v))) for name, v in parts], names
    )
    rows = tuple(
        (one.label, one.basis, str(one.kept), str(one.at_risk), str(one.missed), str(one.running), str(one.settled),
         _hours(one.median_hours))
        for one in found.answers
    )  # fmt: skip
    return Board(
        id="echeances", title="Échéances", chart=Markup(chart),  # noqa: S704
        note="Vert : tenues ; orange : de justesse, moins de 4 heures avant ; rouge : manquées ; gris : en cours. Un "
        "ticket clos à temps par un agent, sans mail, tient ses échéances : « réglées hors mail » dans le tableau.",
        head=("Échéance", "Fondement", "Tenues", "De justesse", "Manquées", "En cours", "dont réglées hors mail",
              "Délai médian"), rows=rows,
    )  # fmt: skip


def _hours(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f} h".replace(".", ",") if value < 48 else f"{value / 24:.1f} j".replace(".", ",")


def _replies(leaving: job.Leaving) -> Board:
    parts = (
        ("Envoyées telles quelles", leaving.as_is), ("Envoyées après retouche", leaving.edited),
        ("Envoyées seules", leaving.alone), ("Refusées", leaving.refused), ("Brouillons en attente", leaving.waiting),
        ("Sans brouillon (à un agent)", leaving.human), ("Classés sans réponse", leaving.filed),
    )  # fmt: skip
    chart = charts.bars("Ce que sont devenus les mails", [(name, [float(count)]) for name, count in parts])
    total = sum(count for _, count in parts)
    return Board(
        id="reponses", title="Réponses", note="Ce que sont devenus les mails de la période.",
        chart=Markup(chart),  # noqa: S704
        head=("", "Mails", "Part"),
        rows=tuple((name, str(count), _share(count, total)) for name, count in parts),
    )  # fmt: skip


def _ranking(name: str, title: str, note: str, found: Sequence[tuple[str, int]]) -> Board:
    chart = charts.bars(title, [(label, [float(count)]) for label, count in found[:_MOST_BARS]])
    total = sum(count for _, count in found)
    return Board(
        id=name, title=title, note=note, chart=Markup(chart) if found else None,  # noqa: S704
        head=(title, "Mails", "Part"),
        rows=tuple((label, str(count), _share(count, total)) for label, count in found),
    )  # fmt: skip


def _carriers(found: job.Figures, called: Names) -> Board:
    rows = tuple(
        (called.carrier(one.name), str(one.parcels),
         "–" if one.mean_days is None else f"{one.mean_days:.1f} j".replace(".", ","),
         _share(one.late, one.parcels), _share(one.troubles, one.parcels))
        for one in found.carriers
    )  # fmt: skip
    bars = [(called.carrier(one.name), [100 * one.late / one.parcels]) for one in found.carriers[:_MOST_BARS]]
    chart = charts.bars("Colis en retard, en pour cent", bars, unit=f"{NBSP}%")
    return Board(
        id="transporteurs", title="Transporteurs", chart=Markup(chart) if bars else None,  # noqa: S704
        note=_PARCELS + (
            f" Calculé sur une commande sur {found.parcels_every}, réparties sur les {found.orders} de la période."
            if found.parcels_every > 1 else ""
        ),
        head=("Transporteur", "Colis", "Délai moyen", "En retard", "Avec réclamation"), rows=rows,
    )  # fmt: skip


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


ROUTES = [get("/chiffres", show, role="lead"), get("/chiffres.csv", table, role="lead")]

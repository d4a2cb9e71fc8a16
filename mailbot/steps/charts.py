"""Charts as SVG text: no script, no inline style, classes only, so that a strict CSP and a dark mode hold."""

from collections.abc import Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 180, 34, 22, 8
_ROW = 24
_LABEL = 240


def columns(
    title: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], *, every: int = 1
) -> str:
    """Grouped columns, one group per label, one column per series (name, values); every `every`-th label is written.
    `title` is what a screen reader says. Empty input gives an empty chart."""
    top = _scale(max((value for _, values in series for value in values), default=0))
    inner = _WIDTH - _LEFT
    group = inner / max(len(labels), 1)
    bar = group * 0.8 / max(len(series), 1)
    parts = [_axis(top)]
    for number, (name, values) in enumerate(series):
        for place, value in enumerate(values):
            height = (_HEIGHT - _BOTTOM - _TOP) * value / top
            left = _LEFT + place * group + group * 0.1 + number * bar
            parts.append(
                f'<rect class="serie-{number + 1}" x="{left:.1f}" y="{_HEIGHT - _BOTTOM - height:.1f}" '
                f'width="{max(bar, 0.5):.1f}" height="{height:.1f}">'
                f"<title>{escape(labels[place])}, {escape(name)} : {_number(value)}</title></rect>"
            )
    for place in range(0, len(labels), max(every, 1)):
        middle = _LEFT + (place + 0.5) * group
        parts.append(
            f'<text class="legende" x="{middle:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">'
            f"{escape(labels[place])}</text>"
        )
    return _svg(title, _WIDTH, _HEIGHT, parts)


def bars(
    title: str,
    rows: Sequence[tuple[str, Sequence[float]]],
    names: Sequence[str] = ("",),
    unit: str = "",
) -> str:
    """Horizontal bars, one row per (label, parts); the parts of a row are stacked, `names` says what they are; `unit`
    follows every number."""
    most = max((sum(values) for _, values in rows), default=0) or 1
    scale = (_WIDTH - _LABEL - 50) / most
    parts = []
    for place, (label, values) in enumerate(rows):
        y, x = place * _ROW, float(_LABEL)
        parts.append(
            f'<text class="etiquette" x="{_LABEL - 8}" y="{y + 16}" text-anchor="end">{escape(_short(label))}'
            f"<title>{escape(label)}</title></text>"
        )
        for number, value in enumerate(values):
            name = f", {names[number]}" if number < len(names) and names[number] else ""
            parts.append(
                f'<rect class="serie-{number + 1}" x="{x:.1f}" y="{y + 4}" width="{value * scale:.1f}" '
                f'height="{_ROW - 8}"><title>{escape(label + name)} : {_number(value)}{unit}</title></rect>'
            )
            x += value * scale
        parts.append(f'<text class="valeur" x="{x + 6:.1f}" y="{y + 16}">{_number(sum(values))}{unit}</text>')
    return _svg(title, _WIDTH, max(len(rows), 1) * _ROW, parts)


def _svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg class="graphique" role="img" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _axis(top: float) -> str:
    lines = []
    for share in (0.0, 0.5, 1.0):
        y = _HEIGHT - _BOTTOM - (_HEIGHT - _BOTTOM - _TOP) * share
        lines.append(f'<line class="grille" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(
            f'<text class="legende" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f"{_number(top * share)}</text>"
        )
    return "".join(lines)


def _scale(most: float) -> float:
    """The next round number: 1, 2, 4, 10, 20, 40, 100..."""
    step = 1.0
    while True:
        for factor in (1, 2, 4):
            if most <= step * factor:
                return step * factor
        step *= 10


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.1f}".replace(".", ",")


def _short(label: str) -> str:
    return label if len(label) <= 32 else label[:31] + "…"

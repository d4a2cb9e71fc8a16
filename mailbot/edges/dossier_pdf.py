"""A readable PDF from a few lines of markup: `# title`, `## section`, `### part`, `| a | b`, `> quoted`, plain text."""

import io
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

_INK, _MUTED, _RULE = HexColor("#1c2430"), HexColor("#5b6675"), HexColor("#c9d1db")
_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=13, textColor=_INK, spaceAfter=3)
_STYLES = {
    "# ": ParagraphStyle("title", _BODY, fontName="Helvetica-Bold", fontSize=17, leading=21, spaceAfter=6),
    "## ": ParagraphStyle(
        "section", _BODY, fontName="Helvetica-Bold", fontSize=12, leading=16, spaceBefore=10, keepWithNext=1
    ),
    "### ": ParagraphStyle("part", _BODY, fontName="Helvetica-Bold", spaceBefore=6, keepWithNext=1),
    "> ": ParagraphStyle("quote", _BODY, leftIndent=8, textColor=_INK, spaceAfter=0),
}
_MARGIN = 20 * mm
_WIDTH = A4[0] - 2 * _MARGIN - 12  # a frame keeps 6 points on each side


def pdf(markup: str, title: str) -> bytes:
    """The document, A4. Characters outside Windows-1252 (the standard fonts' set) are shown as '?': the enclosed
    originals have them. The same markup gives the same bytes."""
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=title, invariant=1,
    )  # fmt: skip
    document.build(_flowables(markup), onFirstPage=_number, onLaterPages=_number)
    return buffer.getvalue()


def _flowables(markup: str) -> list[Flowable]:
    result: list[Flowable] = []
    rows: list[list[Paragraph]] = []
    for line in [*markup.splitlines(), ""]:
        if line.startswith("| "):
            rows.append([_paragraph(cell, _BODY) for cell in line[2:].split(" | ", 1)])
            continue
        if rows and line.strip():
            result.append(_table(rows))
            rows = []
        result += _line(line)
    if rows:
        result.append(_table(rows))
    return result


def _line(line: str) -> list[Flowable]:
    mark = next((mark for mark in _STYLES if line.startswith(mark)), None)
    if mark is not None:
        return [_paragraph(line[len(mark) :] or " ", _STYLES[mark])]
    return [_paragraph(line, _BODY)] if line.strip() else [Spacer(1, 3)]


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text.encode("cp1252", "replace").decode("cp1252")), style)


def _table(rows: list[list[Paragraph]]) -> Table:
    padded = [row if len(row) == 2 else [*row, _paragraph("", _BODY)] for row in rows]
    table = Table(padded, colWidths=[_WIDTH * 0.38, _WIDTH * 0.62], spaceAfter=4)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
    )
    return table


def _number(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(_MUTED)
    canvas.drawRightString(A4[0] - _MARGIN, 12 * mm, str(document.page))

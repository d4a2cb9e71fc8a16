"""The customer's mail as people see it: attachments as downloads, HTML made harmless and shown in a sandboxed frame."""

import binascii
import re
from dataclasses import dataclass
from urllib.parse import quote

import nh3
from starlette.responses import Response

from mailbot.edges.store import audit, cases, mails
from mailbot.edges.store.cases import StoredCase
from mailbot.edges.store.conflicts import Impossible
from mailbot.model import Mail
from mailbot.steps.headers import first
from mailbot.steps.mime import Part, Tree
from mailbot.steps.parse import parse
from mailbot.web.routing import get
from mailbot.web.visit import Visit

_FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox; report-uri /csp"
)
_FRAME_STYLE = (
    "<style>body{font:15px/1.5 system-ui,sans-serif;margin:10px;overflow-wrap:anywhere;color:#1a1f27;"
    "background:#fff}table{max-width:100%}blockquote{margin:0 0 0 8px;padding-left:10px;"
    "border-left:2px solid #c9d0da;color:#4c5664}</style>"
)
_TAGS = """a abbr b blockquote br code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre q s small span strong sub sup
table tbody td tfoot th thead tr u ul"""
_LARGEST_HTML = 1_000_000


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part to download: its number in the mail, its name, kind and size."""

    number: int
    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is kept of the mail beside its new text: None and nothing when its bytes are no longer kept."""

    mail: Mail | None
    attachments: tuple[Attachment, ...] = ()
    has_html: bool = False


def of_case(visit: Visit, case: StoredCase) -> Letter:
    """Read the kept bytes of a case's mail."""
    try:
        raw = mails.raw(visit.store, case.mail_id)
    except Impossible:
        return Letter(mail=None)
    book = visit.office.rulebook
    tree = Tree(raw.data)
    parts = _leaves(tree.root)
    found = tuple(
        Attachment(number, part.filename or f"piece-{number}", part.type, tree.attachment(part).size)
        for number, part in enumerate(parts)
        if _is_attachment(part)
    )
    return Letter(
        mail=parse(raw, book.channels, book.reading),
        attachments=found,
        has_html=_html_part(parts) is not None,
    )


def _leaves(part: Part) -> list[Part]:
    """The parts of a mail in their order; an attached mail is one part."""
    if not part.children or part.type == "message/rfc822":
        return [part]
    return [leaf for child in part.children for leaf in _leaves(child)]


def _is_attachment(part: Part) -> bool:
    return part.attached or bool(part.filename) or not part.type.startswith(("text/", "multipart/"))


def _html_part(parts: list[Part]) -> Part | None:
    return next((part for part in parts if part.type == "text/html" and not part.attached), None)


def seen(visit: Visit) -> StoredCase:
    """The case of the address, if this person may see it. Raises Impossible (French) otherwise: whoever may not see it
    does not learn that it is there."""
    case = cases.get(visit.store, visit.number())
    if not visit.person.sees(case.account):
        raise Impossible(f"le ticket {case.id} n'existe pas.")
    return case


def html(visit: Visit) -> Response:
    """The mail's own HTML, harmless: no script, no style, no picture, no link to follow."""
    tree = Tree(mails.raw(visit.store, seen(visit).mail_id).data)
    part = _html_part(_leaves(tree.root))
    if part is None:
        raise Impossible("ce mail n'a pas de version HTML.")
    body = (
        f"<!doctype html><meta charset='utf-8'><title>Mail</title>{_FRAME_STYLE}{harmless(tree.text(part))}"
    )
    headers = {"content-security-policy": _FRAME_POLICY, "x-frame-options": "SAMEORIGIN"}
    return Response(body, media_type="text/html; charset=utf-8", headers=headers)


def harmless(source: str) -> str:
    """Text, paragraphs, tables and quotes; everything else is taken out."""
    return nh3.clean(
        source[:_LARGEST_HTML],
        tags=set(_TAGS.split()),
        attributes={"td": {"colspan", "rowspan"}},
        link_rel=None,
    )


def attachment(visit: Visit) -> Response:
    """One part, always as a download of unknown kind: nothing in it runs here."""
    case = seen(visit)
    tree = Tree(mails.raw(visit.store, case.mail_id).data)
    parts = _leaves(tree.root)
    number = visit.number("part")
    if number >= len(parts) or not _is_attachment(parts[number]):
        raise Impossible("cette pièce jointe n'existe pas.")
    name = parts[number].filename or f"piece-{number}"
    audit.write(visit.store, visit.now, visit.person.name, "piece_telechargee", case_id=case.id, detail=name)
    return download(_decoded(tree, parts[number]), name)


def _decoded(tree: Tree, part: Part) -> bytes:
    """The whole part (the line's own reading stops at what a person would read)."""
    body = tree.data[part.start : part.end]
    encoding = first(part.fields, "content-transfer-encoding").strip().lower()
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    try:
        return binascii.a2b_base64(body) if encoding == "base64" else body
    except binascii.Error:
        return body


def original(visit: Visit) -> Response:
    """The mail as it came, to keep or to hand on."""
    case = seen(visit)
    audit.write(visit.store, visit.now, visit.person.name, "mail_telecharge", case_id=case.id)
    return download(mails.raw(visit.store, case.mail_id).data, f"ticket-{case.id}.eml")


def download(data: bytes, name: str) -> Response:
    """Bytes to save under a name, whatever signs the name has."""
    plain = re.sub(r"[^\w. -]", "_", name.encode("ascii", "replace").decode())[:120]
    said = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:200], safe='')}"
    return Response(data, media_type="application/octet-stream", headers={"content-disposition": said})


ROUTES = [
    get("/tickets/{number:int}/mail", html),
    get("/tickets/{number:int}/pieces/{part:int}", attachment),
    get("/tickets/{number:int}/original", original),
]

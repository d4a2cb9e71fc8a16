"""One sentence for the next page, kept in a signed cookie: what was done, or why it was not."""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from typing import Literal

from starlette.responses import RedirectResponse, Response

from mailbot.web import credentials
from mailbot.web.visit import Visit, own_path

COOKIE = "mailbot_mot"
Tone = Literal["fait", "erreur", "attention"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A sentence (French) and, when the act can be undone, the path to post to and for how many seconds."""

    text: str
    tone: Tone = "fait"
    undo: str = ""
    seconds: int = 0


def redirect(visit: Visit, path: str, said: Flash | None = None) -> Response:
    """Send the browser to a page of ours (303), which then shows `said`."""
    answer = RedirectResponse(own_path(path), 303)
    if said is not None:
        keep(visit, answer, said)
    return answer


def keep(visit: Visit, answer: Response, said: Flash) -> None:
    """Have the next page show `said`."""
    value = base64.urlsafe_b64encode(json.dumps(asdict(said)).encode()).decode()
    signed = f"{value}.{credentials.signature(visit.cookie, value)}"
    answer.set_cookie(
        COOKIE, signed, max_age=60, httponly=True, samesite="lax", secure=visit.office.web.secure
    )


def taken(visit: Visit) -> Flash | None:
    """What the page before wanted said, or None."""
    value, _, signed = visit.request.cookies.get(COOKIE, "").partition(".")
    if not value or not credentials.same(signed, credentials.signature(visit.cookie, value)):
        return None
    try:
        return Flash(**json.loads(base64.urlsafe_b64decode(value)))
    except (ValueError, TypeError, binascii.Error):
        return None

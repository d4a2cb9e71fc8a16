"""Pages from templates: everything is escaped, an unknown name is an error, nothing is inline."""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup
from starlette.responses import HTMLResponse

from mailbot.steps.french import NBSP, typography
from mailbot.web import deeds, flash, words
from mailbot.web.names import names
from mailbot.web.navigation import entries
from mailbot.web.visit import FORM_KEY, Visit

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
_MARKUP = re.compile(r"(\{[%{#].*?[%}#]\}|<(?:\{[%{#].*?[%}#]\}|[^>{]|\{(?![%{#]))*>)", re.DOTALL)


class _Typeset(Extension):
    """The words of our templates with French spaces, which do not break before : ; ? ! and inside « »."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """The same template; markup and expressions stay as they are."""
        pieces = _MARKUP.split(source)
        return "".join(
            piece if odd % 2 else typography(piece.replace("&nbsp;", NBSP))
            for odd, piece in enumerate(pieces)
        )


@cache
def _environment() -> Environment:
    world = Environment(
        loader=FileSystemLoader(HERE / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[_Typeset],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    world.globals.update(
        asset=asset,
        STATES=words.STATES,
        ACTIONS=words.ACTIONS,
        ROLES=words.ROLES,
        ORDER_STATES=words.ORDER_STATES,
        PARCEL_STATES=words.PARCEL_STATES,
    )
    world.filters.update(
        when=words.when,
        short=words.short,
        remaining=words.remaining,
        urgency=words.urgency,
        ago=words.ago,
        spoken=words.spoken,
        money=words.money,
        deed=deeds.told,
        typeset=typography,
    )
    return world


@cache
def asset(name: str) -> str:
    """The address of one of our own files; it changes with the content, so that browsers may keep it for ever."""
    mark = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"/assets/{name}?v={mark}"


def text_of(visit: Visit, template: str, **context: Any) -> str:
    """A template as text (for fragments)."""
    said: dict[str, Any] = {
        "visit": visit,
        "now": visit.now,
        "key": lambda: _key_field(visit),
        "names": names(visit.office.rulebook),
    }
    said |= context
    return _environment().get_template(f"{template}.html.j2").render(said)


def _key_field(visit: Visit) -> Markup:
    """What every form must hold: `{{ key() }}`."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FORM_KEY, visit.form_key)


def page(visit: Visit, template: str, *, title: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page in the common layout; every name in `context` is known to the template, with `visit` and `now`."""
    said = flash.taken(visit)
    common = {"title": title, "said": said, "entries": entries(visit), "here": visit.request.url.path}
    answer = HTMLResponse(text_of(visit, template, **common, **context), status)
    if said is not None:
        answer.delete_cookie(flash.COOKIE)
    return answer

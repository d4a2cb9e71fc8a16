"""What every answer says to the browser: nothing from elsewhere, no frame; and by what name we answer."""

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mailbot.config import Web
from mailbot.web.office import LOOPBACK

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; frame-src 'self'; report-uri /csp"
)
_ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


class SafeHeaders:
    """Adds the headers to every answer that has not set its own, and refuses names that are not ours (a page elsewhere
    whose name is made to lead to this machine)."""

    def __init__(self, app: ASGIApp, web: Web) -> None:
        self._app = app
        self._hosts = frozenset(_own_names(web))
        self._headers = dict(_ALWAYS)
        if web.secure:
            self._headers["strict-transport-security"] = "max-age=63072000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if self._hosts and _host(scope) not in self._hosts:
            refusal = PlainTextResponse("Ce nom ne mène pas à mailbot (voir [web] public_url).", 421)
            await refusal(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def _host(scope: Scope) -> str:
    """The name the browser called, without port."""
    name = Headers(scope=scope).get("host", "").lower()
    head, _, port = name.rpartition(":")
    return head if head and port.isdigit() else name


def _own_names(web: Web) -> Iterable[str]:
    """The names we answer to; none when we listen to everybody and were not told our name."""
    if web.public_url:
        public = web.public_url.partition("://")[2].partition("/")[0].lower()
        head, _, port = public.rpartition(":")
        return {head if head and port.isdigit() else public, *LOOPBACK}
    return LOOPBACK if web.host in LOOPBACK else ()

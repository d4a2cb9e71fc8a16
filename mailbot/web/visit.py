"""One request, as the pages see it: who asks, what for, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request

from mailbot.edges.store.connection import Store
from mailbot.edges.store.people import Person
from mailbot.edges.store.sessions import Session
from mailbot.web import credentials
from mailbot.web.office import Office

FORM_KEY = "jeton"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """`cookie` is the visitor's secret, known to the browser and us; `session` is None for who has not come in.
    `form` is the posted form, empty for a GET."""

    office: Office
    request: Request
    now: datetime
    cookie: str
    session: Session | None
    form: FormData = field(default_factory=FormData)

    @property
    def store(self) -> Store:
        """The database."""
        return self.office.store

    @property
    def person(self) -> Person:
        """Who asks; only for pages that ask for a role."""
        if self.session is None:
            raise LookupError("this page is open to everybody: there is no person")
        return self.session.person

    @property
    def form_key(self) -> str:
        """What every form of this visitor must carry (field FORM_KEY, or header X-Jeton)."""
        return credentials.signature(self.cookie, "formulaire")

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters behind the question mark."""
        return self.request.query_params

    def number(self, name: str = "number") -> int:
        """A number of the path."""
        return int(self.request.path_params[name])

    def text(self, name: str) -> str:
        """A field of the form, '' when it is absent; line ends as LF."""
        value = self.form.get(name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    def whole(self, name: str) -> int | None:
        """A field of the form as a number, or None."""
        value = self.text(name)
        return int(value) if value.isascii() and value.isdigit() else None

    @property
    def wants_json(self) -> bool:
        """True for our own JavaScript, which asks with a header that forms cannot send."""
        return "application/json" in self.request.headers.get("accept", "")

    def back(self) -> str:
        """The page of ours this request came from, as a path; the case it is about, or the queue, when that is not
        known."""
        about = self.request.url.path.split("/")
        otherwise = f"/tickets/{about[2]}" if about[1:2] == ["tickets"] and len(about) > 2 else "/"
        came = urlsplit(self.request.headers.get("referer", ""))
        if came.netloc != self.request.headers.get("host"):
            return otherwise
        return own_path(came.path + (f"?{came.query}" if came.query else ""), otherwise)


def own_path(path: str, otherwise: str = "/") -> str:
    """`path` when it leads to a page of ours, and nowhere else whatever a browser makes of it."""
    plain = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isascii() and path.isprintable()
    return path if plain and "\\" not in path else otherwise

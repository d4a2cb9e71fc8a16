"""A real OAuth 2.0 server on the loopback: device codes, codes with PKCE, lasting tokens that rotate, and what goes
wrong. Mail servers of tests ask it whether a token is good."""

import base64
import hashlib
import itertools
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

CLIENT = "application-de-test"
CLIENT_SECRET = "secret de l'application"
Answer = tuple[int, object]


class TokenServer:
    """Context manager. `life`: seconds of an access token; `rotates`: a lasting token is good for one use; `busy`: an
    HTTP status to answer with instead; `refusal`: the error for every lasting token from now on; `before`: answers to
    the next polls of a device code. `asked` holds the forms that came to /token, `good` the access tokens by user."""

    def __init__(
        self, *, life: float = 3600, rotates: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        self.life, self.rotates = life, rotates
        self.busy: int | None = None
        self.refusal: dict[str, str] | None = None
        self.before: list[str] = []
        self.asked: list[dict[str, str]] = []
        self.good: dict[str, tuple[str, float]] = {}
        self.lasting: dict[str, str] = {}
        self.codes: dict[str, tuple[str, str]] = {}
        self._devices: dict[str, str | None] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def settings(self, **changes: object) -> dict[str, object]:
        """A section [accounts.oauth] for this server."""
        return {
            "provider": "autre",
            "client_id": CLIENT,
            "token_url": f"{self.url}/token",
            "device_url": f"{self.url}/device",
            "scope": "mail",
            **changes,
        }

    def confirm(self, user: str) -> None:
        """The person types the code and accepts, as this user."""
        with self._lock:
            self._devices = dict.fromkeys(self._devices, user)

    def browse(self, asked: dict[str, str], user: str) -> str:
        """The person accepts in a browser; the code that goes back."""
        code = f"code-{next(self._numbers)}"
        self.codes[code] = (user, asked["code_challenge"])
        return code

    def last(self, user: str) -> str:
        """A new lasting token, as if the user had connected."""
        token = f"durable-{next(self._numbers)}"
        self.lasting[token] = user
        return token

    def forget_access(self) -> None:
        """No access token given so far is good any more."""
        self.good.clear()

    def user_of(self, token: str) -> str | None:
        """Whose access token it is, while it is good."""
        user, until = self.good.get(token, ("", 0.0))
        return user if time.time() < until else None

    def count(self, grant_type: str) -> int:
        """How often tokens were asked for in this way."""
        return sum(form.get("grant_type") == grant_type for form in self.asked)

    def _answer(self, path: str, form: dict[str, str]) -> Answer:
        with self._lock:
            if path == "/introspect":
                user = self.user_of(form.get("token", ""))
                return 200, {"active": user is not None, "username": user or ""}
            if self.busy:
                return self.busy, "occupé"
            if path == "/device":
                return self._device()
            if path != "/token":
                return 404, "rien ici"
            self.asked.append(form)
            return self._token(form)

    def _device(self) -> Answer:
        code = f"appareil-{next(self._numbers)}"
        self._devices[code] = None
        given = {"device_code": code, "user_code": "ABCD-EFGH", "verification_uri": f"{self.url}/ouvrir"}
        return 200, {**given, "expires_in": 900, "interval": 0.01}

    def _token(self, form: dict[str, str]) -> Answer:
        if form.get("client_id") != CLIENT or form.get("client_secret", CLIENT_SECRET) != CLIENT_SECRET:
            return _error("invalid_client")
        kind = form.get("grant_type", "")
        if kind == "client_credentials":
            return self._granted("application", lasting=None)
        if kind == "refresh_token":
            return self._renewed(form["refresh_token"])
        if kind == "authorization_code":
            user, challenge = self.codes.pop(form["code"], ("", ""))
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            fits = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
            return self._granted(user, self.last(user)) if user and fits else _error("invalid_grant")
        return self._polled(form)

    def _renewed(self, token: str) -> Answer:
        if self.refusal:
            return 400, self.refusal
        user = self.lasting.get(token)
        if user is None:
            return _error("invalid_grant")
        if self.rotates:
            del self.lasting[token]
            return self._granted(user, self.last(user))
        return self._granted(user, lasting=None)

    def _polled(self, form: dict[str, str]) -> Answer:
        if self.before:
            return _error(self.before.pop(0))
        user = self._devices.get(form.get("device_code", ""))
        return _error("authorization_pending") if user is None else self._granted(user, self.last(user))

    def _granted(self, user: str, lasting: str | None) -> Answer:
        token = f"acces-{next(self._numbers)}"
        self.good[token] = (user, time.time() + self.life)
        given = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
        return 200, given | ({"refresh_token": lasting} if lasting else {})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, said = answer(urlsplit(self.path).path, dict(parse_qsl(body.decode())))
                data = json.dumps(said).encode() if isinstance(said, dict) else str(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def _error(code: str) -> Answer:
    return 400, {"error": code, "error_description": f"{code} said the server.\r\nTrace ID: 1"}

"""A line between the service and the IMAP server on which something happens at a chosen command."""

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class ImapProxy:
    """Forwards everything; calls `hook` when a client's line holds `word`: 'before' the server hears that command, or
    'after' its answer has come and before the client hears it. Once, unless `again`. Use it in a `with`."""

    def __init__(
        self, target: int, word: str, when: str, hook: Callable[[], None], *, again: bool = False
    ) -> None:
        self.hit = False
        self._target, self._word, self._when, self._hook, self._again = target, word, when, hook, again
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                told = threading.Event()
                for source, sink, upward in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._pump, args=(source, sink, upward, told), daemon=True
                    ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, upward: bool, told: threading.Event) -> None:
        with source, contextlib.suppress(OSError):
            while data := source.recv(65536):
                if upward and self._word.encode() in data.upper() and (self._again or not self.hit):
                    self.hit = True
                    if self._when == "before":
                        self._hook()
                    else:
                        told.set()
                # a literal's "+ OK" is no answer yet
                if not upward and told.is_set() and not data.startswith(b"+"):
                    told.clear()
                    self._hook()
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

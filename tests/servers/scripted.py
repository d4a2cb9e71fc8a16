"""What the scripted servers share: one connection at a time, until the test is over."""

import socket
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Scripted(ABC):
    """Hands each connection to `_talk`. `heard`: what all of them have said. Context manager."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.heard: list[str] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            pass  # wakes accept()
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                if self._end.is_set():
                    return
                try:
                    self._talk(connection)
                except OSError:
                    continue

    @abstractmethod
    def _talk(self, connection: socket.socket) -> None:
        """Answer what one connection says, until it ends."""

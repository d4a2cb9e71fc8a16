"""The demonstration's mail server: pymap (IMAP, in memory) and aiosmtpd (SMTP), both on loopback, no root needed."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from mailbot.errors import NeedsHuman

USER, PASSWORD = "support@maison-lilas.example", "demo"
START_SECONDS = 30.0


@contextmanager
def imap_server() -> Iterator[int]:
    """An empty mailbox for USER/PASSWORD; yields its port."""
    port = _free_port()
    command = [sys.executable, "-W", "ignore", "-c", "from pymap.main import main; main()"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    command += ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            _await_port(port, process)
            yield port
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise NeedsHuman(
        "le serveur IMAP de démonstration n'a pas démarré. Installez ses paquets : pip install 'mailbot[demo]'."
    )


class Outbox:
    """What the demonstration's SMTP server accepted, in order."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one message."""
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def smtp_server() -> Iterator[tuple[int, Outbox]]:
    """A server that accepts everything and delivers nowhere; yields its port and what it got."""
    try:
        from aiosmtpd.controller import Controller
    except ImportError as error:
        raise NeedsHuman(
            "la démonstration demande ses paquets : pip install 'mailbot[demo]' (ou « make demo »)."
        ) from error
    outbox = Outbox()
    controller = Controller(outbox, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        yield controller.port, outbox
    finally:
        controller.stop()

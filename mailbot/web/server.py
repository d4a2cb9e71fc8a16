"""The pages as a thread of the service, or on their own: uvicorn on a socket that is opened beforehand."""

import asyncio
import socket
import threading

import uvicorn

from mailbot.config import Web
from mailbot.errors import NeedsHuman, words
from mailbot.web.app import create
from mailbot.web.office import Office

GRACE_SECONDS = 3
_LOOK_SECONDS = 0.1


def listen(web: Web) -> socket.socket:
    """The socket of the pages. Raises NeedsHuman (French) when the port cannot be had."""
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        return socket.create_server((web.host, web.port), family=family, backlog=200)
    except OSError as error:
        raise NeedsHuman(
            f"page des agents : {web.host}, port {web.port}, ne peut pas être ouvert ({words(error)}). "
            "Changez [web] port, ou arrêtez le programme qui l'occupe."
        ) from error


def serve(office: Office, listening: socket.socket, stop: threading.Event) -> None:
    """Answer until `stop` is set; what is being answered is finished within GRACE_SECONDS. The socket stays open, so
    that the pages can be started again after a bug."""
    settings = uvicorn.Config(
        create(office),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=True,
        proxy_headers=True,
        forwarded_allow_ips=list(office.web.trusted_proxies),
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=30,
    )
    asyncio.run(_serve(uvicorn.Server(settings), office, listening, stop))


async def _serve(
    server: uvicorn.Server, office: Office, listening: socket.socket, stop: threading.Event
) -> None:
    async def watch() -> None:
        while not stop.is_set():
            await asyncio.sleep(_LOOK_SECONDS)
        office.stop.set()
        server.should_exit = True

    watching = asyncio.ensure_future(watch())
    try:
        await server.serve([listening.dup()])
    finally:
        watching.cancel()

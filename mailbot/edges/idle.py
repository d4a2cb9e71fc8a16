"""Waiting for new mail with IDLE (RFC 2177) until the server has news, a flag is raised or time is up."""

import imaplib
import selectors
import threading
from typing import Any

from mailbot.edges.imap_types import Session

_SLICE_SECONDS = 0.5  # how late, at most, a raised stop flag is seen
_BREATH_SECONDS = 0.2
_RENEW_SECONDS = 28 * 60.0  # RFC 2177: servers may hang up after 30 minutes, clients renew before 29


def wait(client: Session, stop: threading.Event, seconds: float, renew: float = _RENEW_SECONDS) -> bool:
    """True as soon as the selected folder has grown, False when `stop` is set or `seconds` have gone by.

    imapclient's own idle_check is not used: it reads without blocking, so it fails on a line that comes in
    pieces and takes a closed connection for silence. Here the first byte ends the IDLE and the rest is read
    with the usual blocking reads. Raises what imaplib and the socket raise."""
    imap = client._imap
    waited = 0.0
    while waited < seconds and not stop.is_set():
        tag = _begin(imap)
        if "EXISTS" not in imap.untagged_responses and not _buffered(imap, client.socket()):
            waited += _watch(client.socket(), stop, min(renew, seconds - waited))
        _end(imap, tag)
        if imap.untagged_responses.pop("EXISTS", None):
            return True
        stop.wait(_BREATH_SECONDS)  # some servers chatter, and would have us begin anew all the time
        waited += _BREATH_SECONDS
    return False


def _begin(imap: Any) -> Any:
    # EXISTS left by an earlier command is news that IDLE will not repeat: it stays in untagged_responses.
    tag = imap._command("IDLE")
    while imap._get_response() is not None:
        if imap.tagged_commands[tag]:
            raise imaplib.IMAP4.error(f"IDLE refusé : {imap.tagged_commands.pop(tag)}")
    return tag


def _watch(sock: Any, stop: threading.Event, seconds: float) -> float:
    """Until a byte comes; the seconds waited, counted in slices (no clock is read)."""
    waited = 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while waited < seconds and not stop.is_set():
            if selector.select(min(_SLICE_SECONDS, seconds - waited)):
                break
            waited += _SLICE_SECONDS
    return waited


def _end(imap: Any, tag: Any) -> None:
    imap.send(b"DONE\r\n")
    while not imap.tagged_commands[tag]:
        imap._get_response()
    imap.tagged_commands.pop(tag)


def _buffered(imap: Any, sock: Any) -> bool:
    """Whether bytes after '+ idling' were read along with it: select() would never announce them."""
    if hasattr(imap, "_readbuf"):  # Python 3.14 reads without a file object
        return any(imap._readbuf) or bool(getattr(sock, "pending", int)())
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        return bool(imap.file.peek(1))
    except OSError:  # nothing there: ssl.SSLWantReadError, BlockingIOError
        return False
    finally:
        sock.settimeout(timeout)

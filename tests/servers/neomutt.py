"""A real mail program, NeoMutt, in a terminal of its own: what it is told to type is what an agent would type."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import stat
import struct
import termios
import time
from pathlib import Path

_SCREEN = struct.pack("HHHH", 40, 132, 0, 0)
_EDITOR = '#!/bin/sh\ncp "$1" "{seen}"\nif [ -s "{words}" ]; then cp "{words}" "$1"; fi\n'
_SETTINGS = """
set imap_user="{user}" imap_pass="{password}" folder="imap://127.0.0.1:{imap}/" spoolfile="+INBOX"
set postponed="+Drafts" record="+Sent" smtp_url="smtp://127.0.0.1:{smtp}/" ssl_starttls=no ssl_force_tls=no
set from="{user}" use_from=yes hostname="localhost" editor="{editor}" tmpdir="{home}"
set abort_unmodified=no abort_nosubject=no abort_noattach=no confirmappend=no confirmcreate=no
set fast_reply=yes include=yes
set delete=yes quit=yes postpone=yes recall=yes wait_key=no mail_check=0 header_cache="" message_cachedir=""
set charset="utf-8" send_charset="us-ascii:utf-8"
push "{keys}"
"""


class NeoMutt:
    """One agent's NeoMutt. `home` holds its settings and the words its editor writes."""

    def __init__(self, home: Path, *, user: str, password: str, imap_port: int, smtp_port: int) -> None:
        self._home = home
        self._told = {"user": user, "password": password, "imap": imap_port, "smtp": smtp_port}
        home.mkdir(exist_ok=True)

    @property
    def seen(self) -> str:
        """The text the editor was last opened on."""
        return (self._home / "seen").read_text("utf-8")

    def type(self, keys: str, words: str = "", *, seconds: float = 30) -> str:
        """Run until it ends by itself; `keys` in its own language (« <recall-message> »), ending with « <quit> »;
        `words`: what the agent writes over the text, '' to leave it. Returns what was on the screen."""
        (self._home / "words").write_text(words, "utf-8")
        editor = self._home / "editor.sh"
        editor.write_text(_EDITOR.format(seen=self._home / "seen", words=self._home / "words"), "utf-8")
        editor.chmod(stat.S_IRWXU)
        rc = self._home / "neomuttrc"
        rc.write_text(_SETTINGS.format(**self._told, editor=editor, home=self._home, keys=keys), "utf-8")
        pid, screen = pty.fork()
        if pid == 0:  # pragma: no cover - the program itself
            os.execvpe("neomutt", ["neomutt", "-n", "-F", str(rc)], self._surroundings())
        fcntl.ioctl(screen, termios.TIOCSWINSZ, _SCREEN)
        try:
            return _until_it_ends(screen, seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(screen)

    def _surroundings(self) -> dict[str, str]:
        own = {"HOME": str(self._home), "TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        return {"PATH": os.environ["PATH"], **own}


def _until_it_ends(screen: int, seconds: float) -> str:
    """Everything it printed. Raises AssertionError with that, when it does not end in time."""
    shown, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        if not select.select([screen], [], [], 0.2)[0]:
            continue
        try:
            part = os.read(screen, 1 << 16)
        except OSError:  # the terminal is gone with its program
            part = b""
        if not part:
            return shown.decode("utf-8", "replace")
        shown += part
    raise AssertionError(f"neomutt did not end:\n{shown.decode('utf-8', 'replace')[-2000:]}")

"""A private, real Dovecot on the loopback interface: started, killed and fed by tests.

Works as root and as an ordinary user. Any user name logs in with the password `PASSWORD`."""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from mailbot.config import Account, Security, Server

PASSWORD = "pass"
CERTS = Path(__file__).parent / "certs"
_BINARY = Path("/usr/sbin/dovecot")

_CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
disable_plaintext_auth = no
auth_mechanisms = plain login {tokens}
auth_failure_delay = 0
auth_username_chars =
mail_location = maildir:~/Maildir
mail_max_userip_connections = 200
first_valid_uid = 0
first_valid_gid = 0
postmaster_address = postmaster@localhost
default_vsz_limit = 1G
{identity}
{tls}
{imap_capability}
{token_passdb}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}
}}
service anvil {{
  chroot =
  client_limit = 1000
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps_port}
    ssl = {imaps_ssl}
  }}
}}
service lmtp {{
  {lmtp_user}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
"""

# Of XOAUTH2 and OAUTHBEARER; whoever holds a token asks the server that gave it (RFC 7662).
_TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {path}
}}
"""
_INTROSPECTION = """
introspection_mode = post
introspection_url = {url}
force_introspection = yes
active_attribute = active
active_value = true
username_attribute = username
"""

_SPECIAL = {"Drafts": "\\Drafts", "Sent": "\\Sent", "Trash": "\\Trash", "Junk": "\\Junk"}


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _mailbox(name: str, flag: str) -> str:
    use = f"    special_use = {flag}\n" if flag else ""
    return f'  mailbox "{name}" {{\n    auto = create\n{use}  }}'


class Dovecot:
    """Context manager. `special`: folder name → SPECIAL-USE flag ('' for none), created for every user.

    `idle=False` hides the IDLE capability; `certificate` is the stem of a pair in certs/, None switches TLS
    off; `capability` replaces the capability string of the server altogether; `introspection`: who says whether an
    access token is good (a URL), `mechanisms` how it may be put."""

    def __init__(
        self,
        *,
        idle: bool = True,
        special: dict[str, str] | None = None,
        certificate: str | None = "localhost",
        capability: str | None = None,
        introspection: str | None = None,
        mechanisms: str = "xoauth2 oauthbearer",
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="mailbot-dovecot-"))
        self.imap_port, self.imaps_port, self.lmtp_port = free_port(), free_port(), free_port()
        self._certificate = certificate
        self._special = _SPECIAL if special is None else special
        self._capability = capability
        self._introspection, self._mechanisms = introspection, mechanisms
        if not idle:
            self._capability = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE LITERAL+ UIDPLUS MOVE SPECIAL-USE"
        self._process: subprocess.Popen[bytes] | None = None
        self._uid, self._gid = (5000, 5000) if os.geteuid() == 0 else (os.getuid(), os.getgid())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def start(self) -> None:
        """Start and wait until it greets. Mail of an earlier run of this instance is kept."""
        for name in ("run", "state", "mail"):
            (self.home / name).mkdir(exist_ok=True)
        self.home.chmod(0o755)
        (self.home / "run").chmod(0o755)
        if os.geteuid() == 0:
            os.chown(self.home / "mail", self._uid, self._gid)
        (self.home / "dovecot.conf").write_text(self._config(), "utf-8")
        introspection = _INTROSPECTION.format(url=self._introspection)
        (self.home / "oauth2.conf").write_text(introspection, "utf-8")
        with (self.home / "stderr.log").open("ab") as errors:
            self._process = subprocess.Popen(
                [str(_BINARY), "-F", "-c", str(self.home / "dovecot.conf")],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        self._wait_for_greeting()

    def stop(self) -> None:
        """Orderly end."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
            self._kill_group()

    def kill(self) -> None:
        """As a power cut would: SIGKILL to the master and all its children, connections included."""
        self._kill_group()

    def deliver(self, message: bytes, user: str = "sav") -> None:
        """Hand a message over through LMTP, as the world does."""
        recipient = f"{user}@localhost"
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as client:
            client.sendmail("client@exemple.fr", [recipient], message)

    def drop(self, messages: list[bytes], user: str = "sav", folder: str = "", start: int = 0) -> None:
        """Put messages straight into the maildir (fast, and bytes that LMTP would alter survive).

        Files are named so that UIDs follow the order of the list; `folder` '' is the inbox."""
        maildir = self.maildir(user, folder)
        for number, message in enumerate(messages, start):
            path = maildir / "new" / f"{1_700_000_000 + number}.M{number}.test"
            path.write_bytes(message)
            self._own(path)

    def maildir(self, user: str = "sav", folder: str = "") -> Path:
        """The (created) maildir directory of a folder."""
        home = self.home / "mail" / user
        top = home / "Maildir" / (f".{folder}" if folder else "")
        for path in (home, home / "Maildir", top, *(top / part for part in ("cur", "new", "tmp"))):
            path.mkdir(exist_ok=True)
            self._own(path)
        return top

    def account(self, user: str = "sav", *, security: Security = "none", **changes: object) -> Account:
        """A mailbot account on this server; `changes` go to the IMAP server settings."""
        port = self.imaps_port if security == "tls" else self.imap_port
        settings = {"host": "127.0.0.1", "port": port, "security": security, "username": user}
        if security != "none":
            settings["ca_file"] = CERTS / "ca.pem"
        imap = Server.model_validate({"timeout_seconds": 10, **settings, **changes})
        return Account(name=user, address=f"{user}@localhost", imap=imap, smtp=imap)

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._uid, self._gid)

    def _config(self) -> str:
        me, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        as_root = os.geteuid() == 0
        tls = "ssl = no"
        if self._certificate:
            stem = CERTS / self._certificate
            tls = f"ssl = yes\nssl_cert = <{stem}.pem\nssl_key = <{stem}.key"
        return _CONFIG.format(
            home=self.home,
            password=PASSWORD,
            tokens=self._mechanisms if self._introspection else "",
            token_passdb=_TOKENS.format(path=self.home / "oauth2.conf") if self._introspection else "",
            uid=self._uid,
            gid=self._gid,
            imap_port=self.imap_port,
            imaps_port=self.imaps_port if self._certificate else 0,
            imaps_ssl="yes" if self._certificate else "no",
            lmtp_port=self.lmtp_port,
            tls=tls,
            identity=""
            if as_root
            else f"default_internal_user = {me}\ndefault_internal_group = {group}\ndefault_login_user = {me}",
            lmtp_user="" if as_root else f"user = {me}",
            imap_capability=f"imap_capability = {self._capability}" if self._capability else "",
            mailboxes="\n".join(_mailbox(name, flag) for name, flag in self._special.items()),
        )

    def _wait_for_greeting(self) -> None:
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.imap_port), 5) as probe:
                    if probe.recv(4) == b"* OK":
                        return
            except OSError:
                pass
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.05)
        logs = [path.read_text("utf-8", "replace") for path in self.home.glob("*.log")]
        raise RuntimeError("Dovecot did not come up:\n" + "\n".join(logs))

    def _kill_group(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

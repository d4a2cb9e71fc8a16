"""The lasting token of a mailbox that a person has connected: in a file of its own (0600) or in the keyring."""

import fcntl
import json
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mailbot.config import Account, Config, OAuth, client_secret
from mailbot.config.keyrings import Place
from mailbot.config.keyrings import read as read_keyring
from mailbot.config.keyrings import write as write_keyring
from mailbot.edges import whole_file
from mailbot.errors import ConfigError, MailbotError, SignedOut, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """`refusal`: why the server took the token no longer, and when it last said so; '' while it is good."""

    token: str = field(repr=False)
    client_id: str
    connected_at: datetime
    refusal: str = ""
    refused_at: datetime | None = None


def command(owner: str) -> str:
    """What the operator types to connect the account."""
    return f"mailbot connect {shlex.quote(owner)}"


def read(oauth: OAuth, owner: str) -> Stored:
    """The token of the account `owner`. Raises SignedOut (never connected, or for another application), ConfigError
    (cannot be read); French."""
    text = _text(oauth, owner)
    if text is None:
        raise SignedOut(
            f"compte « {owner} » : pas encore connecté par OAuth. Lancez : {command(owner)}", news=False
        )
    try:
        data = json.loads(text)
        refused = data.get("refused_at")
        stored = Stored(
            token=str(data["refresh_token"]),
            client_id=str(data["client_id"]),
            connected_at=datetime.fromisoformat(data["connected_at"]),
            refusal=str(data.get("refusal", "")),
            refused_at=datetime.fromisoformat(refused) if refused else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"compte « {owner} » : le jeton gardé dans {where(oauth)} est abîmé. Relancez : {command(owner)}"
        ) from error
    if stored.client_id != oauth.client_id:
        raise SignedOut(
            f"compte « {owner} » : client_id a changé depuis que ce compte est connecté. Relancez : {command(owner)}",
            news=False,
        )
    return stored


def write(oauth: OAuth, owner: str, stored: Stored) -> None:
    """Keep a token in place of the earlier one, whole or not at all. Raises ConfigError (French)."""
    data = {
        "refresh_token": stored.token,
        "client_id": stored.client_id,
        "connected_at": stored.connected_at.isoformat(),
    }
    if stored.refused_at is not None:
        data |= {"refusal": stored.refusal, "refused_at": stored.refused_at.isoformat()}
    text = json.dumps(data, ensure_ascii=False)
    if oauth.token_keyring:
        write_keyring(_place(oauth, owner), text)
        return
    path = _file(oauth)
    try:
        _make_folder(path.parent)
        whole_file.write(path, text.encode(), _give_to_owner)
    except OSError as error:
        raise ConfigError(
            f"compte « {owner} » : le jeton n'a pas pu être gardé dans {path} ({words(error)})."
        ) from error


def where(oauth: OAuth) -> str:
    """Where the token is, for a person."""
    return f"le trousseau, « {oauth.token_keyring} »" if oauth.token_keyring else str(_file(oauth))


@contextmanager
def alone(oauth: OAuth, owner: str) -> Iterator[None]:
    """No other process uses or replaces this account's token meanwhile: one that rotates is good for one use."""
    path = _file(oauth).with_suffix(".verrou")
    try:
        _make_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"compte « {owner} » : {path} inutilisable ({words(error)}).") from error
    try:
        _give_to_owner(path)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def not_connected(config: Config) -> list[tuple[Account, str, MailbotError]]:
    """The servers that cannot be signed in to by OAuth for want of a token or secret, as (account, "imap" or "smtp",
    what is missing)."""
    found: list[tuple[Account, str, MailbotError]] = []
    for account in config.accounts:
        if account.oauth is None:
            continue
        try:
            client_secret(account.oauth, account.name)
            if account.oauth.grant == "user":
                read(account.oauth, account.name)
        except MailbotError as error:
            servers = (("imap", account.imap), ("smtp", account.smtp))
            found += [(account, kind, error) for kind, server in servers if server.auth == "oauth"]
    return found


def _text(oauth: OAuth, owner: str) -> str | None:
    if oauth.token_keyring:
        return read_keyring(_place(oauth, owner))
    path = _file(oauth)
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"compte « {owner} » : le jeton gardé dans {path} ne se lit pas ({words(error)}). Le service doit pouvoir "
            "lire et remplacer ce fichier."
        ) from error


def _place(oauth: OAuth, owner: str) -> Place:
    return Place(
        service=oauth.token_keyring or "",
        username=owner,
        owner=owner,
        key="token_keyring",
        instead="token_file",
    )


def _file(oauth: OAuth) -> Path:
    if oauth.token_file is None:
        raise ValueError("a configuration that was not loaded from a file has no token_file")
    return oauth.token_file


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700)
        _give_to_owner(folder)


def _give_to_owner(path: Path) -> None:
    """What root connects, the service must be able to read: it gets the owner of the directory it lies in."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)

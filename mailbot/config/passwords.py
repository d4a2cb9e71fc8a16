"""Secrets, from where the configuration says they are: the environment, a file, the system keyring."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from mailbot.config import keyrings
from mailbot.config.oauth import OAuth
from mailbot.config.sections import Account, Config, Server
from mailbot.errors import ConfigError, words

_LINE_END = "\r\n"  # `echo secret > file`, or a variable filled from such a file


def password(server: Server, owner: str) -> str:
    """The secret of a server, from the environment, a file or the system keyring; a line's end behind it is no part
    of it.

    `owner` is the account's name, for the message. Raises ConfigError (French) when no source gives one."""
    if server.password_env:
        value = _from_environment(server.password_env, f"mot de passe de {server.host}", owner)
    elif server.password_file:
        value = _from_file(server.password_file, owner)
    elif server.password_keyring:
        value = _from_keyring(server.password_keyring, server.username or "", owner)
    else:
        raise ConfigError(
            f"compte « {owner} » : aucun mot de passe pour {server.host}. Renseignez password_env, password_file "
            "ou password_keyring."
        )
    return value


def client_secret(oauth: OAuth, owner: str) -> str | None:
    """The secret of the application that asks for access, from where the configuration says; None when it has none.
    Raises ConfigError (French)."""
    if oauth.client_secret_env:
        return _from_environment(oauth.client_secret_env, "secret de l'application OAuth", owner)
    if oauth.client_secret_file:
        return _from_file(oauth.client_secret_file, owner, "secret")
    if oauth.client_secret_keyring:
        return _from_keyring(oauth.client_secret_keyring, oauth.client_id, owner, "client_secret")
    return None


def without_password(config: Config) -> list[tuple[Account, str, ConfigError]]:
    """The servers whose secret is missing now, as (account, "imap" or "smtp", what is missing)."""
    found: list[tuple[Account, str, ConfigError]] = []
    for account in config.accounts:
        for kind, server in (("imap", account.imap), ("smtp", account.smtp)):
            if kind == "smtp" and not server.username:
                continue  # a server that asks for no log-in
            if server.auth == "oauth":
                continue
            try:
                password(server, account.name)
            except ConfigError as error:
                found.append((account, kind, error))
    return found


def exposed_files(config: Config) -> list[str]:
    """Files of passwords and tokens that other accounts of this machine can read, one French sentence each."""
    files = {
        server.password_file: None
        for account in config.accounts
        for server in (account.imap, account.smtp)
        if server.password_file and not server.password_env
    }
    oauths = [account.oauth for account in config.accounts if account.oauth]
    secrets = [one.client_secret_file for one in oauths if not one.client_secret_env]
    tokens = [one.token_file for one in oauths if not one.token_keyring]
    return list(_exposed(files | dict.fromkeys(path for path in (*secrets, *tokens) if path)))


def _exposed(files: dict[Path, None]) -> Iterator[str]:
    for path in files:
        try:
            mode = path.stat().st_mode
        except OSError:
            continue  # told where it is read
        if stat.S_IMODE(mode) & 0o007:
            yield f"{path} : d'autres comptes de cette machine peuvent le lire. Corrigez : chmod 600 {path}"


def _from_environment(name: str, what: str, owner: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise ConfigError(
            f"compte « {owner} » : la variable d'environnement {name} ({what}) n'est pas définie."
        )
    if not value.strip():
        raise ConfigError(f"compte « {owner} » : la variable d'environnement {name} ({what}) est vide.")
    return value.rstrip(_LINE_END)


def _from_file(path: Path, owner: str, what: str = "mot de passe") -> str:
    try:
        value = path.expanduser().read_text("utf-8-sig").rstrip(_LINE_END)
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"compte « {owner} » : fichier de {what} {path} illisible ({words(error)})."
        ) from error
    if not value.strip():
        raise ConfigError(f"compte « {owner} » : le fichier de {what} {path} est vide.")
    if "\n" in value:
        raise ConfigError(
            f"compte « {owner} » : le fichier de {what} {path} a plusieurs lignes ; une seule est attendue."
        )
    return value


def _from_keyring(service: str, username: str, owner: str, what: str = "password") -> str:
    instead = f"{what}_env ou {what}_file"
    place = keyrings.Place(
        service=service, username=username, owner=owner, key=f"{what}_keyring", instead=instead
    )
    value = keyrings.read(place)
    if value is None:
        raise ConfigError(
            f"compte « {owner} » : le trousseau ne contient rien pour « {service} » / « {username} ». Ajoutez-le : "
            f"keyring set {service} {username}"
        )
    return value

"""config.toml → frozen settings. The only module that reads the environment and secrets.

Unknown keys are errors that name the key and the nearest known one.
"""

import os
import re
import shlex
import sys
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mailbot.errors import ConfigError, words

Security = Literal["tls", "starttls", "none"]
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Server(_Section):
    """A host with its security. Exactly one of the password sources is used, in this order: password_env (name of an
    environment variable), password_file (path), password_keyring (service name in the system keyring)."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    security: Security = "tls"
    ca_file: Path | None = None
    allow_plain_text: bool = False
    username: str | None = None
    password_env: str | None = None
    password_file: Path | None = None
    password_keyring: str | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0

    @model_validator(mode="after")
    def _plain_text_is_deliberate(self) -> Self:
        if self.security == "none" and self.host not in LOOPBACK and not self.allow_plain_text:
            raise ValueError(
                f'security = "none" vers {self.host} enverrait le mot de passe en clair : choisissez "tls" ou '
                '"starttls", ou ajoutez allow_plain_text = true si vous l\'assumez'
            )
        return self


class AfterProcessing(_Section):
    """What to do to the mailbox once a mail is prepared. Nothing by default."""

    keyword: str | None = None
    flag_seen: bool = False
    move_to: str | None = None


class AccountDrafts(_Section):
    """What differs for one mailbox from the [drafts] section; absent keys follow it."""

    in_mailbox: bool | None = None
    folder: str | None = None
    watch_sent: bool | None = None


class Account(_Section):
    """One support mailbox: where it is read, how its replies leave."""

    name: str
    address: str
    sender_name: str = ""
    envelope_from: str | None = None
    imap: Server
    smtp: Server
    folders: tuple[str, ...] = ("INBOX",)
    start_from: Literal["now", "all"] | datetime = "now"
    poll_seconds: Annotated[int, Field(ge=5, le=86400)] = 60
    idle: bool = True
    max_message_mb: Annotated[float, Field(gt=0, le=500)] = 25.0
    save_sent: bool = True
    sent_folder: str | None = None
    after_processing: AfterProcessing = AfterProcessing()
    drafts: AccountDrafts = AccountDrafts()

    @model_validator(mode="after")
    def _start_is_aware(self) -> Self:
        if isinstance(self.start_from, datetime) and self.start_from.tzinfo is None:
            raise ValueError("start_from : ajoutez le fuseau horaire, par exemple 2026-11-01T00:00:00+01:00")
        return self


class Storage(_Section):
    """Where data lives: a directory (SQLite file, model cache) or an SQLAlchemy URL for PostgreSQL."""

    directory: Path = Path("donnees")
    url_env: str | None = None
    url: str | None = None
    keep_days: Annotated[int, Field(ge=1)] = 1095
    keep_raw_days: Annotated[int, Field(ge=1)] = 365


class Sending(_Section):
    """How approved replies leave. `shadow`: note which drafts would have left alone, for the report; sends nothing."""

    enabled: bool = True
    undo_seconds: Annotated[int, Field(ge=0, le=3600)] = 15
    automatic: bool = False
    shadow: bool = True
    max_attempts: Annotated[int, Field(ge=1, le=50)] = 12


class Drafts(_Section):
    """Drafts in the agents' ordinary mail client. `in_mailbox` writes into the mailbox, so it is off unless asked for;
    `watch_sent` only reads, and stops the clocks of what agents answer from there, so it is on."""

    in_mailbox: bool = False
    watch_sent: bool = True
    grace_minutes: Annotated[float, Field(ge=0, le=1440)] = 10.0


class Alarms(_Section):
    """Deadline alarms and troubles, by mail, as one digest per run; who is told when a deadline is missed."""

    to: tuple[str, ...] = ()
    escalation: tuple[str, ...] = ()
    every_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    no_fetch_minutes: Annotated[int, Field(ge=1)] = 15


class Orders(_Section):
    """A folder that is watched for orders files. Imported files move to its sub-folder `importes/`, files that cannot
    be read to `refuses/`."""

    import_folder: Path | None = None
    every_minutes: Annotated[int, Field(ge=1, le=1440)] = 5


class Attachments(_Section):
    """Files that go along with letters (rules/pieces_jointes.toml), from this folder only. Without it none do."""

    folder: Path | None = None
    max_mb: Annotated[float, Field(gt=0, le=25)] = 5.0


class Web(_Section):
    """The agents' desk in a browser. Without this section there is none. `public_url` is how people reach it when a
    proxy with TLS stands before it: cookies are then for https only."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8025
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    session_hours: Annotated[int, Field(ge=1, le=720)] = 12
    idle_minutes: Annotated[int, Field(ge=5, le=43200)] = 120
    second_approval_above: Annotated[float, Field(ge=0)] = 0.0

    @property
    def secure(self) -> bool:
        """True when people come by https."""
        return self.public_url.startswith("https://")

    @model_validator(mode="after")
    def _address_is_whole(self) -> Self:
        if self.public_url and not self.public_url.startswith(("https://", "http://")):
            raise ValueError(
                'public_url : une adresse complète est attendue, par exemple "https://sav.boutique.example"'
            )
        return self


class Config(_Section):
    accounts: tuple[Account, ...] = Field(min_length=1)
    storage: Storage = Storage()
    sending: Sending = Sending()
    drafts: Drafts = Drafts()
    alarms: Alarms = Alarms()
    orders: Orders = Orders()
    attachments: Attachments = Attachments()
    web: Web | None = None
    rules_dir: Path | None = None
    templates_dir: Path | None = None

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [account.name for account in self.accounts]
        if doubles := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"deux comptes portent le même nom : {', '.join(sorted(doubles))}")
        return self

    def drafts_in(self, account: Account) -> bool:
        """Whether drafts are shown in this account's own Drafts folder."""
        own = account.drafts.in_mailbox
        return self.drafts.in_mailbox if own is None else own

    def watches_sent(self, account: Account) -> bool:
        """Whether this account's Sent folder is read; always when drafts are shown in the mailbox."""
        own = account.drafts.watch_sent
        return self.drafts_in(account) or (self.drafts.watch_sent if own is None else own)


def load(path: Path) -> Config:
    """Read and validate a config file; relative paths in it are relative to the file.

    Raises ConfigError with a French message that names file, key and what to do."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path} : fichier introuvable. Créez-le avec « mailbot init ».") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} : lecture impossible ({words(error)}).") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} : syntaxe TOML incorrecte ({error}).") from error
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_explain(path, error)) from error
    return _absolute(config, path.resolve().parent)


def _absolute(config: Config, base: Path) -> Config:
    def fix(value: Path | None) -> Path | None:
        return None if value is None else base / value.expanduser()

    return config.model_copy(
        update={
            "rules_dir": fix(config.rules_dir),
            "templates_dir": fix(config.templates_dir),
            "storage": config.storage.model_copy(update={"directory": fix(config.storage.directory)}),
            "attachments": config.attachments.model_copy(update={"folder": fix(config.attachments.folder)}),
            "orders": config.orders.model_copy(update={"import_folder": fix(config.orders.import_folder)}),
        }
    )


def _explain(path: Path, error: ValidationError) -> str:
    return f"{path} : configuration refusée.\n" + "\n".join(
        f"  - {line}" for line in explain_validation(error, Config)
    )


def explain_validation(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """One French line per validation error: key path, what is wrong, and the nearest known key for unknown ones."""
    items: list[dict[str, Any]] = [dict(item) for item in error.errors()]
    # A list whose only items are wrong is also reported as too short: the items' own lines say it better.
    inner = {item["loc"][:depth] for item in items for depth in range(len(item["loc"]))}
    return [
        _explain_one(item, root) for item in items if item["type"] != "too_short" or item["loc"] not in inner
    ]


_FRENCH = {
    "missing": "clé obligatoire absente",
    "int_parsing": "un nombre entier est attendu",
    "int_type": "un nombre entier est attendu",
    "float_type": "un nombre est attendu",
    "float_parsing": "un nombre est attendu",
    "bool_type": "true ou false est attendu",
    "bool_parsing": "true ou false est attendu",
    "string_type": "un texte entre guillemets est attendu",
    "tuple_type": "une liste [ ... ] est attendue",
    "list_type": "une liste [ ... ] est attendue",
    "dict_type": "une table est attendue",
    "model_type": "une table est attendue",
    "too_short": "au moins un élément est attendu",
}


def _explain_one(item: Mapping[str, Any], root: type[BaseModel]) -> str:
    from rapidfuzz import process

    where = (
        ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in item["loc"]) or "fichier"
    )
    kind, context = item["type"], item.get("ctx") or {}
    if kind == "extra_forbidden":
        known = _known_keys(root, item["loc"][:-1])
        near = process.extractOne(str(item["loc"][-1]), known, score_cutoff=60)
        hint = (
            f" : vouliez-vous dire « {near[0]} » ?"
            if near
            else f". Clés connues : {', '.join(sorted(known))}"
        )
        return f"{where} : clé inconnue{hint}"
    if kind == "literal_error":
        return f"{where} : valeur {item['input']!r} inconnue, attendu {context.get('expected', '')}".replace(
            " or ", " ou "
        )
    if kind == "value_error":
        return f"{where} : {context.get('error', item['msg'])}"
    if kind in _FRENCH:
        return f"{where} : {_FRENCH[kind]}"
    if limits := {name: context[name] for name in ("ge", "gt", "le", "lt") if name in context}:
        signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
        return f"{where} : valeur hors limites (attendu {', '.join(f'{signs[k]} {v}' for k, v in limits.items())})"
    return f"{where} : {item['msg']}"


def _known_keys(root: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys the model allows at `path` (indices and unknown parts are passed over)."""
    model: Any = root
    for part in path:
        if isinstance(part, str) and model is not None and part in model.model_fields:
            model = _inner_model(model.model_fields[part].annotation)
    return list(model.model_fields) if model is not None else []


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (found := _inner_model(argument)) is not None:
            return found
    return None


def password(server: Server, owner: str) -> str:
    """The secret of a server, from the environment, a file or the system keyring.

    `owner` is the account's name, for the message. Raises ConfigError (French) when no source gives one."""
    if server.password_env:
        value = os.environ.get(server.password_env)
        if value is None:
            raise ConfigError(
                f"compte « {owner} » : la variable d'environnement {server.password_env} (mot de passe de "
                f"{server.host}) n'est pas définie."
            )
        return value
    if server.password_file:
        try:
            return server.password_file.expanduser().read_text("utf-8").rstrip("\r\n")
        except OSError as error:
            raise ConfigError(
                f"compte « {owner} » : fichier de mot de passe {server.password_file} illisible ({error})."
            ) from error
    if server.password_keyring:
        return _from_keyring(server.password_keyring, server.username or "", owner)
    raise ConfigError(
        f"compte « {owner} » : aucun mot de passe pour {server.host}. Renseignez password_env, password_file ou "
        "password_keyring."
    )


def _from_keyring(service: str, username: str, owner: str) -> str:
    try:
        import keyring
    except ImportError as error:
        raise ConfigError(
            f"compte « {owner} » : password_keyring demande le paquet « keyring » (pip install mailbot[keyring])."
        ) from error
    value = keyring.get_password(service, username)
    if value is None:
        raise ConfigError(
            f"compte « {owner} » : le trousseau ne contient rien pour « {service} » / « {username} »."
        )
    return str(value)


def database_url(storage: Storage) -> str:
    """The SQLAlchemy URL: storage.url_env, storage.url, else an SQLite file in storage.directory."""
    if storage.url_env:
        value = os.environ.get(storage.url_env)
        if not value:
            raise ConfigError(
                f"storage.url_env : la variable d'environnement {storage.url_env} n'est pas définie."
            )
        return value
    return storage.url or f"sqlite:///{storage.directory / 'mailbot.sqlite3'}"


def editor() -> list[str]:
    """The person's text editor as a command line ($VISUAL, $EDITOR, else nano)."""
    return shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "nano")


def graphical() -> bool:
    """True when a browser can be opened before the person's eyes."""
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(shown) or sys.platform in ("darwin", "win32")


def notify_socket() -> str | None:
    """Where systemd wants to be told (sd_notify), or None."""
    return os.environ.get("NOTIFY_SOCKET")


def watchdog_seconds() -> float | None:
    """systemd's watchdog period in seconds, or None."""
    value = os.environ.get("WATCHDOG_USEC", "")
    return int(value) / 1_000_000 if re.fullmatch(r"\d+", value) else None


def cache_home() -> Path:
    """Where `explain` keeps the trained model between two calls (XDG base directories)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mailbot"


def defaults_dir() -> Path:
    """The directory that holds the shipped rules/, templates/ and config.example.toml."""
    packaged = Path(__file__).parent / "_defaults"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent
